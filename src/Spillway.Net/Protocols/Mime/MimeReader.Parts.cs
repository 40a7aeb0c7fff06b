using System.Text;

namespace Spillway.Net.Protocols.Mime;

/// <content>What entities are, and the content of those that are no containers.</content>
public sealed partial class MimeReader<THandler>
{
    // A longer preamble is no preamble: the boundary that is announced does not occur, or late.
    private const int PreambleBytes = 8 * 1024;

    // Parts whatever their size.
    private const int FreeParts = 16;

    // No message has a tebibyte; a number like that is no position to go on from.
    private const long LargestGap = 1L << 40;

    private TransferDecoder _decoder;
    private WireBuffer _preamble;
    private MimePart? _part;
    private bool _hasGap;
    private bool _isLost;

    // The header of the entity is complete.
    private void BeginEntity()
    {
        string type = TypeOf(_type) ?? (_isDigest ? "message/rfc822" : "text/plain");
        MimeEncoding encoding = EncodingOf(_encoding);
        BeginLine();
        if (type.StartsWith("multipart/", StringComparison.Ordinal))
        {
            if (_depth >= Limits.MaxDepth)
                Statistics.TooDeep++;
            else if (TryEnter(type))
                return;
            else
                Statistics.WithoutBoundary++;
        }
        else if (type is "message/rfc822" or "message/global" && encoding == MimeEncoding.Identity)
        {
            if (_depth < Limits.MaxDepth)
            {
                BeginHeader(_depth + 1, isOwn: false, isDigest: false);
                return;
            }

            Statistics.TooDeep++;
        }

        BeginPart(type, encoding);
    }

    private bool TryEnter(string type)
    {
        bool isDigest = type == "multipart/digest";
        if (MimeParameters.Find(_type, "boundary"u8) is not { } boundary || !_boundaries.TryEnter(boundary, _depth, isDigest))
            return false;
        _containerType = type;
        _state = State.Preamble;
        _preamble.Clear();
        return true;
    }

    private void BeginPart(string type, MimeEncoding encoding)
    {
        ReadOnlySpan<byte> disposition = _disposition;
        byte[]? name = MimeParameters.Find(disposition, "filename"u8) ?? MimeParameters.Find(_type, "name"u8);
        bool isCheap = _isForm && name is null;
        if (_parts >= Limits.MaxParts || (!isCheap && _allParts >= FreeParts + (_allBytes / Limits.BytesPerPart)))
        {
            Statistics.PartsDropped++;
            _state = State.Passing;
            return;
        }

        if (encoding == MimeEncoding.Unknown)
            Statistics.UnknownEncodings++;
        Statistics.Parts++;
        _parts++;
        _allParts += isCheap ? 0 : 1;
        _part = new MimePart
        {
            Number = _parts,
            Depth = _depth,
            ContentType = type,
            Disposition = Lower(MimeParameters.ValueOf(disposition)),
            FieldName = MimeParameters.Find(disposition, "name"u8) is { } field ? Charsets.Guess(field) : "",
            Name = name,
            ContentRange = _range,
            Encoding = encoding,
        };
        (_hasGap, _isLost) = (false, false);
        _decoder.Begin(encoding);
        _state = State.Part;
        _handler.OnPartBegin(_part);
    }

    // Content of whatever is at hand, without lines that separate parts.
    private void Emit(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
            return;
        if (_state == State.Preamble)
            HoldPreamble(data);
        else if (_state == State.Part)
            Deliver(data);
    }

    private void HoldPreamble(ReadOnlySpan<byte> data)
    {
        if (_preamble.Length + data.Length <= PreambleBytes)
        {
            if (!_preamble.TryAppend(data, _observer.Budget))
                Statistics.OverMemory++;
            return;
        }

        BeginContainerPart();
        Emit(data);
    }

    // The entity ends and its boundary has not come. Where nothing stands, nothing is hidden.
    private void EndPreamble()
    {
        if (_preamble.Bytes.ContainsAnyExcept(" \t\r\n"u8))
            BeginContainerPart();
        else
            _state = State.Passing;
    }

    // What was held as preamble is all that there is of the entity so far: it is a part, as sent.
    private void BeginContainerPart()
    {
        Statistics.BoundaryNotFound++;
        (_disposition, _range, _depth) = (null, null, _boundaries.Innermost.Depth);
        BeginPart(_containerType, MimeEncoding.Identity);
        Emit(_preamble.Bytes);
        _preamble.Clear();
    }

    private void Deliver(ReadOnlySpan<byte> data)
    {
        MimePart part = _part!;
        if (_isLost)
            return;
        if (part.Encoding is MimeEncoding.Identity or MimeEncoding.Unknown)
        {
            PassOn(part, data);
            return;
        }

        long bad = 0;
        while (!data.IsEmpty)
            PassOn(part, _observer.Output.AsSpan(0, _decoder.Decode(part.Encoding, ref data, _observer.Output, ref bad)));
        Statistics.BadEncodingBytes += bad;
    }

    private void PassOn(MimePart part, ReadOnlySpan<byte> content)
    {
        if (content.IsEmpty)
            return;
        long offset = part.Length;
        part.Length += content.Length;
        _handler.OnPartData(part, offset, content);
    }

    // How many decoded bytes are missing is known only of content that is as sent.
    private void SkipInPart(long length)
    {
        _hasGap = true;
        MimePart part = _part!;
        if (part.Encoding is MimeEncoding.Identity or MimeEncoding.Unknown && length < LargestGap)
            part.Length += length;
        else
            _isLost = true;
    }

    private void EndPart(MimeEnd end)
    {
        if (_part is not { } part)
            return;
        if (!_isLost)
            PassOn(part, _observer.Output.AsSpan(0, _decoder.Finish(part.Encoding, _observer.Output)));
        if (_hasGap)
            end = MimeEnd.Gap;
        Statistics.WithGap += end == MimeEnd.Gap ? 1 : 0;
        Statistics.Truncated += end == MimeEnd.Truncated ? 1 : 0;
        _part = null;
        _state = State.Passing;
        _handler.OnPartEnd(part, end);
    }

    // Null if it is none: then the default holds.
    private static string? TypeOf(ReadOnlySpan<byte> field)
    {
        ReadOnlySpan<byte> type = MimeParameters.ValueOf(field);
        int slash = type.IndexOf((byte)'/');
        bool isType = slash > 0 && slash < type.Length - 1 && !type.ContainsAnyExceptInRange((byte)'!', (byte)'~');
        return isType ? Lower(type) : null;
    }

    private static MimeEncoding EncodingOf(ReadOnlySpan<byte> field) =>
        Lower(MimeParameters.ValueOf(field)) switch
        {
            "" or "7bit" or "8bit" or "binary" => MimeEncoding.Identity,
            "base64" => MimeEncoding.Base64,
            "quoted-printable" => MimeEncoding.QuotedPrintable,
            "x-uuencode" or "uuencode" or "x-uue" or "uue" => MimeEncoding.Uuencode,
            _ => MimeEncoding.Unknown,
        };

    private static string Lower(ReadOnlySpan<byte> token) => Encoding.Latin1.GetString(token).ToLowerInvariant();
}
