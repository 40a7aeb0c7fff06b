namespace Spillway.Net.Protocols.Http.Codings;

/// <summary>Skips the header of a gzip member (RFC 1952, section 2.3), which may come in any pieces.</summary>
internal struct GzipHeaderReader
{
    private const int FixedBytes = 10;
    private const byte HeaderCrcFlag = 0x02;
    private const byte ExtraFlag = 0x04;
    private const byte NameFlag = 0x08;
    private const byte CommentFlag = 0x10;
    private const byte ReservedFlags = 0xE0;

    private int _position;
    private byte _flags;
    private int _extra;
    private Part _part;

    /// <summary>Creates a reader that stands before the first byte.</summary>
    public GzipHeaderReader()
    {
        _part = Part.Fixed;
    }

    private enum Part : byte
    {
        Fixed,
        ExtraLength,
        Extra,
        Name,
        Comment,
        HeaderCrc,
        End,
    }

    /// <summary>ID1, ID2 and the only compression method there is.</summary>
    public static ReadOnlySpan<byte> Magic => [0x1F, 0x8B, 8];

    /// <summary>Reads on; false if this is no gzip header.</summary>
    public bool Read(ReadOnlySpan<byte> input, out int taken, out bool complete)
    {
        taken = 0;
        while (true)
        {
            SkipAbsentParts();
            complete = _part == Part.End;
            if (complete || taken == input.Length)
                return true;

            if (!Take(input[taken++]))
                return false;
        }
    }

    private bool Take(byte value)
    {
        switch (_part)
        {
            case Part.Fixed:
                if (_position < 3 && value != Magic[_position])
                    return false;
                if (_position == 3)
                {
                    _flags = value;
                    if ((value & ReservedFlags) != 0)
                        return false;
                }

                Advance(FixedBytes);
                return true;

            case Part.ExtraLength:
                _extra |= value << (8 * _position);
                Advance(2);
                return true;

            case Part.Extra:
                Advance(_extra);
                return true;

            case Part.HeaderCrc:
                Advance(2);
                return true;

            default:
                if (value == 0)
                    Advance(0);
                return true;
        }
    }

    private void Advance(int length)
    {
        if (++_position >= length)
        {
            _part++;
            _position = 0;
        }
    }

    private void SkipAbsentParts()
    {
        if (_part is Part.ExtraLength && (_flags & ExtraFlag) == 0)
            _part = Part.Name;
        if (_part is Part.Extra && _extra == 0)
            _part = Part.Name;
        if (_part is Part.Name && (_flags & NameFlag) == 0)
            _part = Part.Comment;
        if (_part is Part.Comment && (_flags & CommentFlag) == 0)
            _part = Part.HeaderCrc;
        if (_part is Part.HeaderCrc && (_flags & HeaderCrcFlag) == 0)
            _part = Part.End;
    }
}
