using System.Buffers.Binary;

namespace Spillway.Net.Protocols.Dhcp;

/// <summary>A DHCP message in place (RFC 2131), or one of BOOTP. Fields that it does not have are empty or 0. Allocates nothing.</summary>
public readonly ref struct DhcpMessage
{
    private const int OptionsAt = 240;
    private const uint Cookie = 0x63825363;
    private const byte Pad = 0,
        End = 255;

    private readonly ReadOnlySpan<byte> _bytes;

    private DhcpMessage(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Whether the client has sent it.</summary>
    public bool IsRequest => _bytes[0] == 1;

    /// <summary>The number that joins a request and its reply.</summary>
    public uint Id => UInt32(4);

    /// <summary>The address that the client has and uses (IPv4); 0 for none.</summary>
    public uint ClientAddress => UInt32(12);

    /// <summary>The address that the server gives.</summary>
    public uint YourAddress => UInt32(16);

    /// <summary>The next server.</summary>
    public uint ServerAddress => UInt32(20);

    /// <summary>The relay agent.</summary>
    public uint RelayAddress => UInt32(24);

    /// <summary>The client's hardware address, 6 bytes on Ethernet.</summary>
    public ReadOnlySpan<byte> HardwareAddress => _bytes.Slice(28, Math.Min((int)_bytes[2], 16));

    /// <summary>Type of message, 1 (discover) to 8 (inform); 0 for none.</summary>
    public int Type => Option(53) is [byte type, ..] ? type : 0;

    /// <summary>The client's host name; empty without one.</summary>
    public ReadOnlySpan<byte> HostName => Option(12).TrimEnd((byte)0);

    /// <summary>The address that the client asks for; 0 for none.</summary>
    public uint RequestedAddress => UInt32Of(50);

    /// <summary>Seconds of the lease; 0 if it does not say.</summary>
    public uint LeaseSeconds => UInt32Of(51);

    /// <summary>What the client is, as its maker calls it.</summary>
    public ReadOnlySpan<byte> VendorClass => Option(60);

    /// <summary>Whether DHCP is expected between two ports.</summary>
    public static bool IsExpected(ushort portA, ushort portZ) => portA is 67 or 68 && portZ is 67 or 68;

    /// <summary>Reads a message.</summary>
    /// <returns>False if it is none: too short, or with fields that none has.</returns>
    public static bool TryRead(ReadOnlySpan<byte> payload, out DhcpMessage message)
    {
        message = default;
        if (payload.Length < OptionsAt - 4 || payload[0] is not (1 or 2) || payload[2] > 16)
            return false;
        message = new DhcpMessage(payload);
        return true;
    }

    /// <summary>The content of an option (RFC 2132); empty without it. Its last place counts, as clients take it.</summary>
    public ReadOnlySpan<byte> Option(byte code)
    {
        if (_bytes.Length < OptionsAt || UInt32(OptionsAt - 4) != Cookie)
            return default;
        ReadOnlySpan<byte> rest = _bytes[OptionsAt..];
        ReadOnlySpan<byte> found = default;
        while (rest.Length >= 2 && rest[0] != End)
        {
            if (rest[0] == Pad)
            {
                rest = rest[1..];
                continue;
            }

            int length = rest[1];
            if (length + 2 > rest.Length)
                break;
            if (rest[0] == code)
                found = rest.Slice(2, length);
            rest = rest[(length + 2)..];
        }

        return found;
    }

    private uint UInt32(int offset) => BinaryPrimitives.ReadUInt32BigEndian(_bytes[offset..]);

    private uint UInt32Of(byte code) => Option(code) is { Length: 4 } value ? BinaryPrimitives.ReadUInt32BigEndian(value) : 0;
}
