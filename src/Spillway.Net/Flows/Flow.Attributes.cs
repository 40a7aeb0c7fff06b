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

    private FlowExtras? _extras;

    /// <summary>Further keys that the traffic meter counts this flow under; null as a rule.</summary>
    public object? MeterLabels
    {
        get => _extras?.MeterLabels;
        set
        {
            if (value is not null || _extras is not null)
                Extras.MeterLabels = value;
        }
    }

    /// <summary>What is decided about the storage of its packets; null if nobody asks flow by flow.</summary>
    public FlowStorage? Storage
    {
        get => _extras?.Storage;
        set
        {
            if (value is not null || _extras is not null)
                Extras.Storage = value;
        }
    }

    /// <summary>The first of its attributes; null if it has none.</summary>
    public FlowAttribute? Attributes => _extras?.Attributes;

    /// <summary>A SYN that waits for an answer; null as a rule.</summary>
    internal TcpPendingSyn? PendingSyn
    {
        get => _extras?.PendingSyn;
        set
        {
            if (value is not null || _extras is not null)
                Extras.PendingSyn = value;
        }
    }

    /// <summary>The last hole in what one end sent.</summary>
    internal ref TcpHole HoleOf(bool endA) => ref (Extras.Holes ??= new TcpHole[2])[endA ? 0 : 1];

    private FlowExtras Extras => _extras ??= new FlowExtras();

    /// <summary>Keeps an attribute with the flow, or replaces its value.</summary>
    /// <param name="name">Name; neither empty nor longer than <see cref="MaxAttributeNameBytes"/>.</param>
    /// <param name="value">Value; cut to <see cref="MaxAttributeValueBytes"/>.</param>
    /// <returns>False if it was refused: the name is not fit, or the flow has <see cref="MaxAttributes"/> others.</returns>
    public bool SetAttribute(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.IsEmpty || name.Length > MaxAttributeNameBytes)
            return false;
        value = value[..Math.Min(value.Length, MaxAttributeValueBytes)];
        bool isKnown = false;
        int count = 0;
        for (FlowAttribute? each = Attributes; each is not null; each = each.Next)
        {
            count++;
            if (!name.SequenceEqual(each.Name))
                continue;
            if (value.SequenceEqual(each.Value))
                return true;
            isKnown = true;
        }

        if (!isKnown && count >= MaxAttributes)
            return false;
        Extras.Attributes = Attributes is { } others ? others.With(name, value) : FlowAttribute.Single(name, value);
        return true;
    }
}
