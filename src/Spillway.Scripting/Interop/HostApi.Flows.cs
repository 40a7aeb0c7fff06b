using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Spillway.Scripting.Native;

namespace Spillway.Scripting.Interop;

/// <content>Flow counters, and what scripts ask of the lane that must wait for the end of their callback. The lane's thread only.</content>
internal unsafe partial struct HostApi
{
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnRequest(int vm, int kind, NativeBytes* fields)
    {
        try
        {
            Lane(vm).Lane.Request((ScriptRequestKind)kind, fields[0].Span, fields[1].Span, fields[2].Span);
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnAddFlowCounter(
        int vm,
        byte* flow,
        nuint flowLength,
        int group,
        byte* key,
        nuint keyLength,
        int meter,
        int direction
    )
    {
        try
        {
            ScriptContext lane = Lane(vm).Lane;
            if (lane.FlowOf(Bytes(flow, flowLength)) is { } known)
                lane.FlowCounters.Add(known, group, Bytes(key, keyLength), meter, direction);
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnRemoveFlowCounters(int vm, byte* flow, nuint flowLength, int group)
    {
        try
        {
            ScriptContext lane = Lane(vm).Lane;
            if (lane.FlowOf(Bytes(flow, flowLength)) is { } known)
                lane.FlowCounters.Remove(known, group);
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
        }
    }
}
