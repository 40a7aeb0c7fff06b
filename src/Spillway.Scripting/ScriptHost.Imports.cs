using System.Runtime.InteropServices;
using Spillway.Net.Flows;
using Spillway.Scripting.Imports;
using Spillway.Scripting.Vm;

namespace Spillway.Scripting;

/// <content>Flow records, meters of flows, broadcasts: what scripts tell each other of.</content>
public sealed partial class ScriptHost
{
    private readonly FlowMetricFeed _feed = new();

    /// <summary>Whether any script listens to meters of flows.</summary>
    public bool ReadsFlowMeters => _flowMeters.Length > 0;

    /// <summary>
    /// Tells the listeners what a TCP packet has changed: set-up time and retransmissions. Only if <see cref="ReadsFlowMeters"/>.
    /// </summary>
    public void OnFlowUpdate(Flow flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        if (!_feed.TryTake(flow, out int setupRtt, out int retransmissions))
            return;
        if (setupRtt != 0)
            TellMeter(flow, FlowMeter.SetupRtt, setupRtt);
        if (retransmissions != 0)
            TellMeter(flow, FlowMeter.Retransmissions, retransmissions);
    }

    /// <summary>
    /// Tells the listeners the volume of a flow that has ended: bytes, packets and payload of both directions, those that are not 0.
    /// </summary>
    public void OnFlowVolume(Flow flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        _feed.Forget(flow);
        for (FlowMeter meter = FlowMeter.BytesAZ; meter <= FlowMeter.PayloadZA; meter++)
        {
            long value = FlowMeters.Read(flow, meter);
            if (value != 0)
                TellMeter(flow, meter, value);
        }
    }

    private void TellMeter(Flow flow, FlowMeter meter, double value)
    {
        foreach (ScriptInstance script in _flowMeters)
            script.OnFlowMetric(flow, (int)meter, value);
    }

    private void DoImport(in ScriptRequest request)
    {
        switch (request.Kind)
        {
            case ScriptRequestKind.FlowRecord:
                foreach (ScriptInstance script in _records)
                    script.OnFlowRecord(request.First, MemoryMarshal.Cast<byte, double>(request.Second));
                break;
            case ScriptRequestKind.FlowMetric:
                ReadOnlySpan<double> numbers = MemoryMarshal.Cast<byte, double>(request.Second);
                foreach (ScriptInstance script in _flowMeters)
                    script.OnFlowMetric(request.First, (int)numbers[0], numbers[1]);
                break;
            case ScriptRequestKind.Broadcast:
                Lane.PostToPeers(in request);
                foreach (ScriptInstance script in _channels)
                    script.OnChannelMessage(request.First, request.Third);
                break;
            case ScriptRequestKind.Attribute when Lane.FlowOf(request.First) is { } flow: // of a flow without a stream
                foreach (ScriptInstance script in _monitors)
                    script.OnAttribute(ScriptCallback.OnFlowAttribute, flow, request.Second, request.Third);
                break;
            case ScriptRequestKind.TerminateFlow:
                Lane.PostToPeers(in request); // a flow that is not this lane's may be another's
                Lane.Imported.Terminate(request.First);
                break;
            case ScriptRequestKind.Attribute:
                Lane.PostToPeers(in request);
                break;
            case ScriptRequestKind.Tag or ScriptRequestKind.Meter or ScriptRequestKind.Duration:
                Lane.DoForPeer(in request);
                break;
        }
    }

    private static (
        ScriptInstance[] Records,
        ScriptInstance[] Meters,
        ScriptInstance[] Monitors,
        ScriptInstance[] Channels,
        ScriptInstance[] AlertSources
    ) Select(List<ScriptInstance> scripts)
    {
        return (
            Those("messagemonitor", ScriptCallback.OnNewFlowRecord),
            Those("messagemonitor", ScriptCallback.OnFlowMetric),
            Those("flowmonitor", ScriptCallback.OnFlowAttribute),
            Those("channellistener", ScriptCallback.OnChannelMessage),
            Those("inputfilter", ScriptCallback.StepAlert)
        );

        ScriptInstance[] Those(string block, ScriptCallback callback) =>
            [.. scripts.Where(script => script.Block == block && script.Has(callback))];
    }
}
