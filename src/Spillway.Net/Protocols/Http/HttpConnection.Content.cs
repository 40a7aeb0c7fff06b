using Spillway.Net.Protocols.Http.Codings;

namespace Spillway.Net.Protocols.Http;

// Decoding and delivering the content of bodies, and ending messages.
public sealed partial class HttpConnection<THandler>
{
    private void BeginDecoding(in HttpStream stream, HttpMessage message, HttpHeader header)
    {
        CodingList codings = CodingList.Of(header, _observer.Limits.MaxCodings);
        HttpCoding coding = HttpCoding.None;
        if (codings.HasUnknown)
        {
            Statistics.UnknownCodings++;
            coding = HttpCoding.Unknown;
        }
        else if (codings.Count > 0)
        {
            coding = HttpCoding.Decoded;
        }

        SetCoding(in stream, message.Transaction!, coding);
        if (codings.Count > 0)
            message.Pipeline = new ContentPipeline(codings);
    }

    private static bool IsWanted(in HttpStream stream, HttpTransaction transaction) =>
        stream.Role == HttpRole.Client ? transaction.WantsRequestBody : transaction.WantsResponseBody;

    private static void SetCoding(in HttpStream stream, HttpTransaction transaction, HttpCoding coding)
    {
        if (stream.Role == HttpRole.Client)
            transaction.RequestCoding = coding;
        else
            transaction.ResponseCoding = coding;
    }

    private void Deliver(in HttpStream stream, HttpMessage message, ReadOnlySpan<byte> content)
    {
        if (message.Pipeline is null)
            DeliverPlain(in stream, message, content);
        else if (message.Damage == HttpBodyEnd.Complete)
            Decode(in stream, message, content, final: false);
    }

    private void DeliverPlain(in HttpStream stream, HttpMessage message, ReadOnlySpan<byte> content)
    {
        long offset = message.Offset;
        HttpTransaction transaction = message.Transaction!;
        message.Offset = offset + content.Length;
        if (!IsWanted(in stream, transaction))
            return;

        Statistics.BodyBytes += content.Length;
        _handler.OnBody(transaction, stream.Direction, offset, content);
    }

    private void Decode(in HttpStream stream, HttpMessage message, ReadOnlySpan<byte> content, bool final)
    {
        ContentPipeline pipeline = message.Pipeline!;
        HttpLimits limits = _observer.Limits;
        while (IsWanted(in stream, message.Transaction!))
        {
            int length = pipeline.Read(ref content, _observer.Output, final);
            if (length == 0)
                break;

            int allowed = (int)Math.Min(length, limits.MaxDecodedBodyBytes - message.Offset);
            if (allowed > 0)
                DeliverPlain(in stream, message, _observer.Output.AsSpan(0, allowed));

            bool inflated = message.Offset > limits.ExpansionFloorBytes && message.Offset / limits.MaxExpansionRatio > pipeline.Consumed;
            if (allowed < length || inflated)
            {
                message.Damage = HttpBodyEnd.Limit;
                return;
            }
        }

        if (pipeline.IsFailed)
            message.Damage = HttpBodyEnd.Corrupt;
    }

    private void EndMessage(ref HttpStream stream, HttpBodyEnd end)
    {
        HttpMessage message = stream.Message!;
        HttpTransaction transaction = message.Transaction!;
        if (message.Pipeline is { } pipeline)
            EndDecoding(in stream, message, pipeline, end);
        if (message.Damage != HttpBodyEnd.Complete)
            end = message.Damage;
        long length = message.Offset;
        stream.DropMessage(_observer);
        EndMessage(ref stream, transaction, length, end);
    }

    private void EndMessage(ref HttpStream stream, HttpTransaction transaction, long length, HttpBodyEnd end)
    {
        CountEnd(end);
        stream.State = HttpStreamState.Start;
        if (stream.Role == HttpRole.Client)
            transaction.RequestEnded = true;
        else
            transaction.ResponseEnded = true;

        _handler.OnMessageEnd(transaction, stream.Direction, length, end);
        EndIfComplete(transaction);
    }

    private void EndDecoding(in HttpStream stream, HttpMessage message, ContentPipeline pipeline, HttpBodyEnd end)
    {
        // Before a hole all that was there is decoded; behind the last byte a stage may still hold some back.
        if (message.Damage is HttpBodyEnd.Complete or HttpBodyEnd.Gap)
        {
            HttpBodyEnd before = message.Damage;
            Decode(in stream, message, default, final: true);
            if (before == HttpBodyEnd.Gap)
                message.Damage = before;
        }

        HttpTransaction transaction = message.Transaction!;
        if (pipeline.HasMismatch)
        {
            Statistics.WrongCodings++;
            SetCoding(in stream, transaction, HttpCoding.Mismatch);
        }

        bool isWhole = message.Damage == HttpBodyEnd.Complete && end == HttpBodyEnd.Complete;
        if (isWhole && IsWanted(in stream, transaction) && !pipeline.IsComplete())
            message.Damage = HttpBodyEnd.Corrupt;
    }

    private void CountEnd(HttpBodyEnd end)
    {
        switch (end)
        {
            case HttpBodyEnd.Truncated:
                Statistics.Truncated++;
                break;
            case HttpBodyEnd.Gap:
                Statistics.WithGap++;
                break;
            case HttpBodyEnd.Corrupt:
                Statistics.Corrupt++;
                break;
            case HttpBodyEnd.Limit:
                Statistics.Limited++;
                break;
            default:
                break;
        }
    }
}
