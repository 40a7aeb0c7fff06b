using Spillway.Net.Flows;
using Spillway.Net.Protocols.Http;
using Spillway.Net.Protocols.Tls;
using Spillway.Net.Tcp;
using Spillway.Scripting;

namespace Spillway.Pipeline;

/// <content>What becomes of flows and their bytes: observers are looked for, found, fed and let go.</content>
internal sealed partial class PacketPath
{
    private void OnFlowStart(Flow flow)
    {
        if (_options.Homes is { } homes && homes.IsElsewhere(flow.Key, _options.Number))
            _strays.Add(flow);
        _traffic?.OnFlowStart(flow);
        _intel?.OnFlowStart(flow);
        _storage?.OnFlowStart(flow);
        if (flow.Key.Protocol == ProtocolUdp)
        {
            flow.WantsReassembly = _protocols.ObservesDatagrams(flow);
            return;
        }

        if (flow.Key.Protocol != ProtocolTcp || !(_scripts.HasStreamScripts || _observesHttp || _protocols.Observes(flow)))
        {
            flow.WantsReassembly = false;
            return;
        }

        StreamObservers? data = _protocols.ObservesSet ? _protocols.BeginFtpData(flow) : null;
        if (!_scripts.FollowsFlows)
        {
            if (data is not null)
                BeginConsumer(flow, BeginScripts(), data);
            return; // the other observers begin with the first byte
        }

        var scripts = new ScriptFlow();
        FlowConsumer consumer = BeginConsumer(flow, scripts, data);
        _scripts.OnFlowStart(flow, scripts);
        if (_scripts.HasExtractors && scripts.FileExtraction == 0)
            consumer.OnInterestLost(flow);
    }

    private ScriptFlow? BeginScripts()
    {
        if (!_scripts.HasExtractors)
            return null;
        var scripts = new ScriptFlow();
        _scripts.OnContentFlow(scripts);
        return scripts;
    }

    // What a data connection of FTP carries is a file, whatever it looks like.
    private FlowConsumer BeginConsumer(Flow flow, ScriptFlow? scripts, StreamObservers? ftpData = null)
    {
        if (ftpData is not null)
        {
            var carrier = new FlowConsumer(scripts, HttpInterest.None, tlsProbeBytes: 0) { Set = ftpData };
            flow.Consumer = carrier;
            return carrier;
        }

        HttpInterest http =
            !_observesHttp || HttpDetector.IsOver(in flow.Search) ? HttpInterest.None
            : _contents.ExtractsAll || _content.Transactions is { TakesHttp: true } || _scripts.ReadsAttributes || scripts is null
                ? HttpInterest.Always
            : HttpInterest.Extraction;
        var consumer = new FlowConsumer(scripts, http, _protocols.TlsProbeLeft(in flow.Search))
        {
            Dns = _protocols.BeginDns(flow),
            SetProbeLeft = _protocols.SetProbeLeft(in flow.Search),
        };
        flow.Consumer = consumer;
        return consumer;
    }

    // Unless scripts follow flows, most get no further than this. True if the bytes look like a protocol: then nothing has changed.
    private bool Recognises(Flow flow, StreamDirection direction, ReadOnlySpan<byte> data)
    {
        if (_protocols.IsDns(flow) || (TlsRecord.FindHello(data) >= 0 && _protocols.TlsProbeLeft(in flow.Search) > 0))
            return true;
        if (_protocols.SetProbeLeft(in flow.Search) > 0)
        {
            if (_protocols.MayBegin(data))
                return true;
            _protocols.Services.OnStream(flow, data);
        }

        bool maySpeakHttp = _observesHttp && !HttpDetector.IsOver(in flow.Search);
        HttpDetection result = HttpDetection.NotHttp;
        if (maySpeakHttp)
            result = HttpDetector.OnData(ref flow.Search, flow, _content.Observer, direction, data);
        else
            flow.Search.Add(data.Length);
        if (result == HttpDetection.NotHttp && _protocols.TlsProbeLeft(in flow.Search) == 0)
            flow.WantsReassembly = false;
        return result == HttpDetection.Found;
    }

    private void OnFlowEnd(Flow flow)
    {
        if (_options.Homes is { } homes && !_strays.Remove(flow))
            homes.Leave(flow.Key, _options.Number);
        if (flow.Key.Protocol == ProtocolTcp)
            _reassembler.End(flow);
        if (flow.Consumer is FlowConsumer consumer)
        {
            consumer.Close();
            if (consumer.Scripts is { } scripts)
                _scripts.OnFlowEnd(flow, scripts);
            flow.Consumer = null;
        }

        if (_scripts.ReadsFlowMeters)
            _scripts.OnFlowVolume(flow);
        if (_scriptContext.FlowCounters.Any)
            _scriptContext.FlowCounters.Forget(flow);
        _traffic?.OnFlowEnd(flow);
        _metrics.AddFlow(flow);
        if (_scriptContext.NowNs >= _content.Ranges.DueNs)
            _content.Ranges.Expire(_scriptContext.NowNs);
    }

