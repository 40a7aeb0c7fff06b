using Spillway.Net.Flows;
using Spillway.Net.Protocols.Dns;
using Spillway.Net.Protocols.Http;
using Spillway.Net.Protocols.Tls;
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
/// What a lane keeps for a TCP flow whose stream somebody wants: the scripts' interest and the observers. Unless scripts follow flows it
/// comes when the bytes look like a protocol: most flows never get so far.
/// </summary>
/// <param name="scripts">The scripts' interest; null without stream scripts.</param>
/// <param name="http">Whether the stream goes to an HTTP observer.</param>
/// <param name="tlsProbeBytes">Bytes within which TLS must begin; 0 if it is not looked for.</param>
internal sealed class FlowConsumer(ScriptFlow? scripts, HttpInterest http, int tlsProbeBytes) : IScriptedFlow
{
    private HttpInterest _httpInterest = http;

    /// <inheritdoc/>
    public ScriptFlow? Scripts { get; } = scripts;

    /// <summary>The observer; null until something looks like HTTP, and again when the connection turns out not to be HTTP.</summary>
    public HttpConnection<HttpContentSink.Handler>? Http { get; set; }

    /// <summary>Whether the stream goes to an HTTP observer.</summary>
    public bool ObservesHttp => _httpInterest != HttpInterest.None;

    /// <summary>Bytes within which TLS must begin; 0 where it is not looked for.</summary>
    public int TlsProbeLeft { get; set; } = tlsProbeBytes;

    /// <summary>TLS; null until a segment looks like its beginning.</summary>
    public TlsConnection<StreamProtocols.Handler>? Tls { get; set; }

    /// <summary>DNS, on its port.</summary>
    public DnsConnection<StreamProtocols.Handler>? Dns { get; set; }

    /// <summary>Bytes within which a protocol of the set must begin; 0 where none is looked for.</summary>
    public int SetProbeLeft { get; set; }

    /// <summary>Observers of the set; null until the first bytes of a direction look like one of its protocols.</summary>
    public StreamObservers? Set { get; set; }

    /// <summary>Whether any observer but HTTP needs more of the stream.</summary>
    public bool WantsProtocols =>
        Tls is { IsDone: false }
        || (Tls is null && TlsProbeLeft > 0)
        || Dns is { IsDone: false }
        || Set is { IsDone: false }
        || SetProbeLeft > 0;

    /// <summary>No more bytes will come in one direction.</summary>
    public void OnEnd(Flow flow, StreamDirection direction)
    {
        if (Http is { } http)
            http.OnEnd(direction);
        else
            HttpDetector.OnEnd(ref flow.Search, direction);
        Tls?.OnEnd(direction);
        Dns?.OnEnd(direction);
        Set?.OnEnd(direction);
    }

    /// <summary>Ends the observers.</summary>
    public void Close()
    {
        Http?.Close();
        CloseProtocols();
    }

    /// <summary>No other protocol is to be found any more.</summary>
    public void StopProtocols(Flow flow)
    {
        CloseProtocols();
        (Tls, Dns, Set) = (null, null, null);
        (TlsProbeLeft, SetProbeLeft) = (0, 0);
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
        if (_httpInterest == HttpInterest.Extraction && Scripts is { FileExtraction: 0 })
        {
            _httpInterest = HttpInterest.None;
            SetProbeLeft = 0;
        }

        CheckInterest(flow);
    }

    private void CloseProtocols()
    {
        Tls?.Close();
        Dns?.Close();
        Set?.Close();
    }

    private void CheckInterest(Flow flow)
    {
        if (ObservesHttp || WantsProtocols || Scripts is { IsWanted: true })
            return;
        flow.WantsReassembly = false;
        if (Scripts is null)
            flow.Consumer = null;
    }
}
