using Spillway.Net.Flows;
using Spillway.Net.Protocols.Http;
using Spillway.Scripting;

namespace Spillway.Pipeline;

/// <summary>What a flow's bytes go to an HTTP observer for.</summary>
internal enum HttpInterest : byte
{
    /// <summary>They do not: nobody asks, or the connection is no HTTP, or not any more.</summary>
    None,

    /// <summary>For scripts that extract files, as long as one of them wants the flow.</summary>
    Extraction,

    /// <summary>Whatever scripts want.</summary>
    Always,
}

/// <summary>
/// What a lane keeps for a TCP flow whose stream somebody wants: the scripts' interest and the observers. There may be a million, so that
/// observers are made when the first bytes look like theirs.
/// </summary>
/// <param name="scripts">The scripts' interest; null without stream scripts.</param>
/// <param name="http">Whether the stream goes to an HTTP observer.</param>
/// <param name="protocols">The observers of other protocols.</param>
internal sealed class FlowConsumer(ScriptFlow? scripts, HttpInterest http, in FlowProtocols protocols) : IScriptedFlow
{
    // Fields: they are used in place.

    /// <summary>The observers of other protocols; the default when none of them needs the stream.</summary>
    public FlowProtocols Protocols = protocols;

    /// <summary>Looks for HTTP as long as there is no <see cref="Http"/>.</summary>
    public HttpDetector Detector;

    private HttpInterest _httpInterest = http;

    /// <inheritdoc/>
    public ScriptFlow? Scripts { get; } = scripts;

    /// <summary>The observer; null until something looks like HTTP, and again when the connection turns out not to be HTTP.</summary>
    public HttpConnection<HttpContentSink.Handler>? Http { get; set; }

    /// <summary>Whether the stream goes to an HTTP observer.</summary>
    public bool ObservesHttp => _httpInterest != HttpInterest.None;

    /// <summary>No other protocol is to be found any more.</summary>
    public void StopProtocols(Flow flow)
    {
        Protocols.Close();
        Protocols = default;
        CheckInterest(flow);
    }

    /// <summary>The stream is no HTTP, or not any more: nothing more goes to the observer.</summary>
    public void StopHttp(Flow flow)
    {
        _httpInterest = HttpInterest.None;
        Http?.Close();
        Http = null;
        CheckInterest(flow);
    }

    /// <inheritdoc/>
    public void OnInterestLost(Flow flow)
    {
        if (_httpInterest == HttpInterest.Extraction && Scripts is { FileExtraction: 0 }) _httpInterest = HttpInterest.None;
        CheckInterest(flow);
    }

    private void CheckInterest(Flow flow)
    {
        if (ObservesHttp || Protocols.IsWanted || Scripts is { IsWanted: true }) return;
        flow.WantsReassembly = false;
        if (Scripts is null) flow.Consumer = null;
    }
}
