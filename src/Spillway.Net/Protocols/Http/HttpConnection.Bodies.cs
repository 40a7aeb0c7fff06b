using Spillway.Net.Protocols.Http.Codings;

namespace Spillway.Net.Protocols.Http;

// Following bodies to their end, and delivering their content.
public sealed partial class HttpConnection<THandler>
{
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

    private void BeginDecoding(HttpStream stream, HttpTransaction transaction, HttpHeader header)
    {
        CodingList codings = CodingList.Of(header, _observer.Limits.MaxCodings);
        HttpCoding coding = HttpCoding.None;
        if (codings.HasUnknown)
        {
            _statistics.UnknownCodings++;
            coding = HttpCoding.Unknown;
        }
        else if (codings.Count > 0)
        {
            coding = HttpCoding.Decoded;
        }

        SetCoding(stream, transaction, coding);
        if (codings.Count > 0)
            stream.Pipeline = new ContentPipeline(codings);
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
        HttpTransaction transaction = stream.Current!;
        HttpHeader header = transaction.Response!;
        HttpFraming framing = HttpFraming.Of(header, transaction.Request, _statistics);
        bool next = HttpStartLine.Classify(data) == StartLineKind.Response || data[0] is (byte)'\r' or (byte)'\n'
            || (data.Length < 6 && "HTTP/"u8.StartsWith(data));
        BeginBody(stream, transaction, header, next ? BodyFraming.None : framing.Kind, framing.Length);
    }

    private static bool BeginsResponse(HttpStream stream, ReadOnlySpan<byte> data) =>
        stream.Role == HttpRole.Server && data.Length >= 12 && data[0] == (byte)'H' && HttpStartLine.Find(data[..12], false, true) == 0;

    private static bool IsWanted(HttpStream stream)
    {
        HttpTransaction transaction = stream.Current!;
        return stream.Role == HttpRole.Client ? transaction.WantsRequestBody : transaction.WantsResponseBody;
    }

    private static void SetCoding(HttpStream stream, HttpTransaction transaction, HttpCoding coding)
    {
        if (stream.Role == HttpRole.Client)
            transaction.RequestCoding = coding;
        else
            transaction.ResponseCoding = coding;
    }

    private void Deliver(HttpStream stream, ReadOnlySpan<byte> content)
    {
        if (stream.Pipeline is null)
            DeliverPlain(stream, content);
        else if (stream.Damage == HttpBodyEnd.Complete)
            Decode(stream, content, final: false);
    }

    private void DeliverPlain(HttpStream stream, ReadOnlySpan<byte> content)
    {
        long offset = stream.Offset;
        stream.Offset = offset + content.Length;
        if (!IsWanted(stream))
            return;

        _statistics.BodyBytes += content.Length;
        _handler.OnBody(stream.Current!, stream.Direction, offset, content);
    }

    private void Decode(HttpStream stream, ReadOnlySpan<byte> content, bool final)
    {
        ContentPipeline pipeline = stream.Pipeline!;
        HttpLimits limits = _observer.Limits;
        while (IsWanted(stream))
        {
            int length = pipeline.Read(ref content, _observer.Output, final);
            if (length == 0)
                break;

            int allowed = (int)Math.Min(length, limits.MaxDecodedBodyBytes - stream.Offset);
            if (allowed > 0)
                DeliverPlain(stream, _observer.Output.AsSpan(0, allowed));

            bool inflated = stream.Offset > limits.ExpansionFloorBytes && stream.Offset / limits.MaxExpansionRatio > pipeline.Consumed;
            if (allowed < length || inflated)
            {
                stream.Damage = HttpBodyEnd.Limit;
                return;
            }
        }

        if (pipeline.IsFailed)
            stream.Damage = HttpBodyEnd.Corrupt;
    }

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
                inStep = true;
                break;

            default:
                within = 0;
                inStep = false;
                break;
        }

        bool whole = stream.State == HttpStreamState.Doubtful || (stream.State == HttpStreamState.Chunked && stream.Chunks.HasLastChunk);
        if (!whole)
            MarkGap(stream, within);

        if (!inStep)
        {
            EndMessage(stream, stream.State == HttpStreamState.Doubtful ? HttpBodyEnd.NoBody : HttpBodyEnd.Complete);
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
        HttpBodyEnd end = stream.State == HttpStreamState.Doubtful ? HttpBodyEnd.NoBody
            : whole ? HttpBodyEnd.Complete
            : HttpBodyEnd.Truncated;
        EndMessage(stream, end);
    }

    private void EndMessage(HttpStream stream, HttpBodyEnd end)
    {
        HttpTransaction transaction = stream.Current!;
        if (stream.Pipeline is { } pipeline)
        {
            EndDecoding(stream, transaction, pipeline, end);
            stream.DropPipeline();
        }

        if (stream.Damage != HttpBodyEnd.Complete)
            end = stream.Damage;
        CountEnd(end);

        stream.Current = null;
        stream.Damage = HttpBodyEnd.Complete;
        stream.State = HttpStreamState.Start;
        long length = stream.Offset;
        if (stream.Role == HttpRole.Client)
            transaction.RequestEnded = true;
        else
            transaction.ResponseEnded = true;

        _handler.OnMessageEnd(transaction, stream.Direction, length, end);
        EndIfComplete(transaction);
    }

    private void EndDecoding(HttpStream stream, HttpTransaction transaction, ContentPipeline pipeline, HttpBodyEnd end)
    {
        // Before a hole all that was there is decoded; behind the last byte a stage may still hold some back.
        if (stream.Damage is HttpBodyEnd.Complete or HttpBodyEnd.Gap)
        {
            HttpBodyEnd before = stream.Damage;
            Decode(stream, default, final: true);
            if (before == HttpBodyEnd.Gap)
                stream.Damage = before;
        }

        if (pipeline.HasMismatch)
        {
            _statistics.WrongCodings++;
            SetCoding(stream, transaction, HttpCoding.Mismatch);
        }

        if (stream.Damage == HttpBodyEnd.Complete && end == HttpBodyEnd.Complete && IsWanted(stream) && !pipeline.IsComplete())
            stream.Damage = HttpBodyEnd.Corrupt;
    }

    private void CountEnd(HttpBodyEnd end)
    {
        switch (end)
        {
            case HttpBodyEnd.Truncated:
                _statistics.Truncated++;
                break;
            case HttpBodyEnd.Gap:
                _statistics.WithGap++;
                break;
            case HttpBodyEnd.Corrupt:
                _statistics.Corrupt++;
                break;
            case HttpBodyEnd.Limit:
                _statistics.Limited++;
                break;
            default:
                break;
        }
    }
}
