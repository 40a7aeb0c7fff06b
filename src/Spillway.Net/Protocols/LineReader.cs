namespace Spillway.Net.Protocols;

/// <summary>
/// Takes the lines of a text protocol off a stream, whatever pieces it comes in. A line ends with a line feed; a carriage return before it
/// belongs to the end. A line that stands in one piece is returned in place, any other is collected.
/// </summary>
internal struct LineReader
{
    private WireBuffer _held;
    private bool _isReturned;
    private bool _isOver;

    /// <summary>Whether the last line was longer than the limit, or than memory allowed: what was returned is its beginning.</summary>
    public bool WasCut { get; private set; }

    /// <summary>Whether the last line ended with a bare line feed.</summary>
    public bool WasBare { get; private set; }

    /// <summary>Whether the beginning of a line waits for its end.</summary>
    public readonly bool IsInLine => !_isReturned && (_held.Length > 0 || _isOver);

    /// <summary>Takes the next line, without its end.</summary>
    /// <param name="data">What is read is taken off its front.</param>
    /// <param name="most">Bytes of a line that are kept.</param>
    /// <param name="budget">Memory of the lane.</param>
    /// <param name="line">The line; valid until the next call.</param>
    /// <returns>False if the line has not ended: then all data are taken.</returns>
    public bool TryRead(ref ReadOnlySpan<byte> data, int most, WireBudget budget, out ReadOnlySpan<byte> line)
    {
        if (_isReturned)
            Restart();

        int feed = data.IndexOf((byte)'\n');
        if (feed >= 0 && _held.Length == 0 && !_isOver)
        {
            line = data[..feed];
            data = data[(feed + 1)..];
            return End(ref line, most);
        }

        Hold(feed < 0 ? data : data[..feed], most, budget);
        data = feed < 0 ? default : data[(feed + 1)..];
        line = _held.Bytes;
        if (feed < 0)
            return false;
        _isReturned = true;
        return End(ref line, most);
    }

    /// <summary>Forgets the line that has begun, and keeps the memory.</summary>
    public void Restart()
    {
        _held.Clear();
        (_isReturned, _isOver) = (false, false);
    }

    /// <summary>Gives the memory back.</summary>
    public void Release(WireBudget budget)
    {
        Restart();
        _held.Release(budget);
    }

    private bool End(ref ReadOnlySpan<byte> line, int most)
    {
        WasBare = !line.EndsWith((byte)'\r');
        if (!WasBare)
            line = line[..^1];
        WasCut = _isOver || line.Length > most;
        if (line.Length > most)
            line = line[..most];
        return true;
    }

    // One byte more than a line may have: its carriage return.
    private void Hold(ReadOnlySpan<byte> data, int most, WireBudget budget)
    {
        int room = Math.Max(0, most + 1 - _held.Length);
        if (data.Length > room)
        {
            _isOver = true;
            data = data[..room];
        }

        if (!data.IsEmpty && !_held.TryAppend(data, budget))
            _isOver = true;
    }
}
