namespace Spillway.Net.Protocols.Mime;

/// <summary>
/// The multipart entities that the reader is in, the outermost first, and the lines that separate their parts (RFC 2046, section 5.1.1).
/// </summary>
internal sealed class MimeBoundaries
{
    /// <summary>The longest line that is compared: dashes, boundary and blanks behind it.</summary>
    public const int LineBytes = 512;

    /// <summary>No line of these separates anything.</summary>
    public const int None = -1;

    /// <summary>The line that has begun may yet.</summary>
    public const int Perhaps = -2;

    // The RFC allows 70.
    private const int BoundaryBytes = 256;

    private readonly List<Level> _levels = [];

    // What the boundaries begin with, behind the dashes: most lines begin otherwise.
    private readonly bool[] _isFirst = new bool[256];

    private static ReadOnlySpan<byte> Dashes => "--"u8;

    /// <summary>How many there are.</summary>
    public int Count => _levels.Count;

    /// <summary>The innermost one.</summary>
    public Level Innermost => _levels[^1];

    /// <summary>Enters an entity; false if the boundary cannot be one.</summary>
    public bool TryEnter(ReadOnlySpan<byte> boundary, int depth, bool isDigest)
    {
        boundary = boundary.TrimEnd(" \t\r\n"u8);
        if (boundary.IsEmpty || boundary.Length > BoundaryBytes || boundary.ContainsAny("\r\n"u8))
            return false;
        _levels.Add(new Level([.. Dashes, .. boundary], depth, isDigest));
        _isFirst[boundary[0]] = true;
        return true;
    }

    /// <summary>Leaves all entities within the first <paramref name="count"/>.</summary>
    public void Leave(int count)
    {
        if (count == _levels.Count)
            return;
        _levels.RemoveRange(count, _levels.Count - count);
        _isFirst.AsSpan().Clear();
        foreach (Level level in _levels)
            _isFirst[level.Delimiter[Dashes.Length]] = true;
    }

    /// <summary>The entity with a number.</summary>
    public Level this[int number] => _levels[number];

    /// <summary>Compares a line.</summary>
    /// <param name="line">The line, without its line feed.</param>
    /// <param name="isWhole">Whether its end has come.</param>
    /// <param name="closes">Whether it ends the entity.</param>
    /// <returns>The number of the entity it belongs to, <see cref="None"/> or <see cref="Perhaps"/>.</returns>
    public int Match(ReadOnlySpan<byte> line, bool isWhole, out bool closes)
    {
        closes = false;
        if (line.Length <= Dashes.Length)
            return !isWhole && _levels.Count > 0 && Dashes.StartsWith(line) ? Perhaps : None;
        if (!_isFirst[line[Dashes.Length]])
            return None;
        int result = None;
        for (int number = _levels.Count - 1; number >= 0; number--)
        {
            ReadOnlySpan<byte> delimiter = _levels[number].Delimiter;
            if (line.Length < delimiter.Length)
            {
                if (!isWhole && delimiter.StartsWith(line))
                    result = Perhaps;
                continue;
            }

            if (!line.StartsWith(delimiter))
                continue;
            ReadOnlySpan<byte> rest = line[delimiter.Length..];
            bool isClosing = rest.StartsWith("--"u8);
            if (!(isClosing ? rest[2..] : rest).ContainsAnyExcept(" \t\r"u8))
            {
                closes = isClosing;
                if (isWhole)
                    return number;
                result = Perhaps;
            }
            else if (!isWhole && rest.Length == 1 && rest[0] == (byte)'-')
            {
                result = Perhaps;
            }
        }

        return result;
    }

    /// <summary>A multipart entity.</summary>
    internal sealed class Level(byte[] delimiter, int depth, bool isDigest)
    {
        /// <summary>Two dashes and the boundary.</summary>
        public byte[] Delimiter { get; } = delimiter;

        /// <summary>How many containers it is in itself.</summary>
        public int Depth { get; } = depth;

        /// <summary>Its parts are messages unless they say otherwise (RFC 2046, section 5.1.5).</summary>
        public bool IsDigest { get; } = isDigest;
    }
}
