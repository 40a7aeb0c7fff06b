using System.Runtime.CompilerServices;
using Spillway.Net.Protocols.Mime;

namespace Spillway.Net.Protocols.Smtp;

/// <summary>Limits of the SMTP observer. Immutable.</summary>
public sealed record SmtpLimits
{
    private readonly int _maxLineBytes = 4096;
    private readonly int _maxRecipients = 100;
    private readonly int _maxUnknownCommands = 64;

    /// <summary>The limits used when nothing is said.</summary>
    public static SmtpLimits Default { get; } = new();

    /// <summary>Bytes of a command or reply. Default 4 KiB; 512 bytes to 1 MiB. Of a longer line the beginning counts.</summary>
    public int MaxLineBytes
    {
        get => _maxLineBytes;
        init => _maxLineBytes = InRange(value, 512, 1 << 20);
    }

    /// <summary>Recipients of a message that are kept. Default 100; 1 to 100,000. All are counted.</summary>
    public int MaxRecipients
    {
        get => _maxRecipients;
        init => _maxRecipients = InRange(value, 1, 100_000);
    }

    /// <summary>Unknown commands in a row after which a connection is left as no SMTP. Default 64; 1 to 1,000,000.</summary>
    public int MaxUnknownCommands
    {
        get => _maxUnknownCommands;
        init => _maxUnknownCommands = InRange(value, 1, 1_000_000);
    }

    private static int InRange(int value, int low, int high, [CallerMemberName] string name = "") =>
        value >= low && value <= high
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be between {low} and {high}.");
}

/// <summary>Counters of the SMTP connections of one lane. Plain numbers, one thread.</summary>
public sealed class SmtpStatistics
{
    /// <summary>Connections in which SMTP was recognised.</summary>
    public long Connections { get; set; }

    /// <summary>Connections that were looked at and show no SMTP.</summary>
    public long NotSmtp { get; set; }

    /// <summary>Messages, whole or in part.</summary>
    public long Messages { get; set; }

    /// <summary>Messages with missing bytes.</summary>
    public long WithGap { get; set; }

    /// <summary>Messages that did not end.</summary>
    public long Truncated { get; set; }

    /// <summary>Commands of no known name.</summary>
    public long UnknownCommands { get; set; }

    /// <summary>Recipients beyond <see cref="SmtpLimits.MaxRecipients"/>.</summary>
    public long RecipientsDropped { get; set; }

    /// <summary>Times a connection lost step, and went on where the server shows that a command comes.</summary>
    public long Resynchronisations { get; set; }

    /// <summary>Connections that turned to TLS (STARTTLS).</summary>
    public long StartTls { get; set; }

    /// <summary>Adds another lane's counters.</summary>
    public void Add(SmtpStatistics other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Connections += other.Connections;
        NotSmtp += other.NotSmtp;
        Messages += other.Messages;
        WithGap += other.WithGap;
        Truncated += other.Truncated;
        UnknownCommands += other.UnknownCommands;
        RecipientsDropped += other.RecipientsDropped;
        Resynchronisations += other.Resynchronisations;
        StartTls += other.StartTls;
    }
}

/// <summary>What the SMTP connections of one lane share. Belongs to one thread.</summary>
public sealed class SmtpObserver
{
    /// <summary>Creates the shared part.</summary>
    public SmtpObserver(MimeObserver mime, SmtpLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(mime);
        Mime = mime;
        Limits = limits ?? SmtpLimits.Default;
    }

    /// <summary>The limits.</summary>
    public SmtpLimits Limits { get; }

    /// <summary>The counters.</summary>
    public SmtpStatistics Statistics { get; } = new();

    /// <summary>What the messages of the lane share.</summary>
    public MimeObserver Mime { get; }
}
