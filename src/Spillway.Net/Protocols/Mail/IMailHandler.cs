using Spillway.Net.Protocols.Mime;

namespace Spillway.Net.Protocols.Mail;

/// <summary>
/// Receives the messages of SMTP, POP3 and IMAP in the order of the wire. Given as a type parameter. Spans are borrowed until the call
/// returns; a <see cref="MailMessage"/> lives until <see cref="OnMessageEnd"/>, a <see cref="MimePart"/> until <see cref="OnPartEnd"/>.
/// </summary>
public interface IMailHandler
{
    /// <summary>A message begins: its envelope is known, its header is not.</summary>
    void OnMessageBegin(MailMessage message);

    /// <summary>A part that is no container begins. The message's own header is known.</summary>
    void OnPartBegin(MailMessage message, MimePart part);

    /// <summary>Content of the part, without its transfer encoding.</summary>
    /// <param name="message">The message.</param>
    /// <param name="part">The part.</param>
    /// <param name="offset">Offset of the first byte in the content. Beyond what came before, bytes are missing.</param>
    /// <param name="data">The bytes; never empty.</param>
    void OnPartData(MailMessage message, MimePart part, long offset, ReadOnlySpan<byte> data);

    /// <summary>Nothing more comes of the part.</summary>
    void OnPartEnd(MailMessage message, MimePart part, MimeEnd end);

    /// <summary>Nothing more comes of the message.</summary>
    void OnMessageEnd(MailMessage message, MimeEnd end);
}
