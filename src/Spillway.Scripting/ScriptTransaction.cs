using Spillway.Net.Flows;
using Spillway.Net.Protocols.Http;

namespace Spillway.Scripting;

/// <summary>An HTTP transaction as scripts see it: which of them still want its content.</summary>
public sealed class ScriptTransaction
{
    /// <summary>Creates the scripts' view of a transaction.</summary>
    /// <param name="http">What the observer saw.</param>
    /// <param name="number">Serial number in the lane, from 1.</param>
    /// <param name="interested">Bits of the scripts whose <c>filter_flow</c> wants the flow.</param>
    public ScriptTransaction(HttpTransaction http, long number, ulong interested)
    {
        Http = http;
        RequestId = number * 2;
        ResponseId = (number * 2) + 1;
        Interested = interested;
        RequestInterested = interested;
    }

    /// <summary>What the observer saw.</summary>
    public HttpTransaction Http { get; }

    /// <summary>The connection.</summary>
    public Flow Flow => Http.Flow;

    /// <summary>Scripts that want the response's content: both headers passed their filter so far.</summary>
    public ulong Interested { get; internal set; }

    /// <summary>Scripts that want the request's content: its header passed their filter.</summary>
    public ulong RequestInterested { get; internal set; }

    internal long RequestId { get; }

    internal long ResponseId { get; }
}
