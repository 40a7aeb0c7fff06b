namespace Spillway.Launcher.Tests;

public sealed class TestCommandTests : IDisposable
{
    private readonly Sandbox _sandbox = new();

    public TestCommandTests()
    {
        foreach (string project in (string[])["Spillway.One.Tests", "Spillway.Two.Tests", "Spillway.EndToEnd"])
        {
            _sandbox.Write($"tree/tests/{project}/{project}.csproj", "<Project />\n");
        }
    }

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task AllPass_LastLineIsTheSum()
    {
        TestProgramsDo(Summary(total: 5, skipped: 1));

        Outcome outcome = await _sandbox.Test();

        Assert.Equal("12 passed, 0 failed, 3 skipped", LastLine(outcome));
        Assert.Equal(0, outcome.ExitCode);
    }

    [Fact]
    public async Task TestFails_IsShownAndCounted()
    {
        TestProgramsDo(
            $$"""
            if [ "$name" = Spillway.Two.Tests ]; then
              echo '    Subject_Condition_Outcome [FAIL]'
              {{Summary(total: 5, failed: 2)}}
              exit 1
            fi
            {{Summary(total: 5)}}
            """
        );

        Outcome outcome = await _sandbox.Test();

        Assert.Contains("Subject_Condition_Outcome [FAIL]", outcome.Output, StringComparison.Ordinal);
        Assert.Equal("13 passed, 2 failed, 0 skipped", LastLine(outcome));
        Assert.Equal(1, outcome.ExitCode);
    }

    [Theory]
    [InlineData("exit 134", "14 passed, 1 failed, 0 skipped")]
    [InlineData("kill -9 $$", "14 passed, 1 failed, 0 skipped")]
    [InlineData("exit 0", "14 passed, 1 failed, 0 skipped")]
    public async Task RunnerDies_CountsAsFailed(string end, string expected)
    {
        TestProgramsDo($"""[ "$name" != Spillway.EndToEnd ] || {end}{Environment.NewLine}{Summary(total: 7)}""");

        Outcome outcome = await _sandbox.Test();

        Assert.Equal(expected, LastLine(outcome));
        Assert.Equal(1, outcome.ExitCode);
    }

    [Fact]
    public async Task RunnerDiesAfterItsSummary_CountsAsFailed()
    {
        TestProgramsDo($"{Summary(total: 7)}{Environment.NewLine}exit 139");

        Assert.Equal("21 passed, 3 failed, 0 skipped", LastLine(await _sandbox.Test()));
    }

    [Fact]
    public async Task NoTests_CountsAsFailed()
    {
        TestProgramsDo(Summary(total: 0));

        Assert.Equal("0 passed, 3 failed, 0 skipped", LastLine(await _sandbox.Test()));
    }

    [Fact]
    public async Task BuildFails_RunsNoOldPrograms()
    {
        TestProgramsDo(Summary(total: 7));
        await _sandbox.Test();
        _sandbox.Switch("broken");

        Outcome outcome = await _sandbox.Test();

        Assert.Contains("error CS1002", outcome.Output, StringComparison.Ordinal);
        Assert.Equal("0 passed, 1 failed, 0 skipped", LastLine(outcome));
        Assert.Equal(1, outcome.ExitCode);
    }

    [Fact]
    public async Task ScriptWithSyntaxError_CountsAsFailed()
    {
        TestProgramsDo(Summary(total: 1));
        _sandbox.Write("tree/scripts/broken.sh", "if true; then\n");

        Outcome outcome = await _sandbox.Test();

        Assert.Contains("broken.sh: line 2: syntax error", outcome.Output, StringComparison.Ordinal);
        Assert.Equal("3 passed, 1 failed, 0 skipped", LastLine(outcome));
    }

    [Theory]
    [InlineData("One")]
    [InlineData("One.Tests")]
    [InlineData("Spillway.One.Tests")]
    public async Task NamedProject_IsTheOnlyOneThatRuns(string name)
    {
        TestProgramsDo(Summary(total: 4));

        Assert.Equal("4 passed, 0 failed, 0 skipped", LastLine(await _sandbox.Test(name)));
    }

    [Fact]
    public async Task UnknownName_IsWrongUsage()
    {
        Outcome outcome = await _sandbox.Test("Three");

        Assert.Equal((2, "spillway: no test project named Three; ./test --list names them\n"), (outcome.ExitCode, outcome.Error));
    }

    [Fact]
    public async Task List_NamesTheProjects() =>
        Assert.Equal("Spillway.EndToEnd\nSpillway.One.Tests\nSpillway.Two.Tests\n", (await _sandbox.Test("--list")).Output);

    [Fact]
    public async Task ContinuousIntegration_RunsTheSame()
    {
        TestProgramsDo(Summary(total: 2));

        Assert.Equal("6 passed, 0 failed, 0 skipped", LastLine(await _sandbox.Run(Path.Combine(_sandbox.Tree, ".ci/run"), [])));
    }

    private void TestProgramsDo(string script) => _sandbox.Write("stub/tests.sh", script + "\n");

    /// <summary>A shell command that prints what the test runner prints at its end.</summary>
    private static string Summary(int total, int failed = 0, int skipped = 0) =>
        $"echo \"   $name  Total: {total}, Errors: 0, Failed: {failed}, Skipped: {skipped}, Not Run: 0, Time: 0.1s\"";

    private static string LastLine(Outcome outcome) => outcome.Output.TrimEnd('\n').Split('\n')[^1];
}
