namespace Spillway.Net.Protocols.Imap;

/// <summary>Where one direction stands.</summary>
internal enum ImapStreamState : byte
{
    /// <summary>In a line, or between two.</summary>
    Line,

    /// <summary>In a literal that is no message.</summary>
    Literal,

    /// <summary>In a literal that is a message, or a piece of one.</summary>
    Message,

    /// <summary>It is not known what comes.</summary>
    Lost,
}

/// <summary>One direction of a connection.</summary>
internal struct ImapStream
{
    public LineReader Lines;

    public ImapStreamState State;

    /// <summary>Bytes of the literal that are still to come.</summary>
    public long LiteralBytes;

    /// <summary>Whether the line goes on behind a literal: it is not the beginning of a command or response.</summary>
    public bool IsContinued;

    public bool HasEnded;
}
