using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Spillway.Metrics.Shards;
using Spillway.Scripting.Native;

namespace Spillway.Scripting.Interop;

/// <content>What the engine object adds: counters, labels, alerts, resources, tags, edges. The lane's thread only.</content>
internal unsafe partial struct HostApi
{
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnFindCounterGroup(int vm, byte* guid, nuint length)
    {
        try
        {
            return Lane(vm).Lane.Metrics.FindCounterGroup(Bytes(guid, length));
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
            return -1;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnUpdateCounter(int vm, int group, byte* key, nuint length, int meter, double value)
    {
        try
        {
            Lane(vm).Lane.Metrics.Update(group, Bytes(key, length), meter, value);
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnUpdateKeyInfo(
        int vm,
        int group,
        byte* key,
        nuint keyLength,
        byte* label,
        nuint labelLength,
        byte* description,
        nuint descriptionLength
    )
    {
        try
        {
            Lane(vm)
                .Lane.Metrics.SetKeyInfo(group, Bytes(key, keyLength), Bytes(label, labelLength), Bytes(description, descriptionLength));
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnSetKeyAttribute(
        int vm,
        int group,
        byte* key,
        nuint keyLength,
        byte* name,
        nuint nameLength,
        byte* value,
        nuint valueLength
    )
    {
        try
        {
            Lane(vm).Lane.Metrics.SetKeyAttribute(group, Bytes(key, keyLength), Bytes(name, nameLength), Bytes(value, valueLength));
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
        }
    }

    // Fields: group, flow, key, classification, message, status.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnAddAlert(int vm, NativeBytes* fields, double priority)
    {
        try
        {
            MetricShard metrics = Lane(vm).Lane.Metrics;
            int whole = double.IsFinite(priority) ? (int)Math.Clamp(priority, 0, 1000) : 0;
            metrics.AddAlert(
                metrics.FindAlertGroup(fields[0].Span),
                fields[1].Span,
                fields[2].Span,
                fields[3].Span,
                whole,
                fields[4].Span,
                fields[5].Span
            );
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
        }
    }

    // Fields: group, flow, uri, contents.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnAddResource(int vm, NativeBytes* fields)
    {
        try
        {
            MetricShard metrics = Lane(vm).Lane.Metrics;
            metrics.AddResource(metrics.FindResourceGroup(fields[0].Span), fields[1].Span, fields[2].Span, fields[3].Span);
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
        }
    }

    // Fields: group and key of one vertex, group and key of the other.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnAddEdge(int vm, NativeBytes* fields)
    {
        try
        {
            Lane(vm).Lane.Metrics.AddEdge(fields[0].Span, fields[1].Span, fields[2].Span, fields[3].Span);
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnTagFlow(int vm, byte* flow, nuint flowLength, byte* tag, nuint tagLength)
    {
        try
        {
            Lane(vm).Lane.TagFlow(Bytes(flow, flowLength), Bytes(tag, tagLength));
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnDisableReassembly(int vm, byte* flow, nuint length)
    {
        try
        {
            Lane(vm).DisableReassembly(Bytes(flow, length));
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
        }
    }
}
