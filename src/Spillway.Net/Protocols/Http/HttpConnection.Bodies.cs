namespace Spillway.Net.Protocols.Http;

// Following bodies to their end.
public sealed partial class HttpConnection<THandler>
{
    // No capture misses a tebibyte; a number like that is no position to go on from.
    private const long MaxGapBytes = 1L << 40;

    private void BeginBody(HttpStream stream, HttpTransaction transaction, HttpHeader header, BodyFraming framing, long length)
    {
        stream.Current = transaction;
        stream.Offset = 0;
        stream.Damage = HttpBodyEnd.Complete;
        if (framing == BodyFraming.None)
        {
            EndMessage(stream, HttpBodyEnd.NoBody);
            return;
        }

        stream.Remaining = length;
        stream.Chunks = default;
        stream.OtherFraming = length > 0 ? BodyFraming.Length : header.IsRequest ? BodyFraming.None : BodyFraming.UntilClose;
        stream.State = framing switch
        {
            BodyFraming.Length => HttpStreamState.Length,
            BodyFraming.Chunked => HttpStreamState.Chunked,
            _ => HttpStreamState.UntilClose,
        };

        if (IsWanted(stream))
            BeginDecoding(stream, transaction, header);
    }

    private void ReadLength(HttpStream stream, ref ReadOnlySpan<byte> data)
    {
        // A response whose request was not seen may answer a HEAD: then the next message stands where its body would.
        if (stream.Offset == 0 && stream.Current!.Request is null && stream.Pipeline is null && BeginsResponse(stream, data))
        {
            EndMessage(stream, HttpBodyEnd.NoBody);
            return;
        }

        int length = (int)Math.Min(stream.Remaining, data.Length);
        ReadOnlySpan<byte> content = data[..length];
        data = data[length..];
        stream.Remaining -= length;
        Deliver(stream, content);
        if (stream.Remaining == 0)
            EndMessage(stream, HttpBodyEnd.Complete);
    }

    private void ReadChunked(HttpStream stream, ref ReadOnlySpan<byte> data)
    {
        switch (stream.Chunks.Read(ref data, _observer.Limits, out ReadOnlySpan<byte> content))
        {
            case ChunkResult.Data:
                Deliver(stream, content);
                break;

            case ChunkResult.End:
                EndMessage(stream, HttpBodyEnd.Complete);
                break;

            case ChunkResult.Bad when !stream.Chunks.HasStarted && stream.OtherFraming != BodyFraming.None:
                // Announced as chunked and is not.
                _statistics.BadChunks++;
                stream.State = stream.OtherFraming == BodyFraming.Length ? HttpStreamState.Length : HttpStreamState.UntilClose;
                break;

            case ChunkResult.Bad:
                _statistics.BadChunks++;
                EndMessage(stream, HttpBodyEnd.Corrupt);
                Lose(stream);
                break;

            default:
                break;
        }
    }

    private void ReadUntilClose(HttpStream stream, ref ReadOnlySpan<byte> data)
    {
        // A request that waits for its answer on this connection contradicts a body that fills the rest of it.
        if (_waiting > 0 && BeginsResponse(stream, data))
        {
            EndMessage(stream, HttpBodyEnd.Complete);
            return;
        }

        Deliver(stream, data);
        data = default;
    }

    private void ReadDoubtful(HttpStream stream, ReadOnlySpan<byte> data)
    {
        int common = Math.Min(data.Length, 5);
        bool next = data[0] is (byte)'\r' or (byte)'\n' || data[..common].SequenceEqual("HTTP/"u8[..common]);
        Resolve(stream, hasBody: !next);
    }

    private static bool BeginsResponse(HttpStream stream, ReadOnlySpan<byte> data) =>
        stream.Role == HttpRole.Server && data.Length >= 12 && data[0] == (byte)'H' && HttpStartLine.Find(data[..12], false, true) == 0;

    private void SkipInBody(HttpStream stream, long length)
    {
        bool inStep;
        long within = length;
        switch (stream.State)
        {
            case HttpStreamState.Length:
                within = Math.Min(length, stream.Remaining);
                stream.Remaining -= within;
                inStep = within == length;
                break;

            case HttpStreamState.Chunked:
                within = Math.Min(length, stream.Chunks.Remaining);
                inStep = stream.Chunks.Skip(length);
                break;

            case HttpStreamState.UntilClose:
                inStep = length <= MaxGapBytes;
                within = inStep ? length : 0;
                break;

            default:
                within = 0;
                inStep = false;
                break;
        }

        bool whole = stream.State == HttpStreamState.Chunked && stream.Chunks.HasLastChunk;
        if (!whole)
            MarkGap(stream, within);

        if (!inStep)
        {
            EndMessage(stream, HttpBodyEnd.Complete);
            LoseMessages(stream);
        }
        else if (stream.State == HttpStreamState.Length && stream.Remaining == 0)
        {
            EndMessage(stream, HttpBodyEnd.Complete);
        }
    }

    // Plain content goes on behind the hole; in coded content nothing can be known behind it.
    private static void MarkGap(HttpStream stream, long length)
    {
        if (stream.Damage == HttpBodyEnd.Complete)
            stream.Damage = HttpBodyEnd.Gap;
        if (stream.Pipeline is null)
            stream.Offset += length;
    }

    // The stream ends within a body.
    private void EndCutBody(HttpStream stream)
    {
        bool whole = stream.State == HttpStreamState.UntilClose || (stream.State == HttpStreamState.Chunked && stream.Chunks.HasLastChunk);
        EndMessage(stream, whole ? HttpBodyEnd.Complete : HttpBodyEnd.Truncated);
    }
}
