using System.Buffers;
using System.IO.Compression;

namespace Spillway.Net.Protocols.Http.Codings;

/// <summary>Brotli (RFC 7932).</summary>
/// <remarks>
/// The decoder gives out what it has when its input is used up, and gives out nothing with an error: so it gets small pieces.
/// </remarks>
internal sealed class BrotliContentDecoder : ContentDecoder
{
    private const int MaxPiece = 1024;

    private BrotliDecoder _decoder;
    private bool _done;

    public override DecodeStatus Decode(ReadOnlySpan<byte> input, Span<byte> output, out int consumed, out int written)
    {
        consumed = 0;
        do
        {
            ReadOnlySpan<byte> piece = input.Slice(consumed, Math.Min(MaxPiece, input.Length - consumed));
            OperationStatus status = _decoder.Decompress(piece, output, out int taken, out written);
            consumed += taken;
            if (status == OperationStatus.InvalidData)
                return DecodeStatus.Failed;

            if (status == OperationStatus.Done)
            {
                _done = true;
                return DecodeStatus.Done;
            }
        } while (written == 0 && consumed < input.Length);

        return DecodeStatus.More;
    }

    public override bool IsComplete() => _done;

    protected override void Dispose(bool disposing) => _decoder.Dispose();
}
