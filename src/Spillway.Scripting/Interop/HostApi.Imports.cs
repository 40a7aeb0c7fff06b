using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Spillway.Net.Capture;
using Spillway.Scripting.Native;

namespace Spillway.Scripting.Interop;

/// <content>Packets, times, flows and alerts that scripts bring in. The lane's thread only.</content>
internal unsafe partial struct HostApi
{
    // 0 if the update was ignored, 2 if somebody listens to meters of flows, else 1.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnUpdateFlow(int vm, byte* flow, nuint length, int meter, double value)
    {
        try
        {
            ScriptContext lane = Lane(vm).Lane;
            if (!lane.UpdateFlow(Bytes(flow, length), meter, value))
                return 0;
            return lane.HasFlowMetricListeners ? 2 : 1;
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnSetFlowDuration(int vm, byte* flow, nuint length, double seconds)
    {
        try
        {
            Lane(vm).Lane.SetFlowDuration(Bytes(flow, length), seconds);
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnSetPacket(int vm, long timestampNs, int link, byte* bytes, nuint length)
    {
        try
        {
            Lane(vm).SetPacket(timestampNs, (LinkType)link, Bytes(bytes, length));
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnSetTimestamp(int vm, long timestampNs)
    {
        try
        {
            Lane(vm).SetTimestamp(timestampNs);
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
        }
    }

    // Fields: group, flow, key, classification, message, status, label.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnImportAlert(int vm, NativeBytes* fields, double priority, long timestampNs)
    {
        try
        {
            Metrics.Shards.MetricShard metrics = Lane(vm).Lane.Metrics;
            int whole = double.IsFinite(priority) ? (int)Math.Clamp(priority, 0, 1000) : 0;
            metrics.AddAlert(
                metrics.FindAlertGroup(fields[0].Span),
                fields[1].Span,
                fields[2].Span,
                fields[3].Span,
                whole,
                fields[4].Span,
                fields[5].Span,
                timestampNs
            );
            if (fields[6].Length > 0)
                metrics.SetKeyInfo(
                    metrics.FindCounterGroup(Metrics.Groups.WellKnownGuids.AlertSignaturesUtf8),
                    fields[2].Span,
                    fields[6].Span,
                    default
                );
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
        }
    }
}
