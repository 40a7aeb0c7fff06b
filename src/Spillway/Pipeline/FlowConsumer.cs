using Spillway.Net.Flows;
using Spillway.Net.Protocols.Http;
using Spillway.Scripting;

namespace Spillway.Pipeline;

/// <summary>What a lane keeps for a TCP flow whose stream somebody wants: the scripts' interest and the HTTP observer.</summary>
/// <param name="flow">The flow.</param>
/// <param name="scripts">The scripts' interest; null without stream scripts.</param>
/// <param name="observesHttp">Whether its stream goes to an HTTP observer.</param>
/// <param name="keepsHttp">Whether it does so even when no script wants HTTP content of it.</param>
internal sealed class FlowConsumer(Flow flow, ScriptFlow? scripts, bool observesHttp, bool keepsHttp) : IScriptedFlow
{
    /// <inheritdoc/>
    public ScriptFlow? Scripts { get; } = scripts;

    /// <summary>The observer; null until the first bytes come, and again when the connection turns out not to be HTTP.</summary>
    public HttpConnection<HttpContentSink.Handler>? Http { get; set; }

    /// <summary>Whether the stream goes to an HTTP observer.</summary>
    public bool ObservesHttp { get; private set; } = observesHttp;

    /// <summary>The observers of other protocols; null when none of them needs the stream.</summary>
    public FlowProtocols? Protocols { get; set; }

    /// <summary>No other protocol is to be found any more.</summary>
    public void StopProtocols()
    {
        Protocols?.Close();
        Protocols = null;
        CheckInterest();
    }

    /// <summary>The stream is no HTTP, or not any more: nothing more goes to the observer.</summary>
    public void StopHttp()
    {
        ObservesHttp = false;
        Http?.Close();
        Http = null;
        CheckInterest();
    }

    /// <inheritdoc/>
    public void OnInterestLost()
    {
        if (!keepsHttp && Scripts is { FileExtraction: 0 }) ObservesHttp = false;
        CheckInterest();
    }

    private void CheckInterest()
    {
        if (!ObservesHttp && Protocols is null && Scripts is not { IsWanted: true }) flow.WantsReassembly = false;
    }
}
