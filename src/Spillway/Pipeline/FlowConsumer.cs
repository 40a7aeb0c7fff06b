using Spillway.Net.Flows;
using Spillway.Net.Protocols.Http;
using Spillway.Scripting;

namespace Spillway.Pipeline;

/// <summary>What a lane keeps for a TCP flow whose stream somebody wants: the scripts' interest and the HTTP observer.</summary>
internal sealed class FlowConsumer(Flow flow, ScriptFlow? scripts, bool observesHttp) : IScriptedFlow
{
    /// <inheritdoc/>
    public ScriptFlow? Scripts { get; } = scripts;

    /// <summary>The observer; null until the first bytes come, and again when the connection turns out not to be HTTP.</summary>
    public HttpConnection<HttpContentSink>? Http { get; set; }

    /// <summary>Whether the stream goes to an HTTP observer.</summary>
    public bool ObservesHttp { get; private set; } = observesHttp;

    /// <summary>The stream is no HTTP, or not any more: nothing more goes to the observer.</summary>
    public void StopHttp()
    {
        ObservesHttp = false;
        Http = null;
        CheckInterest();
    }

    /// <inheritdoc/>
    public void OnInterestLost()
    {
        // With scripts for HTTP content it is they who decide; without, the observer works for the summary.
        if (Scripts is { FileExtraction: 0 } && Http is null) ObservesHttp = false;
        CheckInterest();
    }

    private void CheckInterest()
    {
        if (!ObservesHttp && Scripts is not { IsWanted: true }) flow.WantsReassembly = false;
    }
}
