namespace Spillway.Net.Protocols.Http;

// Which request a response answers. As long as nothing is missing they are counted: the first response is the first request's. When messages may
// be missing on either side, counting begins anew at a request that was sent while no other was open, with the response that begins at the very
// byte which the client expected then. Whatever is between stays without a request: a content never gets a URL that may not be its own.
//
// That no request was open is seen by acknowledgments: a client that pipelines sends one round of requests, and the next when it has all
// answers. So a request opens a round if the client had received something between the byte before it and its own first byte. Some send on while
// answers are open: their pairs are counted only. Which kind a client is shows where nothing is missing between the beginnings of two rounds. One
// that was seen to pipeline and has not shown its kind is counted only, too.
public sealed partial class HttpConnection<THandler>
{
    private bool _isCounted;
    private HttpPipelining _pipelining;

    // Requests, and how often messages were missing on either side.
    private int _asked;
    private int _losses;

    // Where a tenth of all is missing, too little is seen of a client to know its kind.
    private bool MayBeginAnew => _losses * 10L <= _asked + 10L && (_pipelining is HttpPipelining.None or HttpPipelining.Rounds);

    /// <summary>Makes a request's transaction, which waits for the response.</summary>
    private HttpTransaction Await(ref HttpStream client, ref HttpStream server, HttpHeader header)
    {
        long start = client.MessageStart;
        long acknowledged = client.MessageAcknowledged;
        bool opensRound = start == 0 || client.MessageAckRose || (server.End == acknowledged && server.Acknowledged >= start);
        if (opensRound) BeginRound(ref client, ref server, acknowledged);
        if (++client.MessagesInRound > 1 && !client.HasGapInRound && _pipelining == HttpPipelining.None) _pipelining = HttpPipelining.Unknown;
        _asked++;
        if (client.MissedMessages) _losses++;
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

    /// <summary>A request is sent that opens a round, or was sent too early for one.</summary>
    private void BeginRound(ref HttpStream client, ref HttpStream server, long acknowledged)
    {
        if (acknowledged <= server.End)
        {
            // Fewer responses than requests, and nothing missing among them: the client does not wait for all.
            int open = client.MessagesInRound - server.MessagesInRound;
            if (open > 0 && !server.HasGapInRound && !server.MissedMessages) _pipelining = HttpPipelining.Overlapping;
            else if (client.MessagesInRound > 1 && !client.HasGapInRound && !server.HasGapInRound && _pipelining == HttpPipelining.Unknown)
                _pipelining = HttpPipelining.Rounds;

            // The client has had the answers to what waits; they are missing here.
            bool isOver = _pipelining != HttpPipelining.Overlapping || _waiting >= _observer.Limits.MaxOutstandingRequests;
            while (isOver && _firstWaiting is not null && !(_isCounted && !server.MissedMessages))
                GiveUpFirstWaiting();
        }

        client.MessagesInRound = server.MessagesInRound = 0;
        client.HasGapInRound = server.HasGapInRound = false;
    }

    /// <summary>The request, now the first that waits, of the response that begins in a stream; null if it is not known.</summary>
    private HttpTransaction? RequestOf(ref HttpStream server)
    {
        ref HttpStream client = ref Opposite(in server);
        long start = server.MessageStart;
        long acknowledged = server.MessageAcknowledged;
        _isCounted &= !server.MissedMessages;
        if (server.MissedMessages) _losses++;
        server.MissedMessages = false;
        if (_isCounted && _firstWaiting is not { IsAfterGap: true })
        {
            if (_firstWaiting is { } first)
                return acknowledged > first.Start && start >= first.Acknowledged ? first : null;

            // Its request is missing, or not whole yet; or nobody asked.
            bool answersPart = client.PendingLength > 0 && acknowledged > client.MessageStart;
            _isCounted = !client.MissedMessages && acknowledged <= client.End && !answersPart;
            return null;
        }

        _isCounted = false;
        HttpTransaction? opening = MayBeginAnew ? _firstWaiting : null;
        while (opening is not null && !(opening.OpensRound && opening.Acknowledged == start && acknowledged >= opening.HeaderEnd))
            opening = opening.Next;
        if (opening is null)
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

/// <summary>How a client sends requests before it has the responses to earlier ones, as far as it has shown.</summary>
internal enum HttpPipelining : byte
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Several in a row; whether it then waits for all responses has not shown.</summary>
    Unknown,

    /// <summary>Several in a row, and the next when all responses are there.</summary>
    Rounds,

    /// <summary>While responses are open.</summary>
    Overlapping,
}
