namespace Spillway.Net.Flows;

/// <content>How much it has carried.</content>
public sealed partial class Flow
{
    // The lower halves: few flows have more than 4 GiB, or 4 billion packets, in one direction. Theirs go on in the extras.
    private uint _bytesAZ,
        _bytesZA,
        _packetsAZ,
        _packetsZA,
        _payloadAZ,
        _payloadZA;

    private enum Counter
    {
        BytesAZ,
        BytesZA,
        PacketsAZ,
        PacketsZA,
        PayloadAZ,
        PayloadZA,
        Count,
    }

    /// <summary>Wire bytes from A to Z.</summary>
    public long BytesAZ
    {
        get => Get(_bytesAZ, Counter.BytesAZ);
        set => Set(ref _bytesAZ, Counter.BytesAZ, value);
    }

    /// <summary>Wire bytes from Z to A.</summary>
    public long BytesZA
    {
        get => Get(_bytesZA, Counter.BytesZA);
        set => Set(ref _bytesZA, Counter.BytesZA, value);
    }

    /// <summary>Packets from A to Z.</summary>
    public long PacketsAZ
    {
        get => Get(_packetsAZ, Counter.PacketsAZ);
        set => Set(ref _packetsAZ, Counter.PacketsAZ, value);
    }

    /// <summary>Packets from Z to A.</summary>
    public long PacketsZA
    {
        get => Get(_packetsZA, Counter.PacketsZA);
        set => Set(ref _packetsZA, Counter.PacketsZA, value);
    }

    /// <summary>Transport payload bytes from A to Z, retransmissions included.</summary>
    public long PayloadAZ
    {
        get => Get(_payloadAZ, Counter.PayloadAZ);
        set => Set(ref _payloadAZ, Counter.PayloadAZ, value);
    }

    /// <summary>Transport payload bytes from Z to A.</summary>
    public long PayloadZA
    {
        get => Get(_payloadZA, Counter.PayloadZA);
        set => Set(ref _payloadZA, Counter.PayloadZA, value);
    }

    private long Get(uint lower, Counter counter) => Has(Marks.Large) ? ((long)_extras!.UpperCounts![(int)counter] << 32) | lower : lower;

    private void Set(ref uint lower, Counter counter, long value)
    {
        lower = (uint)value;
        if (value > uint.MaxValue || Has(Marks.Large))
            SetUpper(counter, (uint)(value >> 32));
    }

    private void SetUpper(Counter counter, uint upper)
    {
        (Extras.UpperCounts ??= new uint[(int)Counter.Count])[(int)counter] = upper;
        _marks |= Marks.Large;
    }
}
