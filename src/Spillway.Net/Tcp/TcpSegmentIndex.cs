namespace Spillway.Net.Tcp;

/// <summary>
/// The segments that a stream holds, by their offsets: for streams that hold so many that to walk through them would cost more than the
/// segment that has come. One for each <see cref="TcpReorderBuffer"/> that needs it.
/// </summary>
internal sealed class TcpSegmentIndex
{
    /// <summary>With fewer segments there is none.</summary>
    public const int LeastSegments = 32;

    private TcpSegment[] _segments = new TcpSegment[4 * LeastSegments];
    private int _first;
    private int _count;

    /// <summary>Takes a list of segments in.</summary>
    public TcpSegmentIndex(TcpSegment head)
    {
        for (TcpSegment? segment = head; segment is not null; segment = segment.Next)
            Append(segment);
    }

    /// <summary>The last segment that begins at an offset or before it; null if none does.</summary>
    public TcpSegment? FindAtOrBefore(long offset)
    {
        int place = FindBehind(offset);
        return place == 0 ? null : _segments[_first + place - 1];
    }

    /// <summary>Takes a segment in, at its offset.</summary>
    public void Insert(TcpSegment segment)
    {
        int place = FindBehind(segment.Offset);
        Append(segment);
        Span<TcpSegment> held = _segments.AsSpan(_first, _count);
        held[place..^1].CopyTo(held[(place + 1)..]);
        held[place] = segment;
    }

    /// <summary>The first segment has gone.</summary>
    public void RemoveFirst()
    {
        _segments[_first++] = null!;
        _count--;
    }

    /// <summary>The last segment has gone.</summary>
    public void RemoveLast() => _segments[_first + --_count] = null!;

    private void Append(TcpSegment segment)
    {
        if (_first + _count == _segments.Length)
        {
            TcpSegment[] larger = _first >= _count ? _segments : new TcpSegment[2 * _segments.Length];
            Span<TcpSegment> held = _segments.AsSpan(_first, _count);
            held.CopyTo(larger);
            larger.AsSpan(_count).Clear();
            (_segments, _first) = (larger, 0);
        }

        _segments[_first + _count++] = segment;
    }

    // How many segments begin at an offset or before it.
    private int FindBehind(long offset)
    {
        int low = 0,
            high = _count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_segments[_first + middle].Offset > offset)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }
}
