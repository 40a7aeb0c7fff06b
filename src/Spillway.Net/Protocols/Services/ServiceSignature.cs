using System.Buffers.Binary;
using System.Globalization;
using Spillway.Net.Flows;

namespace Spillway.Net.Protocols.Services;

/// <summary>One line of a table of services: what their messages begin with.</summary>
internal sealed class ServiceSignature
{
    /// <summary>Bytes that a pattern may have: one number to compare.</summary>
    public const int PatternBytes = 8;

    private readonly ulong _mask;
    private readonly ulong _value;
    private readonly int _leastBytes;
    private readonly ushort _port;
    private readonly Check? _check;

    /// <summary>Creates a line.</summary>
    /// <param name="application">The service.</param>
    /// <param name="pattern">Hexadecimal bytes, <c>..</c> for any.</param>
    /// <param name="leastBytes">Bytes that a message has at least.</param>
    /// <param name="check">Looks at the rest; null if the pattern says enough.</param>
    /// <param name="port">The port that one end must have, where messages say too little; 0 for any.</param>
    public ServiceSignature(FlowApplications application, string pattern, int leastBytes, Check? check = null, ushort port = 0)
    {
        Application = application;
        string[] bytes = pattern.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] == "..")
                continue;
            int shift = 8 * (PatternBytes - 1 - i);
            _mask |= 0xffUL << shift;
            _value |= ulong.Parse(bytes[i], NumberStyles.HexNumber, CultureInfo.InvariantCulture) << shift;
        }

        _leastBytes = Math.Max(leastBytes, bytes.Length);
        _check = check;
        _port = port;
    }

    /// <summary>Looks at a message that begins as the pattern says.</summary>
    internal delegate bool Check(ReadOnlySpan<byte> data);

    /// <summary>The service.</summary>
    public FlowApplications Application { get; }

    /// <summary>The first bytes as a number.</summary>
    public static ulong HeadOf(ReadOnlySpan<byte> data)
    {
        if (data.Length >= PatternBytes)
            return BinaryPrimitives.ReadUInt64BigEndian(data);
        Span<byte> head = stackalloc byte[PatternBytes];
        head.Clear();
        data.CopyTo(head);
        return BinaryPrimitives.ReadUInt64BigEndian(head);
    }

    /// <summary>Whether a message is of the service.</summary>
    /// <param name="head">Its <see cref="HeadOf"/>.</param>
    /// <param name="data">The message.</param>
    /// <param name="flow">Its flow.</param>
    public bool Matches(ulong head, ReadOnlySpan<byte> data, Flow flow) =>
        (head & _mask) == _value
        && data.Length >= _leastBytes
        && (_port == 0 || flow.KeyReference.PortA == _port || flow.KeyReference.PortZ == _port)
        && (_check is null || _check(data));
}
