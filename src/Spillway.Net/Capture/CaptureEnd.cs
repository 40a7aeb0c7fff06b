namespace Spillway.Net.Capture;

/// <summary>How the reading of a capture ended.</summary>
public enum CaptureEnd
{
    /// <summary>Not at its end yet.</summary>
    None,

    /// <summary>All packets have been read.</summary>
    EndOfFile,

    /// <summary>The file ends in the middle of a packet (or of its compressed data); all packets before were read.</summary>
    Truncated,

    /// <summary>The file is damaged or cannot be read any further; all packets before were read.</summary>
    Error,
}
