namespace Spillway.Launcher.Tests;

public sealed class SpillwayCommandTests : IDisposable
{
    private readonly Sandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task FirstStart_BuildsAndBecomesTheProgram()
    {
        string[] arguments = ["run", "two words", "", "*", "$HOME", "a\"b", "--", "-x"];

        Outcome first = await _sandbox.Spillway(arguments);

        string[] expected = [$"process {first.ProcessId}", _sandbox.Elsewhere, .. arguments.Select(argument => $"<{argument}>"), ""];
        Assert.Equal(expected, first.Output.Split('\n'));
        Assert.Equal("spillway: building Spillway (first run, about a minute)...\n", first.Error);
        Assert.Equal(0, first.ExitCode);
    }

    [Fact]
    public async Task SecondStart_BuildsNothingAndIsSilent()
    {
        await _sandbox.Spillway();

        Outcome second = await _sandbox.Spillway();

        Assert.Equal("", second.Error);
        Assert.Equal(1, _sandbox.Publishes);
    }

    [Theory]
    [InlineData("src/Spillway/Program.cs")]
    [InlineData("src/Spillway/Lua/api.lua")]
    [InlineData("Directory.Build.props")]
    [InlineData("global.json")]
    [InlineData("demo/sha1.lua")]
    public async Task SourceWritten_BuildsAgain(string file)
    {
        await _sandbox.Spillway();
        _sandbox.Write($"tree/{file}", "changed\n");

        Outcome next = await _sandbox.Spillway();

        Assert.Equal("spillway: sources changed, building...\n", next.Error);
        Assert.Equal(2, _sandbox.Publishes);
    }

    [Fact]
    public async Task SourceRemoved_BuildsAgain()
    {
        await _sandbox.Spillway();
        File.Delete(_sandbox.PathOf("tree/src/Spillway/Program.cs"));

        await _sandbox.Spillway();

        Assert.Equal(2, _sandbox.Publishes);
    }

    [Theory]
    [InlineData("obj/project.assets.json")]
    [InlineData("bin/Release/Spillway.dll")]
    public async Task OtherBuildsOutput_IsNoSource(string file)
    {
        _sandbox.Write($"tree/src/Spillway/{file}", "");
        await _sandbox.Spillway();
        _sandbox.Write($"tree/src/Spillway/{file}", "written again");

        await _sandbox.Spillway();

        Assert.Equal(1, _sandbox.Publishes);
    }

    [Fact]
    public async Task ProgramFails_ExitCodeIsThePrograms() =>
        Assert.Equal(3, (await _sandbox.Run(Path.Combine(_sandbox.Tree, "spillway"), [], programExitCode: 3)).ExitCode);

