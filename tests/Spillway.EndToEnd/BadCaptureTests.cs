using System.IO.Compression;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>Captures that cannot be read, or not to their end: one line with the remedy, and the rest goes on.</summary>
public sealed class BadCaptureTests : IDisposable
{
    private readonly Workspace _workspace = new();
    private readonly string _good;

    public BadCaptureTests() => _good = Recording.Of(Http.Get("/whole"), Http.Ok(Http.Noise(5000))).Save(_workspace.PathOf("good.pcap"));

    public static TheoryData<string, int, string> Captures =>
        new()
        {
            { "missing.pcap", 1, "error: 'missing.pcap' does not exist: check the path" },
            { "text.pcap", 1, "error: cannot read 'text.pcap': it is a text file, not a capture (pcap or pcapng is needed)" },
            { "binary.pcap", 1, "(it begins with 0001020304050607; pcap or pcapng is needed)" },
            { "zip.pcap", 1, "it is zip-compressed; decompress it first" },
            { "empty.pcap", 1, "error: 'empty.pcap' is empty (0 bytes)" },
            { "header.pcap", 0, "warning: 'header.pcap' is a capture without packets" },
            { "cut.pcap", 1, "error: 'cut.pcap' is cut in mid-packet" },
            { "cut.pcap.gz", 1, "error: 'cut.pcap.gz' is cut in mid-packet" },
        };

    [Theory]
    [MemberData(nameof(Captures))]
    public async Task BadCapture_IsToldInOneLine_AndTheOthersAreRead(string name, int exitCode, string expected)
    {
        byte[] good = await File.ReadAllBytesAsync(_good);
        _workspace.Write("text.pcap", "This is no capture.\n");
        _workspace.Write("binary.pcap", [.. Enumerable.Range(0, 200).Select(i => (byte)i)]);
        _workspace.Write("zip.pcap", [.. "PK\x03\x04"u8, .. Http.Noise(100)]);
        _workspace.Write("empty.pcap", []);
        _workspace.Write("header.pcap", good.AsSpan(0, 24));
        _workspace.Write("cut.pcap", good.AsSpan(0, 1000));
        _workspace.Write("cut.pcap.gz", Gzip(good).AsSpan(0, 1500));

        Outcome run = (await Probe.Run(_workspace, "-r", name, "good.pcap", "-s", Probe.Script("sizes.lua"), "--json")).MustExit(exitCode);

        Assert.Contains(expected, Assert.Single(run.Told, line => !line.StartsWith('/')), StringComparison.Ordinal);
        Assert.Contains("/whole 5000", run.Prints);
        Assert.Contains(run.Json["warnings"]!.AsArray(), warning => run.Error.Contains((string)warning!, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("xz", "good.pcap.xz")]
    [InlineData("zstd", "good.pcap.zst")]
    [InlineData("bzip2", "any name")]
    [InlineData("lz4", "good.pcap.lz4")]
    public async Task Compressed_IsReadLikeFiles(string program, string name)
    {
        Assert.SkipUnless(Tool.IsThere(program), $"{program} is missing");
        Outcome run = (
            await Probe.Shell(
                _workspace,
                $"{program} -c good.pcap > '{name}'; head -c 2000 '{name}' > cut; "
                    + $"$spillway run '{name}' -q -s '{Probe.Script("sizes.lua")}' -o out --ramfs '{_workspace.Ram}'; "
                    + $"$spillway run cut -q -o cut-out --ramfs '{_workspace.Ram}'"
            )
        ).MustExit(1);

        Assert.Equal("/whole 5000\n", run.Output);
        Assert.StartsWith($"error: cannot read 'cut': {program} cannot decompress it: ", Assert.Single(run.Told), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compressed_WithoutItsProgram_NamesThePackage()
    {
        _workspace.Write("good.pcap.xz", [0xfd, .. "7zXZ\0"u8, .. Http.Noise(100)]);
        Outcome run = (
            await Probe.Shell(
                _workspace,
                $"spillway=\"$spillway\"; PATH=/nowhere $spillway run good.pcap.xz -q -o out --ramfs '{_workspace.Ram}'"
            )
        ).MustExit(1);

        Assert.Equal("error: 'good.pcap.xz' is xz-compressed, and xz is missing: apt-get install xz-utils\n", run.Error);
    }

    [Theory]
    [InlineData("gzip -c good.pcap > good.pcap.gz; $spillway run -r good.pcap.gz")]
    [InlineData("$spillway run -r - < good.pcap")]
    [InlineData("gzip -c good.pcap | $spillway run -r -")]
    [InlineData("cat good.pcap | $spillway run -r -")]
    public async Task Gzip_AndStandardInput_AreReadLikeFiles(string line)
    {
        Outcome run = (
            await Probe.Shell(_workspace, $"{line} -q -s '{Probe.Script("sizes.lua")}' -o out --ramfs '{_workspace.Ram}'")
        ).MustExit(0);

        Assert.Equal(("/whole 5000\n", ""), (run.Output, run.Error));
    }

    [Fact]
    public async Task Filter_ThatMatchesNothing_IsToldForEachCapture()
    {
        Outcome run = (await Probe.Run(_workspace, "-r", "good.pcap", "-f", "udp", "-q")).MustExit(0);

        Assert.Equal("warning: 'good.pcap' has no packets that match the filter 'udp'", Assert.Single(run.Told));
    }

    public void Dispose() => _workspace.Dispose();

    private static byte[] Gzip(byte[] data)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(data);
        return compressed.ToArray();
    }
}
