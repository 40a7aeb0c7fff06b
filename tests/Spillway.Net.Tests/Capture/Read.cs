using Spillway.Net.Capture;

namespace Spillway.Net.Tests.Capture;

/// <summary>A copy of a packet that was read.</summary>
internal sealed record Read(long TimestampNs, int WireLength, LinkType LinkType, string Data)
{
    public static List<Read> All(CaptureFile file)
    {
        var result = new List<Read>();
        while (file.TryRead(out CapturedPacket packet))
            result.Add(new Read(packet.TimestampNs, packet.WireLength, packet.LinkType, Convert.ToHexString(packet.Data)));
        return result;
    }
}