    [Fact]
    public async Task SymbolicLink_FindsItsTree()
    {
        File.CreateSymbolicLink(_sandbox.PathOf("link"), "tree/spillway");

        Outcome outcome = await _sandbox.Run(_sandbox.PathOf("link"), ["run"]);

        Assert.EndsWith("<run>\n", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TwoFirstStartsAtOnce_BuildOnce()
    {
        Outcome[] outcomes = await Task.WhenAll(_sandbox.Spillway("a"), _sandbox.Spillway("b"));

        Assert.Equal(["<a>", "<b>"], outcomes.Select(outcome => outcome.Output.TrimEnd().Split('\n')[^1]));
        Assert.Equal(1, _sandbox.Publishes);
    }

    [Fact]
    public async Task BuildFails_ShowsErrorsAndNeverRunsTheOldProgram()
    {
        await _sandbox.Spillway();
        _sandbox.Write("tree/src/Spillway/Program.cs", "broken");
        _sandbox.Switch("broken");

        Outcome outcome = await _sandbox.Spillway();

        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal("", outcome.Output);
        Assert.Equal(
            "spillway: sources changed, building...\nProgram.cs(1,1): error CS1002: ; expected\nspillway: the build failed\n",
            outcome.Error
        );
    }

    [Fact]
    public async Task BuildFailed_NextStartBuildsAgain()
    {
        _sandbox.Switch("broken");
        await _sandbox.Spillway();
        File.Delete(_sandbox.PathOf("stub/broken"));

        Assert.Equal(0, (await _sandbox.Spillway()).ExitCode);
    }

    [Fact]
    public async Task NoReadyToRunCompiler_BuildsWithoutAndRemembers()
    {
        _sandbox.Switch("no-compiler");

        Outcome first = await _sandbox.Spillway("x");
        _sandbox.Write("tree/src/Spillway/Program.cs", "changed");
        Outcome second = await _sandbox.Spillway("x");

        Assert.Equal(0, first.ExitCode);
        Assert.Contains("ready-to-run compiler is not to be had", first.Error, StringComparison.Ordinal);
        Assert.Equal("spillway: sources changed, building...\n", second.Error);
        Assert.Single(
            _sandbox.Log("dotnet.log"),
            line =>
                line.StartsWith("restore", StringComparison.Ordinal) && line.Contains("PublishReadyToRun=true", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task OldSdk_SaysWhatIsMissing()
    {
        _sandbox.Switch("no-sdk");

        Outcome outcome = await _sandbox.Spillway();

        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith("spillway: the .NET SDK 10 is missing; get it from ", outcome.Error, StringComparison.Ordinal);
        Assert.Single(outcome.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task LibrariesMissing_OrdinaryUser_SaysTheLineToType()
    {
        File.Delete(_sandbox.PathOf("libraries/libluajit-5.1.so.2"));
        File.Delete(_sandbox.PathOf("libraries/libpcap.so.0.8"));

        Outcome outcome = await _sandbox.Spillway();

        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal(
            "spillway: missing libluajit-5.1.so.2 libpcap.so.0.8; type: sudo apt-get install libluajit-5.1-2 libpcap0.8\n",
            outcome.Error
        );
        Assert.Empty(_sandbox.Log("apt.log"));
    }

    [Fact]
    public async Task LibraryMissing_Root_InstallsItOnce()
    {
        _sandbox.Switch("root");
        File.Delete(_sandbox.PathOf("libraries/libpcap.so.0.8"));

        Outcome first = await _sandbox.Spillway();
        Outcome second = await _sandbox.Spillway();

        Assert.StartsWith("spillway: installing libpcap.so.0.8 with apt-get (once)\n", first.Error, StringComparison.Ordinal);
        Assert.Equal((0, 0, ""), (first.ExitCode, second.ExitCode, second.Error));
        Assert.EndsWith(" libpcap0.8", Assert.Single(_sandbox.Log("apt.log")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task PackagesRenamedAndListsOld_InstallsWhatThisSystemHas()
    {
        _sandbox.Switch("root");
        _sandbox.Switch("stale");
        _sandbox.Write("stub/packages", "libluajit2-5.1-2 libluajit-5.1.so.2\nlibpcap0.8t64 libpcap.so.0.8\n");
        File.Delete(_sandbox.PathOf("libraries/libluajit-5.1.so.2"));
        File.Delete(_sandbox.PathOf("libraries/libpcap.so.0.8"));

        Outcome outcome = await _sandbox.Spillway();

        Assert.Equal(0, outcome.ExitCode);
        Assert.Single(_sandbox.Log("apt.log"), line => line.StartsWith("update", StringComparison.Ordinal));
    }

    [Fact]
    public async Task LibraryNotToBeHad_SaysWhyAndStops()
    {
        _sandbox.Switch("root");
        _sandbox.Write("stub/packages", "");
        File.Delete(_sandbox.PathOf("libraries/libpcap.so.0.8"));

        Outcome outcome = await _sandbox.Spillway();

        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal(
            """
            spillway: installing libpcap.so.0.8 with apt-get (once)
            E: Unable to locate package libpcap0.8t64
            spillway: could not install libpcap.so.0.8; type: apt-get update && apt-get install libpcap0.8

            """,
            outcome.Error
        );
    }

    [Fact]
    public async Task BareSystem_Root_InstallsWhatTheSdkNeedsAndBuilds()
    {
        TakeSdkNeeds("root");

        Outcome first = await _sandbox.Spillway();
        Outcome second = await _sandbox.Spillway();

        Assert.Equal((0, 0, ""), (first.ExitCode, second.ExitCode, second.Error));
        Assert.Equal(
            "spillway: building Spillway (first run, about a minute)...\nspillway: installing libicu libssl "
                + "ca-certificates with apt-get (once)\n",
            first.Error
        );
        Assert.Equal(["libicu76", "libssl3t64", "ca-certificates"], Installed());
    }

    [Fact]
    public async Task BareSystem_WithoutPackageLists_UpdatesThemFirst()
    {
        TakeSdkNeeds("root", "stale");

        Assert.Equal(0, (await _sandbox.Spillway()).ExitCode);
        Assert.Equal(["libicu76", "libssl3t64", "ca-certificates"], Installed());
    }

    [Fact]
    public async Task BareSystem_OrdinaryUser_NamesWhatIsMissingAndTheLineToType()
    {
        TakeSdkNeeds();

        Outcome outcome = await _sandbox.Spillway();

        Assert.Equal(2, outcome.ExitCode);
        Assert.EndsWith(
            "spillway: missing libicu libssl ca-certificates; type: sudo apt-get install libicu76 libssl3t64 ca-certificates\n",
            outcome.Error,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task OneOfTheSdkNeedsMissing_IsTheOneThatIsNamed()
    {
        TakeSdkNeeds();
        _sandbox.Write("libraries/libicuuc.so.76", "");
        _sandbox.Write("libraries/libssl.so.3", "");

        Assert.EndsWith(
            "spillway: missing ca-certificates; type: sudo apt-get install ca-certificates\n",
            (await _sandbox.Spillway()).Error,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task RestoreFailsForAnotherReason_ShowsTheToolsOwnLastError()
    {
        _sandbox.Switch("no-network");

        Outcome outcome = await _sandbox.Spillway();

        Assert.Equal(1, outcome.ExitCode);
        Assert.EndsWith(
            "spillway: the packages could not be restored (the first build needs the network): error NU1301: Name or "
                + "service not known (api.nuget.org:443)\n",
            outcome.Error,
            StringComparison.Ordinal
        );
        Assert.Empty(_sandbox.Log("apt.log"));
    }

    private void TakeSdkNeeds(params string[] switches)
    {
        foreach (string file in Sandbox.SdkNeeds)
            File.Delete(_sandbox.PathOf($"libraries/{file}"));
        foreach (string name in (string[])["needs-system", .. switches])
            _sandbox.Switch(name);
    }

    // The last attempts: those before met old package lists, or names that this system does not have.
    private IEnumerable<string> Installed() =>
        _sandbox
            .Log("apt.log")
            .Where(line => line.StartsWith("install ", StringComparison.Ordinal))
            .Select(line => line.Split(' ')[^1])
            .Where(package => package is not ("libssl3" or "libicu72"))
            .Distinct();
}
