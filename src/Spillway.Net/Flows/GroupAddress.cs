namespace Spillway.Net.Flows;

/// <summary>Addresses that stand for many hosts: they receive, and never send.</summary>
internal static class GroupAddress
{
    /// <summary>Whether an address is one of multicast (RFC 5771, RFC 4291 section 2.7) or broadcast (RFC 919).</summary>
    /// <param name="isBroadcastFrame">Whether a frame to this address went to all stations of its link: then an address that ends in 255 is
    /// the broadcast address of its network. Without that nobody but the network knows.</param>
    public static bool Is(UInt128 address, byte version, bool isBroadcastFrame)
    {
        if (version == 6)
            return (byte)(address >> 120) == 0xff;
        uint ipv4 = (uint)address;
        return ipv4 >> 28 == 0xe || ipv4 == uint.MaxValue || (isBroadcastFrame && (ipv4 & 0xff) == 0xff);
    }
}
