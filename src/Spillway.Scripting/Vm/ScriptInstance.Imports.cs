using Spillway.Net.Flows;
using Spillway.Scripting.Native;

namespace Spillway.Scripting.Vm;

/// <content>The callbacks of messagemonitor and channellistener.</content>
internal sealed unsafe partial class ScriptInstance
{
    /// <summary>messagemonitor.onnewflowrecord.</summary>
    /// <param name="flowId">As the announcing script gave it.</param>
    /// <param name="numbers">Bytes A to Z and Z to A, packets likewise.</param>
    public void OnFlowRecord(ReadOnlySpan<byte> flowId, ReadOnlySpan<double> numbers)
    {
        Call->TimestampNs = Lane.NowNs;
        fixed (byte* id = flowId)
        fixed (double* values = numbers)
        {
            Call->Text = new NativeBytes { Data = id, Length = flowId.Length };
            Call->Blob = new NativeBytes { Data = (byte*)values, Length = numbers.Length * sizeof(double) };
            Invoke(ScriptCallback.OnNewFlowRecord);
            Call->Blob = default;
        }
    }

    /// <summary>messagemonitor.onflowmetric for a flow of packets.</summary>
    public void OnFlowMetric(Flow flow, int meter, double value)
    {
        SetFlow(flow);
        InvokeFlowMetric(default, meter, value);
    }

    /// <summary>messagemonitor.onflowmetric for a flow that a script tells of.</summary>
    public void OnFlowMetric(ReadOnlySpan<byte> flowId, int meter, double value)
    {
        Call->TimestampNs = Lane.NowNs;
        InvokeFlowMetric(flowId, meter, value);
    }

    /// <summary>channellistener.onchannelmessage.</summary>
    public void OnChannelMessage(ReadOnlySpan<byte> messageId, ReadOnlySpan<byte> text)
    {
        Call->TimestampNs = Lane.NowNs;
        fixed (byte* id = messageId)
        fixed (byte* bytes = text)
        {
            Call->Name = new NativeBytes { Data = id, Length = messageId.Length };
            Call->Data = new NativeBytes { Data = bytes, Length = text.Length };
            Invoke(ScriptCallback.OnChannelMessage);
        }
    }

    private void InvokeFlowMetric(ReadOnlySpan<byte> flowId, int meter, double value)
    {
        Call->Code = meter;
        Call->Position = value;
        fixed (byte* id = flowId)
        {
            Call->Text = new NativeBytes { Data = id, Length = flowId.Length };
            Invoke(ScriptCallback.OnFlowMetric);
        }
    }
}
