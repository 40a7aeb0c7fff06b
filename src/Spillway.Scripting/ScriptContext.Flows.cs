using System.Runtime.InteropServices;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Scripting.Imports;

namespace Spillway.Scripting;

/// <content>What scripts do to flows that they name by id. A flow that lives on another lane is reached there.</content>
public sealed partial class ScriptContext
{
    // What a script adds to a flow of packets goes to its own meters.
    internal bool UpdateFlow(ReadOnlySpan<byte> id, int meter, double value)
    {
        if (FlowOf(id) is { } flow)
            return FlowMeters.Add(flow, meter, value);
        bool isMeter = meter is >= 0 and < FlowMeters.Count && double.IsFinite(value);
        if (!isMeter || HomeOf(id) is not { } home)
            return Imported.Update(id, meter, value, NowNs);
        home.PostFromPeer(ScriptRequestKind.Meter, id, MemoryMarshal.AsBytes<double>([meter, value]));
        return true;
    }

    internal void SetFlowDuration(ReadOnlySpan<byte> id, double seconds)
    {
        if (HomeOf(id) is { } home)
            home.PostFromPeer(ScriptRequestKind.Duration, id, MemoryMarshal.AsBytes<double>([seconds]));
        else
            Imported.SetDuration(id, seconds);
    }

    internal void TagFlow(ReadOnlySpan<byte> id, ReadOnlySpan<byte> tag)
    {
        if (!FlowId.TryParse(id, out FlowKey key))
            return;
        if (Backend is { } backend)
            backend.TagFlow(key, tag);
        else if (HomeOf(id) is { } home)
            home.PostFromPeer(ScriptRequestKind.Tag, id, tag);
        else
            Metrics.TagFlow(key, tag);
    }

    /// <summary>Does what a script on another lane has asked for a flow that lives here.</summary>
    internal void DoForPeer(in ScriptRequest request)
    {
        ReadOnlySpan<byte> id = request.First;
        switch (request.Kind)
        {
            case ScriptRequestKind.Tag when FlowId.TryParse(id, out FlowKey key):
                Metrics.TagFlow(key, request.Second);
                break;
            case ScriptRequestKind.Meter:
                ReadOnlySpan<double> numbers = MemoryMarshal.Cast<byte, double>(request.Second);
                UpdateFlow(id, (int)numbers[0], numbers[1]);
                break;
            case ScriptRequestKind.Duration:
                Imported.SetDuration(id, MemoryMarshal.Read<double>(request.Second));
                break;
        }
    }

    // The other lane that a flow lives on, or would; null if it is this one. What an exporter has told of stays where that was read.
    private ScriptContext? HomeOf(ReadOnlySpan<byte> id)
    {
        if (Peers.Count == 0 || !FlowId.TryParse(id, out FlowKey key))
            return null;
        if (FlowId.TryParseOrigin(id, out _) || FindFlow(key) is not null)
            return null;
        int home = key.LaneAmong(Peers.Count + 1);
        return home == Number ? null : Peers[home < Number ? home : home - 1];
    }

    private void PostFromPeer(ScriptRequestKind kind, ReadOnlySpan<byte> id, ReadOnlySpan<byte> value) =>
        Post(new ScriptRequest(kind, id.ToArray(), value.ToArray(), [], IsReceived: true));
}
