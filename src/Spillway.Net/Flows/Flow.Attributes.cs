using Spillway.Net.Storage;

namespace Spillway.Net.Flows;

/// <content>What only some flows have.</content>
public sealed partial class Flow
{
    /// <summary>Attributes that one flow may have; further ones are refused.</summary>
    public const int MaxAttributes = 16;

    /// <summary>Bytes of an attribute's name; a longer one is refused.</summary>
    public const int MaxAttributeNameBytes = 64;

    /// <summary>Bytes that are kept of an attribute's value.</summary>
    public const int MaxAttributeValueBytes = 255;

    // The names that every flow may have exist once.
    private static readonly byte[][] CommonNames = ["Host"u8.ToArray(), "SNI"u8.ToArray()];

    private FlowExtras? _extras;

    /// <summary>Further keys that the traffic meter counts this flow under; null as a rule.</summary>
    public object? MeterLabels
    {
        get => _extras?.MeterLabels;
        set
        {
            if (value is not null || _extras is not null) Extras.MeterLabels = value;
        }
    }

    /// <summary>What is decided about the storage of its packets; null if nobody asks flow by flow.</summary>
    public FlowStorage? Storage
    {
        get => _extras?.Storage;
        set
        {
            if (value is not null || _extras is not null) Extras.Storage = value;
        }
    }

    /// <summary>The first of its attributes; null if it has none.</summary>
    public FlowAttribute? Attributes => _extras?.Attributes;

    private FlowExtras Extras => _extras ??= new FlowExtras();

    /// <summary>Keeps an attribute with the flow, or replaces its value.</summary>
    /// <param name="name">Name; neither empty nor longer than <see cref="MaxAttributeNameBytes"/>.</param>
    /// <param name="value">Value; cut to <see cref="MaxAttributeValueBytes"/>.</param>
    /// <returns>False if it was refused: the name is not fit, or the flow has <see cref="MaxAttributes"/> others.</returns>
    public bool SetAttribute(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.IsEmpty || name.Length > MaxAttributeNameBytes) return false;
        value = value[..Math.Min(value.Length, MaxAttributeValueBytes)];
        FlowAttribute? last = null;
        int count = 0;
        for (FlowAttribute? each = Attributes; each is not null; each = each.Next)
        {
            if (name.SequenceEqual(each.Name))
            {
                if (!value.SequenceEqual(each.Value)) each.ValueBytes = value.ToArray();
                return true;
            }

            last = each;
            count++;
        }

        if (count >= MaxAttributes) return false;
        var added = new FlowAttribute(NameBytesOf(name), value.ToArray());
        if (last is null) Extras.Attributes = added;
        else last.Next = added;
        return true;
    }

    private static byte[] NameBytesOf(ReadOnlySpan<byte> name)
    {
        foreach (byte[] common in CommonNames)
        {
            if (name.SequenceEqual(common)) return common;
        }

        return name.ToArray();
    }
}