    private void OnData(Flow flow, StreamDirection direction, long offset, long acknowledged, ReadOnlySpan<byte> data)
    {
        if (flow.Consumer is not FlowConsumer consumer)
        {
            if (!Recognises(flow, direction, data))
                return;
            consumer = BeginConsumer(flow, BeginScripts());
        }

        if (_scripts.ReadsStreams && consumer.Scripts is { } scripts)
            _scripts.OnStreamData(flow, scripts, direction, offset, data);
        if (consumer.WantsProtocols)
        {
            _protocols.OnData(consumer, flow, direction, data);
            if (consumer is { ObservesHttp: true, Set.IsRecognised: true })
                LeaveHttp(consumer, flow);
            if (!consumer.WantsProtocols)
                consumer.StopProtocols(flow);
        }

        if (!consumer.ObservesHttp)
            return;
        if (consumer.Http is not { } http)
        {
            HttpDetection result = HttpDetector.OnData(ref flow.Search, flow, _content.Observer, direction, data);
            if (result == HttpDetection.NotHttp)
                consumer.StopHttp(flow);
            if (result != HttpDetection.Found)
                return;
            consumer.Http = http = new(flow, new HttpContentSink.Handler(_content), _content.Observer, in flow.Search);
        }

        bool wasTunnel = http.IsTunnel;
        http.OnData(direction, offset, acknowledged, data);
        if (http.IsHttp)
            flow.Applications |= FlowApplications.Http; // the detector only says that it may be
        if (http.IsReversed && flow.TryReverse())
            _traffic?.OnFlowReversed(flow);
        // CONNECT and Upgrade: what the connection carries from now on may be TLS.
        bool begins = !wasTunnel && (http.IsTunnel || (http.IsDone && http.IsHttp));
        if (begins && !consumer.WantsProtocols)
            consumer.TlsProbeLeft = _protocols.TlsProbeLeft(new ProtocolSearch());
        if (http.IsDone)
            consumer.StopHttp(flow);
    }

    // Another protocol is certain: what looks like HTTP in it is its content.
    private void LeaveHttp(FlowConsumer consumer, Flow flow)
    {
        if (consumer.Set!.IsReversed && flow.TryReverse())
            _traffic?.OnFlowReversed(flow);
        consumer.StopHttp(flow);
    }

    private void OnGap(Flow flow, StreamDirection direction, long length)
    {
        flow.NoteGap(direction);
        var consumer = flow.Consumer as FlowConsumer;
        if (consumer is { WantsProtocols: true })
        {
            StreamProtocols.OnGap(consumer, flow, direction, length);
            if (!consumer.WantsProtocols)
                consumer.StopProtocols(flow);
        }

        if (consumer?.Http is not { } http)
        {
            if (consumer?.ObservesHttp ?? _observesHttp)
                HttpDetector.OnGap(ref flow.Search, _content.Observer, direction, length);
            return;
        }

        http.OnGap(direction, length);
        if (http.IsDone)
            consumer.StopHttp(flow);
    }

    private static void OnEnd(Flow flow, StreamDirection direction)
    {
        if (flow.Consumer is FlowConsumer consumer)
            consumer.OnEnd(flow, direction);
        else
            HttpDetector.OnEnd(ref flow.Search, direction);
    }

    /// <summary>The lane as handler of flows and streams: a struct, so that the generic tables call it directly.</summary>
    private readonly struct Handler(PacketPath lane) : IFlowHandler, IStreamHandler
    {
        /// <inheritdoc/>
        public void OnFlowStart(Flow flow) => lane.OnFlowStart(flow);

        /// <inheritdoc/>
        public void OnFlowUpdate(Flow flow) => lane._metrics.AddFlowUpdate(flow);

        /// <inheritdoc/>
        public void OnFlowEnd(Flow flow) => lane.OnFlowEnd(flow);

        /// <inheritdoc/>
        public void OnData(Flow flow, StreamDirection direction, long offset, long acknowledged, ReadOnlySpan<byte> data) =>
            lane.OnData(flow, direction, offset, acknowledged, data);

        /// <inheritdoc/>
        public void OnGap(Flow flow, StreamDirection direction, long offset, long length) => lane.OnGap(flow, direction, length);

        /// <inheritdoc/>
        public void OnEnd(Flow flow, StreamDirection direction) => PacketPath.OnEnd(flow, direction);
    }
}
