namespace Spillway.Net.Protocols.Http;

// Following bodies to their end.
public sealed partial class HttpConnection<THandler>
{
    // No capture misses a tebibyte; a number like that is no position to go on from.
    private const long MaxGapBytes = 1L << 40;

    private void BeginBody(ref HttpStream stream, HttpTransaction transaction, HttpHeader header, BodyFraming framing, long length)
    {
        if (framing == BodyFraming.None)
        {
            EndMessage(ref stream, transaction, 0, HttpBodyEnd.NoBody);
            return;
        }

        HttpMessage message = stream.BeginMessage(_observer);
        message.Transaction = transaction;
        message.Remaining = length;
        message.AwaitsContinue = header.IsRequest && HttpFraming.AwaitsContinue(header);
        message.OtherFraming =
            length > 0 ? BodyFraming.Length
            : header.IsRequest ? BodyFraming.None
            : BodyFraming.UntilClose;
        stream.State = framing switch
        {
            BodyFraming.Length => HttpStreamState.Length,
            BodyFraming.Chunked => HttpStreamState.Chunked,
            _ => HttpStreamState.UntilClose,
        };

        if (IsWanted(in stream, transaction))
            BeginDecoding(in stream, message, header);
    }

    private void ReadLength(ref HttpStream stream, ref ReadOnlySpan<byte> data)
    {
        // A response whose request was not seen may answer a HEAD: then the next message stands where its body would.
        HttpMessage message = stream.Message!;
        if (message.Offset == 0 && message.Transaction!.Request is null && message.Pipeline is null && BeginsResponse(in stream, data))
        {
            EndMessage(ref stream, HttpBodyEnd.NoBody);
            return;
        }

        int length = (int)Math.Min(message.Remaining, data.Length);
        ReadOnlySpan<byte> content = data[..length];
        data = data[length..];
        message.Remaining -= length;
        Deliver(in stream, message, content);
        if (message.Remaining == 0)
            EndMessage(ref stream, HttpBodyEnd.Complete);
    }

    private void ReadChunked(ref HttpStream stream, ref ReadOnlySpan<byte> data)
    {
        HttpMessage message = stream.Message!;
        switch (message.Chunks.Read(ref data, _observer.Limits, out ReadOnlySpan<byte> content))
        {
            case ChunkResult.Data:
                Deliver(in stream, message, content);
                break;

            case ChunkResult.End:
                EndMessage(ref stream, HttpBodyEnd.Complete);
                break;

            case ChunkResult.Bad when !message.Chunks.HasStarted && message.OtherFraming != BodyFraming.None:
                // Announced as chunked and is not.
                Statistics.BadChunks++;
                stream.State = message.OtherFraming == BodyFraming.Length ? HttpStreamState.Length : HttpStreamState.UntilClose;
                break;

            case ChunkResult.Bad:
                Statistics.BadChunks++;
                EndMessage(ref stream, HttpBodyEnd.Corrupt);
                Lose(ref stream);
                break;

            default:
                break;
        }
    }

    private void ReadUntilClose(ref HttpStream stream, ref ReadOnlySpan<byte> data)
    {
        // A request that waits for its answer on this connection contradicts a body that fills the rest of it.
        if (_waiting > 0 && BeginsResponse(in stream, data))
        {
            EndMessage(ref stream, HttpBodyEnd.Complete);
            return;
        }

        Deliver(in stream, stream.Message!, data);
        data = default;
    }

    private void ReadDoubtful(ref HttpStream stream, ReadOnlySpan<byte> data)
    {
        // A body may well begin with an "h".
        int common = Math.Min(data.Length, 5);
        bool next =
            data[0] is (byte)'\r' or (byte)'\n' || data[..common].SequenceEqual("HTTP/"u8[..common]) || HttpStartLine.IsVersionOne(data);
        Resolve(ref stream, hasBody: !next);
    }

    private static bool BeginsResponse(in HttpStream stream, ReadOnlySpan<byte> data) =>
        stream.Role == HttpRole.Server && data.Length >= 12 && HttpStartLineSearch.IsStatusLine(data[..12]);

    private void SkipInBody(ref HttpStream stream, long length)
    {
        HttpMessage message = stream.Message!;
        bool inStep;
        long within = length;
        switch (stream.State)
        {
            case HttpStreamState.Length:
                within = Math.Min(length, message.Remaining);
                message.Remaining -= within;
                inStep = within == length;
                break;

            case HttpStreamState.Chunked:
                within = Math.Min(length, message.Chunks.Remaining);
                inStep = message.Chunks.Skip(length);
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

        bool whole = stream.State == HttpStreamState.Chunked && message.Chunks.HasLastChunk;
        if (!whole)
            MarkGap(message, within);

        if (!inStep)
        {
            EndMessage(ref stream, HttpBodyEnd.Complete);
            LoseMessages(ref stream);
        }
        else if (stream.State == HttpStreamState.Length && message.Remaining == 0)
        {
            EndMessage(ref stream, HttpBodyEnd.Complete);
        }
    }

    // Plain content goes on behind the hole; in coded content nothing can be known behind it.
    private static void MarkGap(HttpMessage message, long length)
    {
        if (message.Damage == HttpBodyEnd.Complete)
            message.Damage = HttpBodyEnd.Gap;
        if (message.Pipeline is null)
            message.Offset += length;
    }

    // The stream ends within a body.
    private void EndCutBody(ref HttpStream stream)
    {
        bool whole =
            stream.State == HttpStreamState.UntilClose || (stream.State == HttpStreamState.Chunked && stream.Message!.Chunks.HasLastChunk);
        EndMessage(ref stream, whole ? HttpBodyEnd.Complete : HttpBodyEnd.Truncated);
    }
}
