namespace Spillway.Net.Flows;

/// <summary>
/// Something that was learned about a flow and is kept with it: the host of its first HTTP request, the server name of its TLS handshake,
/// what scripts add. A list through the attributes, in order of arrival. Immutable, so that many flows to one host share it.
/// </summary>
public sealed class FlowAttribute
{
    private const int RecentEntries = 512;

    // The last that stood alone: most flows have one, and most values come again and again.
    [ThreadStatic]
    private static FlowAttribute?[]? _recent;

    private readonly byte[] _name;
    private readonly byte[] _value;

    private FlowAttribute(byte[] name, byte[] value, FlowAttribute? next)
    {
        _name = name;
        _value = value;
        Next = next;
    }

    /// <summary>Name, case-sensitive.</summary>
    public ReadOnlySpan<byte> Name => _name;

    /// <summary>Value, as it came.</summary>
    public ReadOnlySpan<byte> Value => _value;

    /// <summary>The attribute that came next; null for the last.</summary>
    public FlowAttribute? Next { get; }

    /// <summary>A list with that attribute alone.</summary>
    internal static FlowAttribute Single(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var hash = new HashCode();
        hash.AddBytes(name);
        hash.AddBytes(value);
        ref FlowAttribute? recent = ref (_recent ??= new FlowAttribute?[RecentEntries])[(uint)hash.ToHashCode() % RecentEntries];
        if (recent is null || !name.SequenceEqual(recent.Name) || !value.SequenceEqual(recent.Value))
            recent = new FlowAttribute(name.ToArray(), value.ToArray(), next: null);
        return recent;
    }

    /// <summary>The list with another value of an attribute, or with one more at its end.</summary>
    internal FlowAttribute With(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.SequenceEqual(Name))
            return new FlowAttribute(_name, value.ToArray(), Next);
        return new FlowAttribute(
            _name,
            _value,
            Next is null ? new FlowAttribute(name.ToArray(), value.ToArray(), next: null) : Next.With(name, value)
        );
    }
}
