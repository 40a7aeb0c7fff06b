using System.Buffers;
using System.IO.Compression;

namespace Spillway.Net.Protocols.Http.Codings;

/// <summary>Brotli (RFC 7932).</summary>
internal sealed class BrotliContentDecoder : ContentDecoder
{
    private BrotliDecoder _decoder;
    private bool _done;

    public override DecodeStatus Decode(ReadOnlySpan<byte> input, Span<byte> output, out int consumed, out int written)
    {
        OperationStatus status = _decoder.Decompress(input, output, out consumed, out written);
        if (status == OperationStatus.InvalidData)
            return DecodeStatus.Failed;

        _done = status == OperationStatus.Done;
        return _done ? DecodeStatus.Done : DecodeStatus.More;
    }

    public override bool IsComplete() => _done;

    protected override void Dispose(bool disposing) => _decoder.Dispose();
}
