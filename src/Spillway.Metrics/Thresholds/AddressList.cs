using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Spillway.Net.Packets;

namespace Spillway.Metrics.Thresholds;

/// <summary>Addresses and networks as they stand in a file: any of them. Immutable.</summary>
public sealed class AddressList
{
    private readonly List<(UInt128 Network, byte Version, int HostBits)> _networks = [];

    private AddressList() { }

    /// <summary>Reads addresses and networks, separated by blanks; null if one is neither.</summary>
    public static AddressList? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var list = new AddressList();
        foreach (string item in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            int slash = item.IndexOf('/', StringComparison.Ordinal);
            if (!TryAddress(slash < 0 ? item : item[..slash], out UInt128 address, out byte version))
                return null;
            int bits = version == 6 ? 128 : 32,
                prefix = bits;
            if (
                slash >= 0
                && (!int.TryParse(item.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out prefix) || prefix > bits)
            )
                return null;
            list._networks.Add((address, version, bits - prefix));
        }

        return list._networks.Count > 0 ? list : null;
    }

    /// <summary>Whether an address, as flow keys hold it, is one of them.</summary>
    public bool Contains(UInt128 address, byte version)
    {
        foreach ((UInt128 network, byte of, int hostBits) in _networks)
        {
            // A shift by all 128 bits would shift by none.
            if (of == version && (hostBits == 128 || address >> hostBits == network >> hostBits))
                return true;
        }

        return false;
    }

    // .NET takes "1" and "10.1" for addresses; nobody means them.
    private static bool TryAddress(string text, out UInt128 address, out byte version)
    {
        (address, version) = (0, 0);
        if (!IPAddress.TryParse(text, out IPAddress? ip))
            return false;
        Span<byte> bytes = stackalloc byte[16];
        ip.TryWriteBytes(bytes, out _);
        version = ip.AddressFamily == AddressFamily.InterNetworkV6 ? (byte)6 : (byte)4;
        if (version == 4 && text.Count(c => c == '.') != 3)
            return false;
        address = version == 6 ? FlowKey.ReadIpv6(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return true;
    }
}
