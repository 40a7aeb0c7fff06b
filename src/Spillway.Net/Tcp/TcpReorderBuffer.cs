using Spillway.Net.Flows;

namespace Spillway.Net.Tcp;

/// <summary>
/// What one stream holds while something before it is missing: a list of segments, sorted by offset, never overlapping. Bytes that came
/// first stay; later ones only fill holes between them. Only streams that wait for something have one: for a hole to be filled, or for the
/// other direction.
/// </summary>
internal sealed class TcpReorderBuffer(TcpSegmentPool pool, TcpReassemblerOptions options, TcpReassemblyStatistics statistics)
{
    // Whose it is, and its place among all that wait: the reassembler makes the one that has been waiting longest pay at the total limit.
    public Flow? Flow;
    public bool FromA;
    public TcpReorderBuffer? Older;
    public TcpReorderBuffer? Newer;

    /// <summary>Packet time when the first hole showed: the first segment behind it came.</summary>
    public long HoleSinceNs;

    /// <summary>Holes that end at or before this offset had been acknowledged when the mark was set; -1 without a mark.</summary>
    public long MarkAcknowledged = -1;
    public long MarkNs;
    public uint MarkSegments;

    /// <summary>
    /// Offset of a FIN behind which bytes are held: they are never put into one segment with those before it. -1 without one.
    /// </summary>
    public long Barrier = -1;

    // Null as long as few segments are held.
    private TcpSegmentIndex? _index;

    public TcpSegment? Head { get; private set; }
    public TcpSegment? Tail { get; private set; }
    public int Segments { get; private set; }
    public int Bytes { get; private set; }

    /// <summary>Puts bytes where nothing is held yet. False if some had to be dropped because no buffer could be had.</summary>
    public bool Insert(long offset, ReadOnlySpan<byte> data, in TcpAcknowledgment acknowledgment)
    {
        TcpSegment? before = FindAtOrBefore(offset);
        bool overlaps = false;
        bool conflicts = false;
        while (!data.IsEmpty)
        {
            if (before is not null && before.End > offset)
            {
                int covered = (int)Math.Min(before.End - offset, data.Length);
                overlaps = true;
                if (Differs(before, offset, data[..covered]))
                {
                    conflicts = true;
                    if (Flow is { } flow)
                        statistics.OnConflict?.Invoke(
                            flow,
                            FromA,
                            offset,
                            before.Data.Slice((int)(offset - before.Offset), covered),
                            data[..covered]
                        );
                }

                statistics.RetransmittedBytes += covered;
                data = data[covered..];
                offset += covered;
                continue;
            }

            TcpSegment? next = before is null ? Head : before.Next;
            if (next is not null && next.Offset == offset)
            {
                before = next;
                continue;
            }

            int free = next is null ? data.Length : (int)Math.Min(data.Length, next.Offset - offset);
            if (!TryStore(ref before, offset, data[..free], in acknowledgment))
                return false;
            data = data[free..];
            offset += free;
        }

        if (overlaps)
            statistics.Overlaps++;
        if (conflicts)
            statistics.ConflictingOverlaps++;
        return true;
    }

    /// <summary>Notes that bytes are missing from the capture (the snap length cut them off), as far as nothing is held there.</summary>
    public void InsertMissing(long offset, int length)
    {
        TcpSegment? before = FindAtOrBefore(offset);
        long end = offset + length;
        if (before is not null)
            offset = Math.Max(offset, before.End);
        TcpSegment? next = before is null ? Head : before.Next;
        if (next is not null)
            end = Math.Min(end, next.Offset);
        if (offset >= end || Segments >= options.MaxSegmentsPerStream || pool.Rent(0) is not { } segment)
            return;
        segment.Offset = offset;
        segment.Length = (int)(end - offset);
        Link(segment, before);
    }

    /// <summary>Takes the first segment out. The caller returns it to the pool when its bytes have been used.</summary>
    public TcpSegment TakeHead()
    {
        TcpSegment head = Head!;
        Head = head.Next;
        if (Head is null)
            Tail = null;
        else
            Head.Previous = null;
        _index?.RemoveFirst();
        Segments--;
        Bytes -= head.Buffer.Length;
        return head;
    }

