using System.Buffers;

namespace Spillway.Net.Protocols.Http.Codings;

/// <summary>
/// One coding of a body: holds the first bytes back until they show whether the content is in that coding at all, then decodes, or
/// passes it through as it is.
/// </summary>
internal sealed class CodingStage : IDisposable
{
    private const int ProbeBytes = 512;

    // Small steps, since what the inflater makes in the step in which it fails is lost.
    private const int ProbeStepBytes = 128;

    private readonly ContentCoding _coding;
    private byte[]? _probe = ArrayPool<byte>.Shared.Rent(ProbeBytes);
    private int _probeLength;
    private int _probePosition;
    private long _produced;
    private ContentDecoder? _decoder;
    private State _state;

    public CodingStage(ContentCoding coding)
    {
        _coding = coding;
    }

    private enum State : byte
    {
        Probing,
        Decoding,
        PassThrough,
        Done,
        Failed,
    }

    /// <summary>True if the content was not in the coding that was named.</summary>
    public bool IsMismatch => _state == State.PassThrough;

    /// <summary>True if the content was damaged.</summary>
    public bool IsFailed => _state == State.Failed;

    /// <summary>True if the coded stream is whole; asked when all input was given.</summary>
    public bool IsComplete() => _state is State.Done or State.PassThrough || (_state == State.Decoding && _decoder!.IsComplete());

    /// <summary>Takes input and makes output. Without output, all input was taken.</summary>
    /// <param name="final">True if no more input will come.</param>
    public int Read(ref ReadOnlySpan<byte> input, Span<byte> output, bool final)
    {
        if (_state == State.Probing && !TryStart(ref input, final))
            return 0;

        while (true)
        {
            int written = _probePosition < _probeLength ? ReadProbe(output) : ReadInput(ref input, output);
            if (written > 0)
            {
                _produced += written;
                return written;
            }

            bool exhausted = _probePosition == _probeLength && input.IsEmpty;
            if (exhausted && !(final && _state == State.Decoding && _decoder!.Flush()))
                return 0;
        }
    }

    public void Dispose()
    {
        _decoder?.Dispose();
        if (_probe is not null)
            ArrayPool<byte>.Shared.Return(_probe);
        _probe = null;
    }

    private bool TryStart(ref ReadOnlySpan<byte> input, bool final)
    {
        int length = Math.Min(ProbeBytes - _probeLength, input.Length);
        input[..length].CopyTo(_probe.AsSpan(_probeLength));
        _probeLength += length;
        input = input[length..];
        if (_probeLength < ProbeBytes && !final)
            return false;

        _decoder = _probeLength == 0 ? null : ContentDecoder.Create(_coding, _probe.AsSpan(0, _probeLength));
        _state = _decoder is null ? State.PassThrough : State.Decoding;
        return true;
    }

    private int ReadProbe(Span<byte> output)
    {
        ReadOnlySpan<byte> rest = _probe.AsSpan(_probePosition, _probeLength - _probePosition);
        int step = _state == State.Decoding ? Math.Min(rest.Length, ProbeStepBytes) : rest.Length;
        int written = Step(rest[..step], output, out int consumed);
        _probePosition += consumed;

        // Nothing came out of all this: it is not in that coding, and goes on as it is from its first byte.
        if (_state == State.Failed && _produced + written == 0)
        {
            _state = State.PassThrough;
            _probePosition = 0;
        }

        return written;
    }

    private int ReadInput(ref ReadOnlySpan<byte> input, Span<byte> output)
    {
        int written = Step(input, output, out int consumed);
        input = input[consumed..];
        return written;
    }

    private int Step(ReadOnlySpan<byte> input, Span<byte> output, out int consumed)
    {
        switch (_state)
        {
            case State.Decoding:
                DecodeStatus status = _decoder!.Decode(input, output, out consumed, out int written);
                if (status != DecodeStatus.More)
                {
                    _state = status == DecodeStatus.Done ? State.Done : State.Failed;
                    if (written == 0)
                        consumed = input.Length;
                }

                return written;

            case State.PassThrough:
                consumed = Math.Min(input.Length, output.Length);
                input[..consumed].CopyTo(output);
                return consumed;

            default:
                consumed = input.Length;
                return 0;
        }
    }
}
