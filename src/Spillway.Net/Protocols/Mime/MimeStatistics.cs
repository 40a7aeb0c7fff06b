namespace Spillway.Net.Protocols.Mime;

/// <summary>Counters of the MIME entities of one lane. Plain numbers, one thread.</summary>
public sealed class MimeStatistics
{
    /// <summary>Messages, and bodies of forms.</summary>
    public long Messages { get; set; }

    /// <summary>Parts that are no containers.</summary>
    public long Parts { get; set; }

    /// <summary>Parts with missing bytes.</summary>
    public long WithGap { get; set; }

    /// <summary>Parts that the end of the message has cut.</summary>
    public long Truncated { get; set; }

    /// <summary>Headers over <see cref="MimeLimits.MaxHeaderBytes"/>.</summary>
    public long HeadersTooLong { get; set; }

    /// <summary>Fields over <see cref="MimeLimits.MaxFieldBytes"/>.</summary>
    public long FieldsTooLong { get; set; }

    /// <summary>Parts beyond <see cref="MimeLimits.MaxParts"/>, or more than <see cref="MimeLimits.BytesPerPart"/> allows.</summary>
    public long PartsDropped { get; set; }

    /// <summary>Containers deeper than <see cref="MimeLimits.MaxDepth"/>.</summary>
    public long TooDeep { get; set; }

    /// <summary>Multipart entities without a usable boundary: each is one part, as sent.</summary>
    public long WithoutBoundary { get; set; }

    /// <summary>Multipart entities whose boundary does not occur: what they hold is one part, as sent.</summary>
    public long BoundaryNotFound { get; set; }

    /// <summary>Transfer encodings that are unknown: the part is as sent.</summary>
    public long UnknownEncodings { get; set; }

    /// <summary>Bytes that do not belong to the transfer encoding of their part; passed over in base64, kept in others.</summary>
    public long BadEncodingBytes { get; set; }

    /// <summary>Pieces that were left out because of <see cref="MimeLimits.MaxBufferedBytes"/>.</summary>
    public long OverMemory { get; set; }

    /// <summary>Adds another lane's counters.</summary>
    public void Add(MimeStatistics other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Messages += other.Messages;
        Parts += other.Parts;
        WithGap += other.WithGap;
        Truncated += other.Truncated;
        HeadersTooLong += other.HeadersTooLong;
        FieldsTooLong += other.FieldsTooLong;
        PartsDropped += other.PartsDropped;
        TooDeep += other.TooDeep;
        WithoutBoundary += other.WithoutBoundary;
        BoundaryNotFound += other.BoundaryNotFound;
        UnknownEncodings += other.UnknownEncodings;
        BadEncodingBytes += other.BadEncodingBytes;
        OverMemory += other.OverMemory;
    }
}
