namespace Spillway.Net.Protocols.Mime;

/// <content>
/// The lines between the parts. Content goes on in runs as long as they come; only where a line begins with two dashes it is looked at, and
/// the line break before it waits, since it belongs to the boundary.
/// </content>
public sealed partial class MimeReader<THandler>
{
    // The break of the line before and the beginning of a line that may be a boundary, as far as they have come.
    private readonly byte[] _held = new byte[MimeBoundaries.LineBytes + 2];
    private int _heldLength;
    private int _breakLength;
    private bool _isHolding;
    private string _containerType = "";

    // What comes next begins a line.
    private void BeginLine() => (_isHolding, _heldLength, _breakLength) = (true, 0, 0);

    private ReadOnlySpan<byte> HeldLine => _held.AsSpan(_breakLength, _heldLength - _breakLength);

    private void ReadBody(ref ReadOnlySpan<byte> data)
    {
        if (_isHolding)
        {
            GoOnHolding(ref data);
            return;
        }

        int from = 0;
        while (true)
        {
            int dashes = data[from..].IndexOf("\n--"u8);
            if (dashes < 0)
            {
                EmitButEnd(ref data);
                return;
            }

            dashes += from;
            ReadOnlySpan<byte> line = data[(dashes + 1)..];
            int feed = line[..Math.Min(line.Length, MimeBoundaries.LineBytes)].IndexOf((byte)'\n');
            int level = Match(feed < 0 ? line : line[..feed], isWhole: feed >= 0, out bool closes);
            if (level == MimeBoundaries.None)
            {
                from = dashes + 3;
                continue;
            }

            int before = dashes - (dashes > 0 && data[dashes - 1] == (byte)'\r' ? 1 : 0);
            Emit(data[..before]);
            if (level == MimeBoundaries.Perhaps)
            {
                Hold(data[before..], dashes + 1 - before);
                data = default;
                return;
            }

            data = line[(feed + 1)..];
            Separate(level, closes);
            return;
        }
    }

    // A longer line is no boundary.
    private int Match(ReadOnlySpan<byte> line, bool isWhole, out bool closes)
    {
        closes = false;
        return line.Length < MimeBoundaries.LineBytes ? _boundaries.Match(line, isWhole, out closes) : MimeBoundaries.None;
    }

    // Nothing in the data is a boundary, but their end may be the beginning of one, or of the break before it.
    private void EmitButEnd(ref ReadOnlySpan<byte> data)
    {
        int end = data.Length;
        if (data.EndsWith("\n-"u8))
            end -= 2;
        else if (data[^1] is (byte)'\n' or (byte)'\r')
            end--;
        if (end < data.Length && data[end] == (byte)'\n' && end > 0 && data[end - 1] == (byte)'\r')
            end--;

        Emit(data[..end]);
        if (end < data.Length)
            Hold(data[end..], data.Length - end - (data[^1] == (byte)'-' ? 1 : 0));
        data = default;
    }

    private void Hold(ReadOnlySpan<byte> data, int breakLength)
    {
        data.CopyTo(_held);
        (_isHolding, _heldLength, _breakLength) = (true, data.Length, breakLength);
    }

    private void GoOnHolding(ref ReadOnlySpan<byte> data)
    {
        if (_breakLength == 1 && _held[0] == (byte)'\r')
        {
            CompleteBreak(ref data);
            return;
        }

        if (HeldLine.IsEmpty && data[0] != (byte)'-')
        {
            FlushHeld();
            return;
        }

        int room = MimeBoundaries.LineBytes - HeldLine.Length;
        int feed = data[..Math.Min(data.Length, room)].IndexOf((byte)'\n');
        ReadOnlySpan<byte> piece = feed >= 0 ? data[..feed] : data[..Math.Min(data.Length, room)];
        piece.CopyTo(_held.AsSpan(_heldLength));
        _heldLength += piece.Length;
        data = data[piece.Length..];

        bool isWhole = feed >= 0;
        int level = Match(HeldLine, isWhole, out bool closes);
        if (level == MimeBoundaries.Perhaps)
            return;
        if (level == MimeBoundaries.None)
        {
            FlushLine();
            return;
        }

        data = data[1..];
        _isHolding = false;
        Separate(level, closes);
    }

    private void CompleteBreak(ref ReadOnlySpan<byte> data)
    {
        if (data[0] != (byte)'\n')
        {
            FlushHeld();
            return;
        }

        _held[1] = (byte)'\n';
        (_heldLength, _breakLength) = (2, 2);
        data = data[1..];
    }

    // The line is none: all of it is content, but a carriage return at its end may belong to the next break.
    private void FlushLine()
    {
        bool hasReturn = HeldLine.EndsWith((byte)'\r');
        if (hasReturn)
            _heldLength--;
        FlushHeld();
        if (hasReturn)
            Hold("\r"u8, 1);
    }

    private void FlushHeld()
    {
        if (!_isHolding)
            return;
        _isHolding = false;
        Emit(_held.AsSpan(0, _heldLength));
        _heldLength = 0;
    }

    // The message ends: a boundary needs no line end any more.
    private void EndLine()
    {
        if (!_isHolding || _state is State.Header or State.Ended)
            return;
        int level = _boundaries.Match(HeldLine, isWhole: true, out _);
        if (level < 0 || (_breakLength == 1 && _held[0] == (byte)'\r'))
        {
            FlushHeld();
            return;
        }

        _isHolding = false;
        LeaveEntity(level);
        EndPart(MimeEnd.Complete);
        _state = State.Passing;
    }

    // A line between two parts, or behind the last one.
    private void Separate(int level, bool closes)
    {
        LeaveEntity(level);
        EndPart(MimeEnd.Complete);
        MimeBoundaries.Level entity = _boundaries[level];
        if (closes)
        {
            _boundaries.Leave(level);
            _state = State.Passing;
            BeginLine();
            return;
        }

        _boundaries.Leave(level + 1);
        BeginHeader(entity.Depth + 1, isOwn: false, entity.IsDigest);
    }

    // Entities within the one whose boundary has come are over; one of them whose own boundary has not come is a part.
    private void LeaveEntity(int level)
    {
        if (_state == State.Preamble && level < _boundaries.Count - 1)
            EndPreamble();
        _preamble.Clear();
    }
}
