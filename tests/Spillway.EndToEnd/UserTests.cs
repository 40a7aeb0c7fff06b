using System.Globalization;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>A start as root that becomes another user's process: real processes, in a network namespace of each test's own.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class UserTests
{
    private const int BodyBytes = 60_000;
    private const string CaptureOnly = "0000000000002000"; // CAP_NET_RAW

    [Fact]
    public async Task Threads_AfterTheInterfaceIsOpen_AreTheUsersAndOneMayCapture()
    {
        using var veth = new VethPair();
        using Workspace workspace = Open();
        using RunningProbe probe = Listen(workspace, veth, "nobody");
        await probe.Says("listening on v0");
        List<Dictionary<string, string>> threads =
        [
            .. Directory.GetDirectories($"/proc/{probe.Id}/task").Select(thread => Status(Path.Combine(thread, "status"))),
        ];
        await probe.Signal("TERM");
        (await probe.End()).MustExit(0);

        string user = NumberOf("nobody", "-u");
        string group = NumberOf("nobody", "-g");
        Assert.All(
            threads,
            thread =>
            {
                Assert.Equal(string.Join('\t', user, user, user, user), thread["Uid"]);
                Assert.Equal(string.Join('\t', group, group, group, group), thread["Gid"]);
                Assert.Equal(thread["CapEff"], thread["CapPrm"]);
                Assert.DoesNotContain("0", thread["Groups"].Split(' '));
            }
        );
        Assert.Equal(CaptureOnly, Assert.Single(threads.Select(thread => thread["CapEff"]), rights => rights.Any(c => c != '0')));
    }

    [Fact]
    public async Task InterfaceMadeAnew_IsCapturedAgainByTheUser_WhoOwnsWhatIsWritten()
    {
        using var veth = new VethPair();
        using Workspace workspace = Open();
        Recording traffic = Recording.Of(Http.Get("/one"), Http.Ok(Http.Noise(BodyBytes)));
        string packets = workspace.PathOf("packets");
        using RunningProbe probe = Listen(workspace, veth, "nobody:daemon", "--json", "--eve", "out/eve.json", "--packets", packets);
        await probe.Says("listening on v0");
        veth.Link("del", "v0");
        await probe.Says("interface 'v0' is gone");
        veth.Make();
        await probe.Says("interface 'v0' is up");
        veth.Send(traffic.Frames);
        await probe.Signal("TERM");
        Outcome run = (await probe.End()).MustExit(0);

        Assert.Equal(traffic.Count, run.Json["capture"]!["processed"]!.GetValue<long>());
        string[] written = [workspace.Output, packets, .. Directory.GetFiles(workspace.Output), .. Directory.GetFiles(packets)];
        Assert.Contains(Path.Combine(workspace.Output, "eve.json"), written);
        Assert.All(written, path => Assert.Equal("nobody:daemon", OwnerOf(path)));
    }

    [Theory]
    [InlineData("nobody-at-all", "error: there is no user 'nobody-at-all' for --user")]
    [InlineData("nobody:no-such-group", "error: there is no group 'no-such-group' for --user")]
    [InlineData("root", "error: --user root gives nothing up")]
    public async Task UnusableUser_IsOneLineAndLeavesNothingBehind(string user, string expected)
    {
        using var veth = new VethPair();
        using Workspace workspace = Open();
        using RunningProbe probe = Listen(workspace, veth, user);
        Outcome run = (await probe.End()).MustExit(1);

        Assert.StartsWith(expected, Assert.Single(run.Told), StringComparison.Ordinal);
        Assert.False(Directory.Exists(workspace.Output));
    }

    [Fact]
    public async Task User_WithoutAStartAsRoot_IsOneLine()
    {
        using var veth = new VethPair();
        using Workspace workspace = Open();
        using RunningProbe probe = Start(workspace, veth, ["setpriv", "--reuid", "nobody", "--clear-groups"], "daemon");
        Outcome run = (await probe.End()).MustExit(1);

        Assert.StartsWith("error: --user daemon needs a start as root", Assert.Single(run.Told), StringComparison.Ordinal);
    }

    [Fact]
    public async Task User_WhereRootMayNotChangeUsers_IsOneLine()
    {
        using var veth = new VethPair();
        using Workspace workspace = Open();
        using RunningProbe probe = Start(workspace, veth, ["setpriv", "--bounding-set", "-setuid"], "nobody");
        Outcome run = (await probe.End()).MustExit(1);

        Assert.StartsWith("error: cannot become user 'nobody': ", Assert.Single(run.Told), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OutputThatIsNotTheUsers_IsOneLineWithTheRemedy()
    {
        using var veth = new VethPair();
        using Workspace workspace = Open();
        Directory.CreateDirectory(workspace.Output);
        using RunningProbe probe = Listen(workspace, veth, "nobody");
        Outcome run = (await probe.End()).MustExit(1);

        Assert.StartsWith(
            $"error: user 'nobody' of --user cannot write to the output directory '{workspace.Output}': type chown -R nobody",
            Assert.Single(run.Told),
            StringComparison.Ordinal
        );
    }

    // Any user may look into it, and put files into the ram directory.
    private static Workspace Open()
    {
        var workspace = new Workspace();
        const UnixFileMode readable = (UnixFileMode)0x1ed; // rwxr-xr-x
        File.SetUnixFileMode(workspace.Root, readable);
        File.SetUnixFileMode(workspace.Ram, (UnixFileMode)0x3ff); // rwxrwxrwt
        return workspace;
    }

    private static RunningProbe Listen(Workspace workspace, VethPair veth, string user, params string[] arguments) =>
        Start(workspace, veth, [], user, arguments);

    private static RunningProbe Start(Workspace workspace, VethPair veth, string[] before, string user, params string[] arguments) =>
        Probe.Start(
            workspace,
            "ip",
            [
                .. veth.Inside,
                .. before,
                Probe.Executable,
                "run",
                "-i",
                "v0",
                "-f",
                "tcp",
                "--user",
                user,
                "-o",
                workspace.Output,
                "--ramfs",
                workspace.Ram,
                .. arguments,
            ]
        );

    private static Dictionary<string, string> Status(string path) =>
        File.ReadLines(path).Select(line => line.Split(':', 2)).ToDictionary(pair => pair[0], pair => pair[1].Trim());

    private static string NumberOf(string user, string what) => Ask("id", what, user);

    private static string OwnerOf(string path) => Ask("stat", "-c", "%U:%G", path);

    private static string Ask(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo(program, arguments) { RedirectStandardOutput = true }
        )!;
        string answer = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return answer.ToString(CultureInfo.InvariantCulture);
    }
}
