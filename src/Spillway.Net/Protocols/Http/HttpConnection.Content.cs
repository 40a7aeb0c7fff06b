using Spillway.Net.Protocols.Http.Codings;

namespace Spillway.Net.Protocols.Http;

// Decoding and delivering the content of bodies, and ending messages.
public sealed partial class HttpConnection<THandler>
{
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
