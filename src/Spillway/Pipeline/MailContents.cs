using Spillway.Metrics.Records;
using Spillway.Net.Protocols.Mail;
using Spillway.Net.Protocols.Mime;

namespace Spillway.Pipeline;

/// <summary>What becomes of the mail of a lane: each part that has content or a name is a content of the sink.</summary>
internal sealed class MailContents(ContentSink sink)
{
    /// <summary>How a part's end is recorded.</summary>
    public static FileEnd EndOf(MimeEnd end) =>
        end switch
        {
            MimeEnd.Truncated => FileEnd.Truncated,
            MimeEnd.Gap => FileEnd.Gap,
            _ => FileEnd.Complete,
        };

    private ContentTransfer Begin(MailMessage message, MimePart part)
    {
        var facts = new List<(string, string)>
        {
            ("subject", message.Subject),
            ("message_id", message.MessageId),
            ("from", message.From),
            ("to", message.To),
            ("sender", message.Sender),
            ("recipients", string.Join(',', message.Recipients)),
            ("disposition", part.Disposition),
        };
        return sink.Begin(
            new ContentOrigin
            {
                Protocol = NameOf(message.Protocol),
                Flow = message.Flow,
                Direction = message.Direction,
                Message = message.Number,
                Part = part.Number,
                Name = part.Name,
                ContentType = part.ContentType,
                Facts = facts,
            }
        );
    }

    private static string NameOf(MailProtocol protocol) =>
        protocol switch
        {
            MailProtocol.Smtp => "smtp",
            MailProtocol.Pop3 => "pop3",
            _ => "imap",
        };

    /// <summary>The receiver of an observer: a struct, so that it calls it directly.</summary>
    internal readonly struct Handler(MailContents contents, ContentSink sink) : IMailHandler
    {
        /// <inheritdoc/>
        public void OnMessageBegin(MailMessage message) { }

        /// <inheritdoc/>
        public void OnPartBegin(MailMessage message, MimePart part)
        {
            if (part.Name.IsEmpty)
                return;
            part.Consumer = contents.Begin(message, part);
            ((List<string>)(message.Consumer ??= new List<string>())).Add(WireText.Decode(part.Name.Span));
        }

        /// <inheritdoc/>
        public void OnPartData(MailMessage message, MimePart part, long offset, ReadOnlySpan<byte> data) =>
            sink.Write((ContentTransfer)(part.Consumer ??= contents.Begin(message, part)), offset, data);

        /// <inheritdoc/>
        public void OnPartEnd(MailMessage message, MimePart part, MimeEnd end)
        {
            if (part.Consumer is ContentTransfer transfer)
                sink.End(transfer, part.Length, EndOf(end));
        }

        /// <inheritdoc/>
        public void OnMessageEnd(MailMessage message, MimeEnd end)
        {
            if (message.Protocol == MailProtocol.Smtp)
                sink.Eve?.OnMail(message, end, message.Consumer as List<string> ?? []);
        }
    }
}
