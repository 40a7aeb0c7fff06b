using System.Buffers.Binary;

namespace Spillway.Net.Protocols.Http.Codings;

/// <summary>Gzip (RFC 1952), with any number of members. The checksum is not checked: see <see cref="InflateDecoder"/>.</summary>
internal sealed class GzipDecoder : ContentDecoder
{
    private const int TrailerBytes = 8;

    // Members cost an inflater each. Real files have a handful, or many that are not small.
    private const int MaxMembers = 1024;
    private const int FreeMembers = 8;
    private const int BytesPerMember = 64;

    private GzipHeaderReader _header = new();
    private InflateDecoder? _member;
    private int _members;
    private long _input;
    private State _state = State.Header;

    // From the end of a member on: its last input and what follows, until it is known whether another member begins there.
    private byte[] _tail = [];
    private int _tailLength;
    private int _tailWanted;
    private int _tailPosition;

    private enum State : byte
    {
        Header,
        Data,
        Trailer,
        Done,
    }

    public override DecodeStatus Decode(ReadOnlySpan<byte> input, Span<byte> output, out int consumed, out int written)
    {
        consumed = 0;
        while (true)
        {
            // What was read past the end of the last member comes before the caller's input.
            bool fromTail = _tailPosition < _tailLength && _state < State.Trailer;
            ReadOnlySpan<byte> source = fromTail ? _tail.AsSpan(_tailPosition, _tailLength - _tailPosition) : input[consumed..];
            DecodeStatus status = Step(source, output, out int taken, out written);
            if (fromTail)
            {
                if (_state != State.Trailer)
                    _tailPosition += taken;
            }
            else
            {
                consumed += taken;
                _input += taken;
            }

            if (written > 0 || status != DecodeStatus.More)
                return status;

            bool tailLeft = _tailPosition < _tailLength && _state < State.Trailer;
            if (!tailLeft && consumed == input.Length && (_state != State.Trailer || _tailLength < _tailWanted))
                return DecodeStatus.More;
        }
    }

    public override bool IsComplete() => _state is State.Trailer or State.Done || (_state == State.Data && _member!.IsComplete());

    // A short file may lie in the inflater as a whole, with members behind the first.
    public override bool Flush()
    {
        if (_state == State.Data && _member!.IsComplete())
            BeginTrailer(default);
        return _state == State.Trailer && FindNextMember();
    }

    protected override void Dispose(bool disposing) => _member?.Dispose();

    private DecodeStatus Step(ReadOnlySpan<byte> source, Span<byte> output, out int taken, out int written)
    {
        written = 0;
        switch (_state)
        {
            case State.Header:
                bool bad = !_header.Read(source, out taken, out bool complete);
                if (bad)
                    return DecodeStatus.Failed;
                if (complete)
                {
                    _member?.Dispose();
                    _member = new InflateDecoder(0);
                    _state = State.Data;
                }

                return DecodeStatus.More;

            case State.Data:
                DecodeStatus status = _member!.Decode(source, output, out taken, out written);
                if (status == DecodeStatus.Done)
                {
                    BeginTrailer(source[taken..]);
                    return DecodeStatus.More;
                }

                return status;

            case State.Trailer:
                taken = Math.Min(_tailWanted - _tailLength, source.Length);
                source[..taken].CopyTo(_tail.AsSpan(_tailLength));
                _tailLength += taken;
                if (_tailLength < _tailWanted)
                    return DecodeStatus.More;
                return FindNextMember() ? DecodeStatus.More : DecodeStatus.Done;

            default:
                taken = 0;
                return DecodeStatus.Done;
        }
    }

    private void BeginTrailer(ReadOnlySpan<byte> pushedBack)
    {
        ReadOnlySpan<byte> swallowed = _member!.Tail;

        // Input that an earlier tail still holds goes on behind it; the caller's input is taken as it comes.
        ReadOnlySpan<byte> rest = _tailPosition < _tailLength ? pushedBack : default;
        byte[] tail = new byte[swallowed.Length + rest.Length + TrailerBytes + 3];
        swallowed.CopyTo(tail);
        rest.CopyTo(tail.AsSpan(swallowed.Length));
        _tail = tail;
        _tailLength = swallowed.Length + rest.Length;
        _tailWanted = Math.Max(_tailLength, swallowed.Length + TrailerBytes + 3);
        _tailPosition = _tailLength;
        _state = State.Trailer;
    }

    // The inflater does not say where its data ended, but the trailer's last four bytes are the decoded length, and a member's first
    // three are fixed: seven known bytes cannot be met by chance.
    private bool FindNextMember()
    {
        Span<byte> pattern = stackalloc byte[7];
        BinaryPrimitives.WriteUInt32LittleEndian(pattern, (uint)_member!.Produced);
        GzipHeaderReader.Magic.CopyTo(pattern[4..]);
        int at = _tail.AsSpan(0, _tailLength).IndexOf(pattern);
        if (at < 0 || ++_members >= Math.Min(MaxMembers, FreeMembers + (_input / BytesPerMember)))
        {
            _state = State.Done;
            return false;
        }

        _tailPosition = at + 4;
        _header = new GzipHeaderReader();
        _state = State.Header;
        return true;
    }
}
