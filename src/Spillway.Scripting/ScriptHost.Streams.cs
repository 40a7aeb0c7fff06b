using Spillway.Net.Flows;
using Spillway.Scripting.Vm;

namespace Spillway.Scripting;

/// <content>Flows, their reassembled streams and their attributes.</content>
public sealed partial class ScriptHost
{
    /// <summary>Asks the scripts whether they want a new TCP flow's stream; those that do are left in <paramref name="state"/>.</summary>
    public void OnFlowStart(Flow flow, ScriptFlow state)
    {
        state.Reassembly = _streamBits;
        state.FileExtraction = _extractorBits;
        foreach (ScriptInstance script in _streams)
        {
            if (!script.OnFlow(ScriptCallback.Filter, flow))
                state.Reassembly &= ~script.Bit;
        }

        foreach (ScriptInstance script in _extractors)
        {
            if (!script.OnFlow(ScriptCallback.FilterFlow, flow))
                state.FileExtraction &= ~script.Bit;
        }

        foreach (ScriptInstance script in _streams)
        {
            if ((state.Reassembly & script.Bit) != 0)
                script.OnFlow(ScriptCallback.OnNewFlow, flow);
        }

        OnAttribute(flow, state, ""u8, ""u8);
    }

    /// <summary>Gives all extractors an interest in a flow that may carry content, where no script follows flows.</summary>
    public void OnContentFlow(ScriptFlow state) => state.FileExtraction = _extractorBits;

    /// <summary>Hands reassembled bytes to the scripts that take them raw.</summary>
    public void OnStreamData(Flow flow, ScriptFlow state, StreamDirection direction, long offset, ReadOnlySpan<byte> data)
    {
        foreach (ScriptInstance script in _streams)
        {
            if ((state.Reassembly & script.Bit) != 0 && script.Has(ScriptCallback.OnPayload))
                script.OnStreamData(ScriptCallback.OnPayload, flow, direction, offset, data);
        }

        foreach (ScriptInstance script in _extractors)
        {
            if ((state.FileExtraction & script.Bit) != 0 && script.Has(ScriptCallback.OnPayloadRaw))
                script.OnStreamData(ScriptCallback.OnPayloadRaw, flow, direction, offset, data);
        }
    }

    /// <summary>Publishes a flow attribute (script API, section 6).</summary>
    public void OnAttribute(Flow flow, ScriptFlow state, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        foreach (ScriptInstance script in _streams)
        {
            if ((state.Reassembly & script.Bit) != 0 && script.Has(ScriptCallback.OnAttribute))
                script.OnAttribute(ScriptCallback.OnAttribute, flow, name, value);
        }

        foreach (ScriptInstance script in _monitors)
            script.OnAttribute(ScriptCallback.OnFlowAttribute, flow, name, value);
    }

    /// <summary>Tells the scripts that a flow has ended.</summary>
    public void OnFlowEnd(Flow flow, ScriptFlow state)
    {
        OnAttribute(flow, state, "^D"u8, ""u8);
        foreach (ScriptInstance script in _streams)
        {
            if ((state.Reassembly & script.Bit) != 0)
                script.OnFlow(ScriptCallback.OnTerminateFlow, flow);
        }

        foreach (ScriptInstance script in _extractors)
        {
            if ((state.FileExtraction & script.Bit) != 0)
                script.OnFlow(ScriptCallback.OnTerminateFlow, flow);
        }
    }

    private static bool FollowsFlow(ScriptInstance extractor) =>
        extractor.Has(ScriptCallback.FilterFlow)
        || extractor.Has(ScriptCallback.OnTerminateFlow)
        || extractor.Has(ScriptCallback.OnPayloadRaw);
}
