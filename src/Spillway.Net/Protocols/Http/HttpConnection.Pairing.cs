namespace Spillway.Net.Protocols.Http;

// Which request a response answers. As long as nothing is missing they are counted: the first response is the first request's. When
// messages may be missing on either side, counting begins anew at a request that was sent while no other was open, with the response that
// begins at the very byte which the client expected then. Whatever is between stays without a request: a content never gets a URL that may
// not be its own.
//
// That no request was open is seen by acknowledgments: a client that pipelines sends one round of requests, and the next when it has all
// answers. So a request opens a round if the client had received something between the byte before it and its own first byte. Some send on
// while answers are open: their pairs are counted only. Behind a hole the two look alike. So what a client has shown before decides
// (HttpClientKind).
public sealed partial class HttpConnection<THandler>
{
    private bool _isCounted;
    private HttpClientKind _kind;

    /// <summary>Makes a request's transaction, which waits for the response.</summary>
    private HttpTransaction Await(ref HttpStream client, ref HttpStream server, HttpHeader header)
    {
        long start = client.MessageStart;
        long acknowledged = client.MessageAcknowledged;
        bool hasAll = server.End == acknowledged && server.Acknowledged >= start;
        bool opensRound = acknowledged >= 0 && (start == 0 || client.MessageAckRose || hasAll);
        Learn(ref client, ref server);
        if (opensRound)
            BeginRound(ref client, ref server);
        client.MessagesInRound++;
        if (opensRound && acknowledged <= server.End)
            EndMissedRounds(ref server);
        HttpTransaction transaction = new(_flow, _transactions++)
        {
            Request = header,
            Start = start,
            HeaderEnd = start + header.Raw.Length,
            Acknowledged = acknowledged,
            OpensRound = opensRound,
            IsAfterGap = client.MissedMessages,
        };
        bool isLeftOut = _waiting >= _observer.Limits.MaxOutstandingRequests;
        client.MissedMessages = isLeftOut;
        if (isLeftOut)
        {
            Statistics.OutstandingDropped++;
            EndUnanswered(transaction);
        }
        else
        {
            AddWaiting(transaction);
        }

        return transaction;
    }

    /// <summary>What a request shows of its client.</summary>
    private void Learn(ref HttpStream client, ref HttpStream server)
    {
        long acknowledged = client.MessageAcknowledged;
        _kind.Requests++;
        if (client.MissedMessages)
            _kind.Losses++;
        bool isSameRound = acknowledged == _kind.Acknowledged;
        _kind.Acknowledged = acknowledged;
        if (acknowledged < 0)
            return;
        if (isSameRound)
        {
            _kind.IsPipelining |= !client.MissedMessages && _kind.Requests > 1;
            return;
        }

        bool isKnown = _isCounted && !server.MissedMessages && server.End == acknowledged;
        bool isInBody = server.State is HttpStreamState.Length or HttpStreamState.Chunked && server.Current?.Request is not null;
        bool isOpen = _waiting > 0 || isInBody;
        if (server.RunEnd > acknowledged || (isKnown && isOpen))
            _kind.IsOverlapping = true;
        else if (client.MessageAckRose && (isKnown || (_kind.IsFromStart && !_kind.IsPipelining && !client.HasGap)))
            _kind.Rounds++;
    }

    /// <summary>Compares what was asked and answered in the last round.</summary>
    private void BeginRound(ref HttpStream client, ref HttpStream server)
    {
        bool isWhole = server.RoundGapBytes == 0 && !server.MissedMessages && server.End == client.MessageAcknowledged;
        int open = client.MessagesInRound - server.MessagesInRound;
        if (isWhole && open > 0)
            _kind.IsOverlapping = true;
        else if (isWhole && open == 0 && client.RoundGapBytes == 0 && client.MessagesInRound > 1)
            _kind.AnsweredRounds++;
        client.MessagesInRound = server.MessagesInRound = 0;
        client.RoundGapBytes = server.RoundGapBytes = 0;
    }

    /// <summary>A round begins: the client has had the answers to what waits, and they are missing here.</summary>
    private void EndMissedRounds(ref HttpStream server)
    {
        bool isOver = !_kind.IsOverlapping || _waiting >= _observer.Limits.MaxOutstandingRequests;
        while (isOver && _firstWaiting is not null && !(_isCounted && !server.MissedMessages))
            GiveUpFirstWaiting();
    }

    /// <summary>The request, now the first that waits, of the response that begins in a stream; null if it is not known.</summary>
    private HttpTransaction? RequestOf(ref HttpStream server)
    {
        ref HttpStream client = ref Opposite(in server);
        long start = server.MessageStart;
        long acknowledged = server.MessageAcknowledged;
        _isCounted &= !server.MissedMessages;
        if (server.MissedMessages)
            _kind.Losses++;
        server.MissedMessages = false;
        if (_isCounted && _firstWaiting is not { IsAfterGap: true })
        {
            if (_firstWaiting is { } first)
            {
                if (first.Acknowledged >= 0 && acknowledged >= 0 && acknowledged <= first.Start)
                    return null;

                // A request sent once more says what its client had received by then, and its answer may begin before that.
                _isCounted = first.Acknowledged >= 0 && (start >= first.Acknowledged || acknowledged >= first.HeaderEnd);
                return _isCounted ? first : null;
            }

            // Its request is missing, or not whole yet; or nobody asked.
            bool answersPart = client.PendingLength > 0 && acknowledged > client.MessageStart;
            _isCounted = !client.MissedMessages && acknowledged >= 0 && acknowledged <= client.End && !answersPart;
            return null;
        }

        _isCounted = false;
        bool isMeant = !server.AcknowledgesNothing || client.AcknowledgesNothing;
        HttpTransaction? opening = isMeant ? _firstWaiting : null;
        while (opening is not null && !(opening.OpensRound && opening.Acknowledged == start && acknowledged >= opening.HeaderEnd))
            opening = opening.Next;
        if (opening is null || !_kind.Waits(in client, in server, opening.HeaderEnd - opening.Start))
            return null;

        while (_firstWaiting != opening)
            GiveUpFirstWaiting();
        opening.IsAfterGap = false;
        _isCounted = true;
        return opening;
    }

    private HttpTransaction TakeRequestOf(ref HttpStream server)
    {
        if (RequestOf(ref server) is { } transaction)
        {
            RemoveFirstWaiting();
            return transaction;
        }

        Statistics.Unrequested++;
        return new HttpTransaction(_flow, _transactions++) { RequestEnded = true };
    }

    private void GiveUpFirstWaiting()
    {
        HttpTransaction first = _firstWaiting!;
        RemoveFirstWaiting();
        EndUnanswered(first);
    }
}