    /// <summary>
    /// True if <paramref name="data"/>, which begins at <paramref name="offset"/> inside the segment, differs from what is held.
    /// </summary>
    public static bool Differs(TcpSegment segment, long offset, ReadOnlySpan<byte> data) =>
        !segment.IsMissing && !segment.Data.Slice((int)(offset - segment.Offset), data.Length).SequenceEqual(data);

    /// <summary>Whether the limits of this stream and of all streams leave room for buffers of so many bytes.</summary>
    public bool HasRoomFor(int bytes) => Bytes + bytes <= options.MaxBytesPerStream && pool.HasRoomFor(bytes);

    /// <summary>Moves the origin of offsets: a stream joined in the middle learned where it begins.</summary>
    public void Shift(long by)
    {
        if (Barrier >= 0)
            Barrier -= by;
        for (TcpSegment? segment = Head; segment is not null; segment = segment.Next)
            segment.Offset -= by;
    }

    /// <summary>Returns all segments, and forgets whose buffer it was.</summary>
    public void Clear()
    {
        while (Head is not null)
            pool.Return(TakeHead());
        Flow = null;
        _index = null;
        MarkAcknowledged = Barrier = -1;
    }

    /// <summary>Whether the byte at an offset is held.</summary>
    public bool Covers(long offset) => FindAtOrBefore(offset) is { } segment && segment.End > offset;

    /// <summary>Drops what is held from the <see cref="Barrier"/> on.</summary>
    public void CutBehindBarrier()
    {
        while (Tail is { } last && last.Offset >= Barrier)
        {
            Tail = last.Previous;
            if (Tail is null)
                Head = null;
            else
                Tail.Next = null;
            _index?.RemoveLast();
            Segments--;
            Bytes -= last.Buffer.Length;
            pool.Return(last);
        }
    }

    // From the end: late segments are rare, and most of what is held continues what came just before.
    private TcpSegment? FindAtOrBefore(long offset)
    {
        if (Tail is { } last && last.Offset > offset && _index is { } index)
            return index.FindAtOrBefore(offset);
        TcpSegment? segment = Tail;
        while (segment is not null && segment.Offset > offset)
            segment = segment.Previous;
        return segment;
    }

    private bool TryStore(ref TcpSegment? before, long offset, ReadOnlySpan<byte> data, in TcpAcknowledgment acknowledgment)
    {
        bool continues =
            before is not null
            && before.End == offset
            && offset != Barrier
            && !before.IsMissing
            && before.Acknowledgment.SaysTheSame(in acknowledgment);
        if (continues && before!.Room > 0)
        {
            int fits = Math.Min(before.Room, data.Length);
            data[..fits].CopyTo(before.Buffer.AsSpan(before.Length));
            before.Length += fits;
            data = data[fits..];
            offset += fits;
        }

        while (!data.IsEmpty)
        {
            bool isLong = continues || data.Length > TcpSegmentPool.SmallBytes;
            int capacity = isLong && HasRoomFor(TcpSegmentPool.LargeBytes) ? TcpSegmentPool.LargeBytes : TcpSegmentPool.SmallBytes;
            if (Segments >= options.MaxSegmentsPerStream || !HasRoomFor(capacity) || pool.Rent(capacity) is not { } segment)
            {
                statistics.DroppedByLimit += data.Length;
                return false;
            }

            segment.Offset = offset;
            segment.Acknowledgment = acknowledgment;
            segment.Length = Math.Min(capacity, data.Length);
            data[..segment.Length].CopyTo(segment.Buffer);
            data = data[segment.Length..];
            offset += segment.Length;
            Link(segment, before);
            before = segment;
        }

        return true;
    }

    private void Link(TcpSegment segment, TcpSegment? before)
    {
        segment.Previous = before;
        segment.Next = before is null ? Head : before.Next;
        if (segment.Next is null)
            Tail = segment;
        else
            segment.Next.Previous = segment;
        if (before is null)
            Head = segment;
        else
            before.Next = segment;
        Segments++;
        if (_index is { } index)
            index.Insert(segment);
        else if (Segments == TcpSegmentIndex.LeastSegments)
            _index = new TcpSegmentIndex(Head!);
        Bytes += segment.Buffer.Length;
    }
}
