using System.Text;

namespace Spillway.Net.Protocols.Mime;

/// <content>Headers of entities: lines become fields, and those that say what the entity is are kept.</content>
public sealed partial class MimeReader<THandler>
{
    // The colon of a field stands within so many bytes, or the line is none.
    private const int NameBytes = 1024;

    // The line that has begun, and the field that its lines are put together to.
    private WireBuffer _line;
    private WireBuffer _field;
    private long _lineBytes;
    private long _headerBytes;
    private bool _isFieldCut;
    private bool _isOwn;
    private bool _isDigest;
    private byte[]? _type;
    private byte[]? _disposition;
    private byte[]? _encoding;
    private byte[]? _range;

    // A header begins. In a digest, what has no type is a message.
    private void BeginHeader(int depth, bool isOwn, bool isDigest)
    {
        _state = State.Header;
        (_depth, _isOwn, _isDigest) = (depth, isOwn, isDigest);
        (_headerBytes, _lineBytes, _isFieldCut) = (0, 0, false);
        (_type, _disposition, _encoding, _range) = (null, null, null, null);
        _line.Clear();
        _field.Clear();
    }

    private void ReadHeader(ref ReadOnlySpan<byte> data)
    {
        int feed = data.IndexOf((byte)'\n');
        if (feed >= 0 && _lineBytes == 0)
        {
            // A line that is no field begins the body, and stays where it is.
            if (TryTakeLine(data[..(feed + 1)], feed + 1))
                data = data[(feed + 1)..];
            else
                EndHeader();
            return;
        }

        // What does not begin like a field may be a body that is one line without an end: it must not be taken for a long field.
        ReadOnlySpan<byte> piece = feed < 0 ? data : data[..(feed + 1)];
        bool isOpen = _line.Length <= NameBytes;
        if (isOpen)
            piece = piece[..Math.Min(piece.Length, NameBytes + 1 - _line.Length)];
        HoldLine(piece);
        data = data[piece.Length..];
        if (piece.EndsWith((byte)'\n') || (isOpen && _line.Length > NameBytes && !BeginsField(_line.Bytes)))
            TakeHeldLine();
    }

    private void TakeHeldLine()
    {
        WireBuffer line = _line;
        long bytes = _lineBytes;
        (_line, _lineBytes) = (default, 0);
        if (!TryTakeLine(line.Bytes, bytes))
        {
            EndHeader();
            Read(line.Bytes);
        }

        line.Release(_observer.Budget);
    }

    private void HoldLine(ReadOnlySpan<byte> piece)
    {
        _lineBytes += piece.Length;
        ReadOnlySpan<byte> kept = piece[..Math.Min(piece.Length, Math.Max(0, Limits.MaxFieldBytes - _line.Length))];
        if (!kept.IsEmpty && !_line.TryAppend(kept, _observer.Budget))
            Statistics.OverMemory++;
    }

    // False if the line belongs to the body.
    private bool TryTakeLine(ReadOnlySpan<byte> line, long bytes)
    {
        ReadOnlySpan<byte> text = line.EndsWith((byte)'\n') ? line[..^1] : line;
        if (text.EndsWith((byte)'\r'))
            text = text[..^1];
        if (text.IsEmpty && bytes <= 2)
        {
            EndHeader();
            return true;
        }

        // The line by which mailboxes separate messages.
        bool isSeparator = _headerBytes == 0 && line.StartsWith("From "u8);
        if (!line.IsEmpty && !isSeparator && (!BeginsField(line) || IsBoundary(text)))
            return false;

        bool fitted = _headerBytes <= Limits.MaxHeaderBytes;
        _headerBytes += bytes;
        if (fitted && _headerBytes > Limits.MaxHeaderBytes)
            Statistics.HeadersTooLong++;
        bool isFolded = IsFolded(line);
        if (!isFolded)
            EndField();
        if (!isSeparator && _headerBytes <= Limits.MaxHeaderBytes && (!isFolded || _field.Length > 0))
            AppendToField(text, isCut: bytes > line.Length);
        return true;
    }

    private void AppendToField(ReadOnlySpan<byte> text, bool isCut)
    {
        ReadOnlySpan<byte> kept = text[..Math.Min(text.Length, Math.Max(0, Limits.MaxFieldBytes - _field.Length))];
        if ((isCut || kept.Length < text.Length) && !_isFieldCut)
        {
            _isFieldCut = true;
            Statistics.FieldsTooLong++;
        }

        if (!kept.IsEmpty && !_field.TryAppend(kept, _observer.Budget))
            Statistics.OverMemory++;
    }

    // Whether a line is a field or goes on with one: a name of visible characters up to its colon (RFC 5322, section 2.2), with blanks
    // before that.
    private static bool BeginsField(ReadOnlySpan<byte> line)
    {
        if (IsFolded(line))
            return true;
        ReadOnlySpan<byte> begin = line[..Math.Min(line.Length, NameBytes)];
        int colon = begin.IndexOf((byte)':');
        return colon > 0 && !begin[..colon].TrimEnd(" \t"u8).ContainsAnyExceptInRange((byte)'!', (byte)'~');
    }

    private static bool IsFolded(ReadOnlySpan<byte> line) => !line.IsEmpty && line[0] is (byte)' ' or (byte)'\t';

    // A boundary may hold a colon.
    private bool IsBoundary(ReadOnlySpan<byte> line) => line.StartsWith("--"u8) && Match(line, isWhole: true, out _) >= 0;

    private void EndField()
    {
        ReadOnlySpan<byte> field = _field.Bytes;
        int colon = field.IndexOf((byte)':');
        if (colon > 0)
            TakeField(field[..colon].TrimEnd(" \t"u8), field[(colon + 1)..].Trim(" \t\r\n"u8));
        _field.Clear();
        _isFieldCut = false;
    }

    // The first of several counts, as for other readers.
    private void TakeField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (Ascii.EqualsIgnoreCase(name, "Content-Type"u8))
            _type ??= value.ToArray();
        else if (Ascii.EqualsIgnoreCase(name, "Content-Disposition"u8))
            _disposition ??= value.ToArray();
        else if (Ascii.EqualsIgnoreCase(name, "Content-Transfer-Encoding"u8))
            _encoding ??= value.ToArray();
        else if (Ascii.EqualsIgnoreCase(name, "Content-Range"u8))
            _range ??= value.ToArray();
        if (_isOwn)
            _handler.OnField(name, value);
    }

    private void EndHeader()
    {
        EndField();
        BeginEntity();
    }

    // The message has ended in a header: what it announces has no content.
    private void EndHeaderEarly()
    {
        if (_state == State.Header && _lineBytes > 0)
            TakeHeldLine();
        while (_state == State.Header)
            EndHeader();
    }
}
