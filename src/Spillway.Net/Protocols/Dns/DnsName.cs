namespace Spillway.Net.Protocols.Dns;

/// <summary>A domain name in place, possibly compressed (RFC 1035, 4.1.4).</summary>
public readonly ref struct DnsName
{
    /// <summary>The longest name on the wire (RFC 1035, 2.3.4), its last zero included.</summary>
    public const int MaxWireBytes = 255;

    private const int MaxPointers = 127;

    /// <summary>Room that every name's text fits into: each byte as <c>\DDD</c> at worst.</summary>
    public const int MaxTextBytes = 4 * MaxWireBytes;

    private readonly ReadOnlySpan<byte> _message;
    private readonly int _offset;

    internal DnsName(ReadOnlySpan<byte> message, int offset)
    {
        _message = message;
        _offset = offset;
    }

    /// <summary>Whether it is the root: a name without labels.</summary>
    public bool IsRoot => _offset < _message.Length && _message[_offset] == 0;

    /// <summary>
    /// Writes the name with dots between its labels and none at the end; the root is a dot. Dots and backslashes in labels are written
    /// <c>\.</c> and <c>\\</c>, other bytes that are no printable ASCII <c>\DDD</c> (RFC 4343).
    /// </summary>
    /// <param name="destination">At least <see cref="MaxTextBytes"/>.</param>
    /// <returns>Bytes written.</returns>
    public int Format(Span<byte> destination)
    {
        int written = 0;
        var labels = new Labels(_message, _offset);
        while (labels.MoveNext())
        {
            if (written > 0)
                destination[written++] = (byte)'.';
            foreach (byte character in labels.Current)
                written += FormatCharacter(character, destination[written..]);
        }

        if (written == 0)
            destination[written++] = (byte)'.';
        return written;
    }

    /// <summary>Steps over a name.</summary>
    /// <returns>The offset behind it; -1 if it is malformed: it leaves the message, is longer than 255 bytes, or its pointers do not come
    /// to an end.</returns>
    internal static int Skip(ReadOnlySpan<byte> message, int offset)
    {
        var labels = new Labels(message, offset);
        while (labels.MoveNext()) { }

        return labels.IsMalformed ? -1 : labels.End;
    }

    private static int FormatCharacter(byte character, Span<byte> destination)
    {
        if (character is (byte)'.' or (byte)'\\')
        {
            destination[0] = (byte)'\\';
            destination[1] = character;
            return 2;
        }

        if (character is > 0x20 and < 0x7F)
        {
            destination[0] = character;
            return 1;
        }

        destination[0] = (byte)'\\';
        destination[1] = (byte)('0' + (character / 100));
        destination[2] = (byte)('0' + (character / 10 % 10));
        destination[3] = (byte)('0' + (character % 10));
        return 4;
    }

    // RFC 1035 speaks of a prior occurrence, but servers and clients follow pointers forward too. What keeps a chain from coming round is
    // that it may have no more pointers than a name has labels at most.
    private ref struct Labels
    {
        private readonly ReadOnlySpan<byte> _message;
        private int _offset;
        private int _pointers;
        private int _wireBytes;

        public Labels(ReadOnlySpan<byte> message, int offset)
        {
            _message = message;
            _offset = offset;
            End = -1;
        }

        public ReadOnlySpan<byte> Current { get; private set; }

        /// <summary>The offset behind the name where it stands: behind its first pointer, if it has one.</summary>
        public int End { get; private set; }

        public bool IsMalformed { get; private set; }

        public bool MoveNext()
        {
            while (true)
            {
                if ((uint)_offset >= (uint)_message.Length)
                    return Fail();
                int length = _message[_offset];
                if (length == 0)
                {
                    if (End < 0)
                        End = _offset + 1;
                    return false;
                }

                if (length < 0x40)
                {
                    _wireBytes += 1 + length;
                    if (_wireBytes >= MaxWireBytes || _offset + 1 + length > _message.Length)
                        return Fail();
                    Current = _message.Slice(_offset + 1, length);
                    _offset += 1 + length;
                    return true;
                }

                if (length < 0xC0 || _offset + 2 > _message.Length)
                    return Fail();
                int target = ((length & 0x3F) << 8) | _message[_offset + 1];
                if (End < 0)
                    End = _offset + 2;
                if (++_pointers > MaxPointers)
                    return Fail();
                _offset = target;
            }
        }

        private bool Fail()
        {
            IsMalformed = true;
            return false;
        }
    }
}
