using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Protocols.Mime;

namespace Spillway.Net.Protocols.Mail;

/// <summary>How a message crosses the wire.</summary>
public enum MailProtocol : byte
{
    /// <summary>SMTP (RFC 5321): it is sent.</summary>
    Smtp,

    /// <summary>POP3 (RFC 1939): it is fetched.</summary>
    Pop3,

    /// <summary>IMAP (RFC 9051): it is fetched or put into a mailbox.</summary>
    Imap,
}

/// <summary>One message in a connection. It lives until it has ended. Texts are bounded, and not made safe.</summary>
public sealed class MailMessage
{
    // A text of a header or an envelope that is longer says nothing more.
    private const int TextBytes = 1024;

    /// <summary>The flow.</summary>
    public required Flow Flow { get; init; }

    /// <summary>The protocol.</summary>
    public required MailProtocol Protocol { get; init; }

    /// <summary>Who sends it: the true direction.</summary>
    public required StreamDirection Direction { get; init; }

    /// <summary>Its number in the connection, from 0.</summary>
    public required long Number { get; init; }

    /// <summary>Whether content of it may be missing at its beginning, or in its envelope.</summary>
    public bool IsPartial { get; internal set; }

    /// <summary>How the client of SMTP names itself; empty if that was not seen.</summary>
    public string Client { get; internal set; } = "";

    /// <summary>Sender of the envelope: empty if there is none, or it was not seen.</summary>
    public string Sender { get; internal set; } = "";

    /// <summary>Recipients of the envelope as the client asked for them, as many as are kept.</summary>
    public IReadOnlyList<string> Recipients { get; private set; } = [];

    /// <summary>All recipients of the envelope, those that are not kept included.</summary>
    public int RecipientCount { get; private set; }

    /// <summary>Subject, decoded.</summary>
    public string Subject { get; private set; } = "";

    /// <summary>Message-ID as sent.</summary>
    public string MessageId { get; private set; } = "";

    /// <summary>From, decoded.</summary>
    public string From { get; private set; } = "";

    /// <summary>To, decoded.</summary>
    public string To { get; private set; } = "";

    /// <summary>Cc, decoded.</summary>
    public string Cc { get; private set; } = "";

    /// <summary>Date as sent.</summary>
    public string Date { get; private set; } = "";

    /// <summary>Bytes of the message, without what the protocol adds; missing ones included.</summary>
    public long Length { get; internal set; }

    /// <summary>Parts begun so far that are no containers.</summary>
    public int Parts { get; internal set; }

    /// <summary>What the receiver keeps for the message.</summary>
    public object? Consumer { get; set; }

    internal void SetRecipients(List<string>? recipients, int count)
    {
        Recipients = recipients ?? [];
        RecipientCount = count;
    }

    // The first of several counts.
    internal void TakeField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (Ascii.EqualsIgnoreCase(name, "Subject"u8) && Subject.Length == 0)
            Subject = TextOf(value);
        else if (Ascii.EqualsIgnoreCase(name, "Message-ID"u8) && MessageId.Length == 0)
            MessageId = TextOf(value);
        else if (Ascii.EqualsIgnoreCase(name, "From"u8) && From.Length == 0)
            From = TextOf(value);
        else if (Ascii.EqualsIgnoreCase(name, "To"u8) && To.Length == 0)
            To = TextOf(value);
        else if (Ascii.EqualsIgnoreCase(name, "Cc"u8) && Cc.Length == 0)
            Cc = TextOf(value);
        else if (Ascii.EqualsIgnoreCase(name, "Date"u8) && Date.Length == 0)
            Date = TextOf(value);
    }

    // Of an envelope, which knows no encoded words.
    internal static string PlainTextOf(ReadOnlySpan<byte> value) => Charsets.Guess(value[..Math.Min(value.Length, TextBytes)]);

    private static string TextOf(ReadOnlySpan<byte> value) => EncodedWords.Decode(value[..Math.Min(value.Length, TextBytes)]);
}
