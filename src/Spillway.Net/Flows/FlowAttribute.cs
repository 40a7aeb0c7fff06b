namespace Spillway.Net.Flows;

/// <summary>
/// Something that was learned about a flow and is kept with it: the host of its first HTTP request, the server name of its TLS handshake, what
/// scripts add. A list through the attributes, in order of arrival.
/// </summary>
public sealed class FlowAttribute
{
    internal FlowAttribute(byte[] name, byte[] value)
    {
        NameBytes = name;
        ValueBytes = value;
    }

    /// <summary>Name, case-sensitive.</summary>
    public ReadOnlySpan<byte> Name => NameBytes;

    /// <summary>Value, as it came.</summary>
    public ReadOnlySpan<byte> Value => ValueBytes;

    /// <summary>The attribute that came next; null for the last.</summary>
    public FlowAttribute? Next { get; internal set; }

    internal byte[] NameBytes { get; }

    internal byte[] ValueBytes { get; set; }
}
