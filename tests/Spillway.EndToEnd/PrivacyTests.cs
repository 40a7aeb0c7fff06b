using System.Text.Json.Nodes;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>What a run writes holds what people did: it is its owner's, unless he says otherwise.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class PrivacyTests : IDisposable
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        OwnerDirectory = OwnerFile | UnixFileMode.UserExecute;

    private readonly Workspace _workspace = new();

    public PrivacyTests() => Recording.Of(Http.Get("/a.bin"), Http.Ok(Http.Noise(3000))).Save(_workspace.PathOf("a.pcap"));

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("", OwnerFile, OwnerDirectory)]
    [InlineData("--umask 027", OwnerFile | UnixFileMode.GroupRead, OwnerDirectory | UnixFileMode.GroupRead | UnixFileMode.GroupExecute)]
    public async Task Run_CreatesFilesForItsOwner_OrForWhomTheMaskLetsIn(string option, UnixFileMode file, UnixFileMode directory)
    {
        string script = _workspace.Write(
            "copy.lua",
            """
            TrisulPlugin = { id = { name = "c" }, filex_monitor = { onfile_http = function(engine, ts, flow, path) T.async:copy(path, T.args .. "/copied/x") end } }
            """
        );
        Outcome run = await Probe.Shell(
            _workspace,
            "umask 022; $spillway run -r a.pcap -o new/out -x new/files --packets new/packets --eve new/out/eve.json "
                + $"-s '{script}' --args '{_workspace.PathOf("new")}' -q {option}"
        );
        run.MustExit(0);

        Assert.All(
            Directory.GetDirectories(_workspace.PathOf("new"), "*", SearchOption.AllDirectories).Append(_workspace.PathOf("new")),
            path => Assert.Equal((path, directory), (path, File.GetUnixFileMode(path)))
        );
        string[] files = Directory.GetFiles(_workspace.PathOf("new"), "*", SearchOption.AllDirectories);
        foreach (string name in (string[])["spillway.db", "eve.json", "x"])
            Assert.Contains(files, path => Path.GetFileName(path) == name);
        Assert.True(files.Length >= 5, string.Join(' ', files));
        Assert.All(files, path => Assert.Equal((path, file), (path, File.GetUnixFileMode(path))));
    }

    [Theory]
    [InlineData("9")]
    [InlineData("088")]
    [InlineData("u=rw")]
    [InlineData("02777")]
    public async Task Umask_ThatIsNone_IsReported(string mask)
    {
        Outcome run = (await Probe.Run(_workspace, "-r", "a.pcap", "--umask", mask)).MustExit(2);

        Assert.Contains($"--umask '{mask}' is no mask", Assert.Single(run.Told), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Questions_OfWhatWasSent_ActOnNoTerminal()
    {
        Recording.Of(Http.Get("/=1+1", "\e]0;owned\a.example"), Http.Ok(Http.Noise(100))).Save(_workspace.PathOf("escapes.pcap"));
        (await Probe.Run(_workspace, "-r", "escapes.pcap", "-q")).MustExit(0);

        foreach (string form in (string[])["--csv", "--json"])
        {
            Outcome answer = (await Probe.Command(_workspace, "files", "-o", _workspace.Output, form)).MustExit(0);
            Assert.DoesNotContain(answer.Output, c => char.IsControl(c) && c is not ('\n' or '\r'));
        }
    }

    [Fact]
    public async Task Questions_AcrossAChangeOfTheClocks_TellWhichOfTwoHoursIsMeant()
    {
        Assert.SkipUnless(File.Exists("/usr/share/zoneinfo/Europe/Berlin"), "needs time zones");
        // 1,800 s apart from 2023-10-28 22:13:20 UTC: clocks in Berlin go back at 01:00 UTC.
        using (
            var writer = Spillway.Net.Capture.CaptureWriter.Create(_workspace.PathOf("clocks.pcap"), Spillway.Net.Capture.LinkType.Ethernet)
        )
        {
            for (int i = 0; i < 16; i++)
                writer.Write((1_698_531_200L + (i * 1800)) * 1_000_000_000, Datagram.OfUdp(0x0A000001, 4000, 0x0A000002, 53, "abc"u8));
        }

        (await Probe.Run(_workspace, "-r", "clocks.pcap", "-q")).MustExit(0);
        async Task<Outcome> Ask(string arguments) =>
            await Probe.Shell(_workspace, $"TZ=Europe/Berlin $spillway series aggregates TOTALBW -o out -m packets {arguments}");

        Outcome both = (await Ask("--from '2023-10-29 02:00' --to '2023-10-29 02:59' --json")).MustExit(0);
        string[] times =
        [
            .. both.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => (string)JsonNode.Parse(line)!["time"]!),
        ];
        Assert.Equal(["+02:00", "+02:00", "+01:00", "+01:00"], times.Select(time => time[^6..]));
        Outcome table = (await Ask("")).MustExit(0);
        Assert.Contains("+02:00 to ", table.Output, StringComparison.Ordinal);
        Assert.Contains("02:13:00 +01:00", table.Output, StringComparison.Ordinal);
        Outcome skipped = (await Ask("--from '2023-03-26 02:30'")).MustExit(1);
        Assert.Contains("'2023-03-26 02:30' does not exist", Assert.Single(skipped.Told), StringComparison.Ordinal);
    }
}
