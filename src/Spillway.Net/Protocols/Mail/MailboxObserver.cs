using System.Runtime.CompilerServices;
using Spillway.Net.Protocols.Mime;

namespace Spillway.Net.Protocols.Mail;

/// <summary>Limits of the observers of POP3 and IMAP. Immutable.</summary>
public sealed record MailboxLimits
{
    private readonly int _maxLineBytes = 64 << 10;
    private readonly int _maxOutstandingCommands = 256;

    /// <summary>The limits used when nothing is said.</summary>
    public static MailboxLimits Default { get; } = new();

    /// <summary>
    /// Bytes of a command or reply. Default 64 KiB; 512 bytes to 1 MiB. Behind a longer line of IMAP the stream is out of step.
    /// </summary>
    public int MaxLineBytes
    {
        get => _maxLineBytes;
        init => _maxLineBytes = InRange(value, 512, 1 << 20);
    }

    /// <summary>Commands that wait for their reply. Default 256; 1 to 65,536. With more, the stream of the server is out of step.</summary>
    public int MaxOutstandingCommands
    {
        get => _maxOutstandingCommands;
        init => _maxOutstandingCommands = InRange(value, 1, 65536);
    }

    private static int InRange(int value, int low, int high, [CallerMemberName] string name = "") =>
        value >= low && value <= high
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be between {low} and {high}.");
}

/// <summary>Counters of the connections of one protocol, POP3 or IMAP, of one lane. Plain numbers, one thread.</summary>
public sealed class MailboxStatistics
{
    /// <summary>Connections in which the protocol was recognised.</summary>
    public long Connections { get; set; }

    /// <summary>Connections that were looked at and show another protocol.</summary>
    public long Others { get; set; }

    /// <summary>Messages, whole or in part.</summary>
    public long Messages { get; set; }

    /// <summary>Messages with missing bytes.</summary>
    public long WithGap { get; set; }

    /// <summary>Times a stream lost step, and went on behind the client's next command.</summary>
    public long Resynchronisations { get; set; }

    /// <summary>Connections that turned to TLS.</summary>
    public long StartTls { get; set; }

    /// <summary>Adds another lane's counters.</summary>
    public void Add(MailboxStatistics other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Connections += other.Connections;
        Others += other.Others;
        Messages += other.Messages;
        WithGap += other.WithGap;
        Resynchronisations += other.Resynchronisations;
        StartTls += other.StartTls;
    }
}

/// <summary>What the connections of one protocol, POP3 or IMAP, of one lane share. Belongs to one thread.</summary>
public sealed class MailboxObserver
{
    /// <summary>Creates the shared part.</summary>
    public MailboxObserver(MimeObserver mime, MailboxLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(mime);
        Mime = mime;
        Limits = limits ?? MailboxLimits.Default;
    }

    /// <summary>The limits.</summary>
    public MailboxLimits Limits { get; }

    /// <summary>The counters.</summary>
    public MailboxStatistics Statistics { get; } = new();

    /// <summary>What the messages of the lane share.</summary>
    public MimeObserver Mime { get; }
}
