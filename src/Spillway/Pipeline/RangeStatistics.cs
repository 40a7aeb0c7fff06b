namespace Spillway.Pipeline;

/// <summary>Counts of ranges and the files joined of them, of one lane. Plain numbers, one thread.</summary>
internal sealed class RangeStatistics
{
    /// <summary>Ranges that were held for a file.</summary>
    public long Pieces { get; set; }

    /// <summary>Files that were joined.</summary>
    public long Joined { get; set; }

    /// <summary>Responses without a strong validator: nothing says that their ranges are of one content.</summary>
    public long WithoutValidator { get; set; }

    /// <summary>Responses and parts whose place in a file is unknown: no request, no length of the whole, contradicting numbers, in a
    /// coding.</summary>
    public long Unplaced { get; set; }

    /// <summary>Responses of files over <see cref="HttpRanges.MaxFileBytes"/>.</summary>
    public long TooLarge { get; set; }

    /// <summary>Files given up because bytes of one place differ.</summary>
    public long Conflicting { get; set; }

    /// <summary>Files given up because they had no room, or because the file system refused.</summary>
    public long NoRoom { get; set; }

    /// <summary>Files given up because of <see cref="HttpRanges.MaxFiles"/> or of the number of their pieces.</summary>
    public long Dropped { get; set; }

    /// <summary>
    /// Files given up because nothing more came within <see cref="HttpRanges.MaxWaitNs"/>, or before the input was over.
    /// </summary>
    public long Incomplete { get; set; }

    /// <summary>Adds another lane's counts.</summary>
    public void Add(RangeStatistics other)
    {
        Pieces += other.Pieces;
        Joined += other.Joined;
        WithoutValidator += other.WithoutValidator;
        Unplaced += other.Unplaced;
        TooLarge += other.TooLarge;
        Conflicting += other.Conflicting;
        NoRoom += other.NoRoom;
        Dropped += other.Dropped;
        Incomplete += other.Incomplete;
    }
}
