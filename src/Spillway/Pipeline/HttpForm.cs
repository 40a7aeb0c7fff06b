using System.Text;
using Spillway.Metrics.Records;
using Spillway.Net.Flows;
using Spillway.Net.Protocols.Http;
using Spillway.Net.Protocols.Mime;

namespace Spillway.Pipeline;

/// <summary>
/// The files in the body of a request of several parts, such as a form (RFC 7578): each is a content by itself, beside the body as a whole.
/// Fields without a file name are none.
/// </summary>
internal sealed class HttpForm
{
    private readonly HttpTransaction _transaction;
    private readonly ContentSink _sink;
    private readonly MimeReader<Handler> _reader;
    private long _length;

    private HttpForm(HttpTransaction transaction, ContentSink sink)
    {
        _transaction = transaction;
        _sink = sink;
        _reader = new MimeReader<Handler>(new Handler(this), sink.Mime);
    }

    private static ReadOnlySpan<byte> Multipart => "multipart/"u8;

    /// <summary>Begins to read a request's body; null if it is of one part.</summary>
    public static HttpForm? Of(HttpTransaction transaction, ContentSink sink)
    {
        if (transaction.Request is not { } request || !request.TryGetValue("Content-Type"u8, out ReadOnlySpan<byte> type))
            return null;
        ReadOnlySpan<byte> value = MimeParameters.ValueOf(type);
        if (value.Length < Multipart.Length || !Ascii.EqualsIgnoreCase(value[..Multipart.Length], Multipart))
            return null;
        if (MimeParameters.Find(type, "boundary"u8) is not { } boundary)
            return null;
        var form = new HttpForm(transaction, sink);
        return form._reader.TryBeginMultipart(boundary) ? form : null;
    }

    /// <summary>The next bytes of the body.</summary>
    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        _reader.Gap(offset - _length);
        _reader.Write(data);
        _length = offset + data.Length;
    }

    /// <summary>Nothing more comes, and the body has not ended.</summary>
    public void Close() => _reader.End(MimeEnd.Truncated);

    /// <summary>The body has ended.</summary>
    public void End(long length, FileEnd end)
    {
        _reader.Gap(length - _length);
        _length = Math.Max(_length, length);
        _reader.End(end == FileEnd.Complete ? MimeEnd.Complete : MimeEnd.Truncated);
    }

    private readonly struct Handler(HttpForm form) : IMimeHandler
    {
        public void OnField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) { }

        public void OnPartBegin(MimePart part)
        {
            if (part.Name.IsEmpty)
                return;
            ContentOrigin origin = HttpOrigin.Of(form._transaction, StreamDirection.ClientToServer, part.ContentType) with
            {
                Part = part.Number,
                Name = part.Name,
                Facts = part.FieldName.Length > 0 ? [("field", part.FieldName)] : [],
            };
            part.Consumer = form._sink.Begin(origin);
        }

        public void OnPartData(MimePart part, long offset, ReadOnlySpan<byte> data)
        {
            if (part.Consumer is ContentTransfer transfer)
                form._sink.Write(transfer, offset, data);
        }

        public void OnPartEnd(MimePart part, MimeEnd end)
        {
            if (part.Consumer is ContentTransfer transfer)
                form._sink.End(transfer, part.Length, MailContents.EndOf(end));
        }
    }
}
