using System.Globalization;
using System.Text;
using Spillway.Metrics.Records;
using Spillway.Net.Protocols.Http;
using Spillway.Net.Protocols.Mime;

namespace Spillway.Pipeline;

/// <summary>The body of a partial response: one range, or parts that are a range each (RFC 9110, sections 15.3.7.1 and 15.3.7.2).</summary>
internal sealed class HttpRangeBody
{
    private readonly HttpRanges _ranges;
    private readonly HttpTransaction _transaction;
    private readonly bool _isReversed;

    // One range.
    private HttpRangeFile? _file;
    private ContentRange _range;

    // Several.
    private MimeReader<Parts>? _reader;
    private string _validator = "";
    private readonly HashSet<HttpRangeFile> _files = [];
    private long _length;

    private HttpRangeBody(HttpRanges ranges, HttpTransaction transaction, bool isReversed)
    {
        _ranges = ranges;
        _transaction = transaction;
        _isReversed = isReversed;
    }

    private static ReadOnlySpan<byte> ByteRanges => "multipart/byteranges"u8;

    /// <summary>Begins; null if there is nothing to join.</summary>
    /// <param name="ranges">Takes the ranges.</param>
    /// <param name="mime">For the parts.</param>
    /// <param name="transaction">The transaction, whose response has come up to its body.</param>
    /// <param name="isReversed">Whether the client is the other end than the flow has it.</param>
    public static HttpRangeBody? Of(HttpRanges ranges, MimeObserver mime, HttpTransaction transaction, bool isReversed)
    {
        HttpHeader response = transaction.Response!;
        response.TryGetValue("Content-Type"u8, out ReadOnlySpan<byte> type);
        var body = new HttpRangeBody(ranges, transaction, isReversed);
        string? validator = HttpRangeKey.ValidatorOf(response);
        return Ascii.EqualsIgnoreCase(MimeParameters.ValueOf(type), ByteRanges)
            ? body.BeginParts(mime, type, validator)
                ? body
                : null
            : body.BeginRange(response, type, validator)
                ? body
                : null;
    }

    /// <summary>The next bytes of the body.</summary>
    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        if (_reader is { } reader)
        {
            reader.Gap(offset - _length);
            reader.Write(data);
            _length = offset + data.Length;
        }
        else
        {
            Place(_file!, in _range, offset, data);
        }
    }

    /// <summary>The body has ended, or nothing more comes of it.</summary>
    public void End()
    {
        if (_reader is { } reader)
        {
            reader.End(MimeEnd.Complete);
            foreach (HttpRangeFile file in _files)
                _ranges.Finish(file, _transaction);
        }
        else
        {
            _ranges.Finish(_file!, _transaction);
        }
    }

    private bool BeginRange(HttpHeader response, ReadOnlySpan<byte> type, string? validator)
    {
        bool isPlaced = response.TryGetValue("Content-Range"u8, out ReadOnlySpan<byte> field) && ContentRange.TryParse(field, out _range);
        bool contradicts =
            response.TryGetValue("Content-Length"u8, out ReadOnlySpan<byte> length)
            && (!long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) || bytes != _range.Length);
        if (!isPlaced || contradicts)
        {
            _ranges.Statistics.Unplaced++;
            return false;
        }

        // Nothing is to be joined.
        if (_range.IsWhole)
            return false;
        if (validator is null)
        {
            _ranges.Statistics.WithoutValidator++;
            return false;
        }

        _file = _ranges.FileOf(_transaction, _isReversed, validator, _range, WireText.Decode(type));
        return _file is not null;
    }

    // The parts of one response are of one content, whether or not others can be known to be.
    private bool BeginParts(MimeObserver mime, ReadOnlySpan<byte> type, string? validator)
    {
        _validator = validator ?? string.Create(CultureInfo.InvariantCulture, $"response {_transaction.Flow.Number} {_transaction.Number}");
        var reader = new MimeReader<Parts>(new Parts(this), mime);
        if (MimeParameters.Find(type, "boundary"u8) is not { } boundary || !reader.TryBeginMultipart(boundary))
            return false;
        _reader = reader;
        return true;
    }

    private void Place(HttpRangeFile file, in ContentRange range, long offset, ReadOnlySpan<byte> data)
    {
        if (offset + data.Length > range.Length)
            _ranges.Contradict(file); // more bytes than the range has
        else
            _ranges.Write(file, range.First + offset, data);
    }

    private readonly struct Parts(HttpRangeBody body) : IMimeHandler
    {
        public void OnField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) { }

        public void OnPartBegin(MimePart part)
        {
            if (!ContentRange.TryParse(part.ContentRange.Span, out ContentRange range))
            {
                body._ranges.Statistics.Unplaced++;
                return;
            }

            if (body._ranges.FileOf(body._transaction, body._isReversed, body._validator, range, part.ContentType) is not { } file)
                return;
            body._files.Add(file);
            part.Consumer = new Placed(file, range);
        }

        public void OnPartData(MimePart part, long offset, ReadOnlySpan<byte> data)
        {
            if (part.Consumer is Placed { File: var file, Range: var range })
                body.Place(file, in range, offset, data);
        }

        public void OnPartEnd(MimePart part, MimeEnd end) { }
    }

    private sealed record Placed(HttpRangeFile File, ContentRange Range);
}
