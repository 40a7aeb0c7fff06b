using Spillway.Net.Capture;

namespace Spillway.Fuzz;

/// <summary>The readers of capture files; an input is a file.</summary>
internal sealed class CaptureTarget : Target
{
    private const int LargestSeed = 16 << 10;

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"spillway-fuzz-{Environment.ProcessId}.pcap");

    public override IEnumerable<byte[]> SeedsFrom(Seeds seeds) =>
        seeds
            .Captures(LargestSeed)
            .Prepend(Convert.FromHexString("D4C3B2A1020004000000000000000000FFFF000001000000000000000000000004000000040000000A0B0C0D"));

    public override void Run(ReadOnlySpan<byte> input)
    {
        File.WriteAllBytes(_path, input);
        try
        {
            using CaptureFile file = CaptureFile.Open(_path);
            while (file.TryRead(out CapturedPacket packet))
                Trace.Note((int)packet.LinkType, packet.Data.Length);
            Trace.Note(1000 + (int)file.End);
        }
        catch (CaptureException)
        {
            Trace.Note(2000);
        }
        finally
        {
            File.Delete(_path);
        }
    }
}
