namespace Spillway.Net.Protocols.Http;

// What becomes of requests and responses.
public sealed partial class HttpConnection<THandler>
{
    // Transactions whose response has not begun, oldest first.
    private HttpTransaction? _firstWaiting;
    private HttpTransaction? _lastWaiting;
    private int _waiting;

    private void OnRequest(ref HttpStream stream, HttpHeader header)
    {
        Statistics.Requests++;

        // Whoever asks again and has received all has the answer: it had no body.
        ref HttpStream server = ref Opposite(in stream);
        if (server.State == HttpStreamState.Doubtful && stream.MessageAcknowledged >= server.End)
            Resolve(ref server, hasBody: false);

        HttpTransaction transaction = Await(ref stream, ref server, header);
        _handler.OnRequestHeader(transaction);
        if (header.Method.SequenceEqual("CONNECT"u8))
        {
            BeginBody(ref stream, transaction, header, BodyFraming.None, 0);
            stream.State = HttpStreamState.Tunnel;
            return;
        }

        HttpFraming framing = HttpFraming.Of(header, null, Statistics);
        BeginBody(ref stream, transaction, header, framing.Kind, framing.Length);
    }

    private void OnResponse(ref HttpStream stream, HttpHeader header)
    {
        HttpFraming framing = HttpFraming.Of(header, RequestOf(ref stream)?.Request, Statistics);
        bool switched = header.Status == 101 && (framing.Kind == BodyFraming.None || header.TryGetValue("upgrade"u8, out _));
        if (!switched && HttpFraming.IsBodiless(header.Status) && framing.Kind != BodyFraming.None)
        {
            stream.BeginMessage(_observer).DoubtfulHeader = header;
            stream.State = HttpStreamState.Doubtful;
            return;
        }

        if (header.Status is >= 100 and < 200 && !switched)
            Statistics.Interim++;
        else
            OnFinalResponse(ref stream, header, switched ? BodyFraming.None : framing.Kind, framing.Length);
    }

    private void OnFinalResponse(ref HttpStream stream, HttpHeader header, BodyFraming framing, long length)
    {
        Statistics.Responses++;
        stream.MessagesInRound++;
        HttpTransaction transaction = TakeRequestOf(ref stream);
        transaction.Response = header;
        _handler.OnResponseHeader(transaction);

        bool connected =
            header.Status is >= 200 and < 300 && transaction.Request is { } request && request.Method.SequenceEqual("CONNECT"u8);
        if (connected || (header.Status == 101 && framing == BodyFraming.None))
        {
            Statistics.Tunnels++;
            BeginBody(ref stream, transaction, header, BodyFraming.None, 0);
            if (connected)
                EnterTunnel(ref Opposite(in stream));
            else
                Leave();
            return;
        }

        BeginBody(ref stream, transaction, header, framing, length);
    }

    /// <summary>The body that a response announces and must not have is there, or is not.</summary>
    private void Resolve(ref HttpStream stream, bool hasBody)
    {
        HttpHeader header = stream.Message!.DoubtfulHeader!;
        stream.DropMessage(_observer);
        stream.State = HttpStreamState.Start;
        if (hasBody)
        {
            HttpFraming framing = HttpFraming.Of(header, null, Statistics);
            OnFinalResponse(ref stream, header, framing.Kind, framing.Length);
        }
        else if (header.Status is 204 or 304)
        {
            OnFinalResponse(ref stream, header, BodyFraming.None, 0);
        }
        else
        {
            Statistics.Interim++;
        }
    }

    private void AddWaiting(HttpTransaction transaction)
    {
        if (_lastWaiting is null)
            _firstWaiting = transaction;
        else
            _lastWaiting.Next = transaction;
        _lastWaiting = transaction;
        _waiting++;
    }

    private void RemoveFirstWaiting()
    {
        HttpTransaction first = _firstWaiting!;
        _firstWaiting = first.Next;
        first.Next = null;
        if (_firstWaiting is null)
            _lastWaiting = null;
        _waiting--;
    }

    // No response will come for it; it ends as soon as its request has.
    private void EndUnanswered(HttpTransaction transaction)
    {
        Statistics.Unanswered++;
        transaction.ResponseEnded = true;
        EndIfComplete(transaction);
    }

    private void EndIfComplete(HttpTransaction transaction)
    {
        if (transaction.RequestEnded && transaction.ResponseEnded)
            _handler.OnTransactionEnd(transaction);
    }
}
