namespace Spillway.Scripting.Vm;

/// <summary>
/// The callbacks of all blocks, and the re-entry of task results. The Lua name is the member's name in lower case, see
/// <see cref="ScriptCallbacks"/>.
/// </summary>
internal enum ScriptCallback
{
    OnPacket,
    Filter,
    OnNewFlow,
    OnPayload,
    OnAttribute,
    OnTerminateFlow,
    FilterFlow,
    OnPayloadRaw,
    OnPayloadHttp,
    OnFileHttp,
    OnResult,
    OnMessage,
    ParseLayer,
    OnNewFlowRecord,
    OnFlowMetric,
    OnFlowAttribute,
    OnChannelMessage,
    Step,
    StepAlert,
    FilterPayload,
    OnBeginFlush,
    OnEndFlush,
    OnMetronome,
    OnFlushFilter,
    OnFlush,
    OnBeginTopperFlush,
    OnTopperFlushFilter,
    OnTopperFlush,
    OnEndTopperFlush,
    OnUpdate,
    OnNewKey,
    OnTerminate,
    FlushFilter,
    OnNewAlert,
    OnNewResource,
    OnNewFts,
    GetMetric,
    OnFile,
}

/// <summary>Names of callbacks.</summary>
internal static class ScriptCallbacks
{
    /// <summary>The names in Lua, in the order of <see cref="ScriptCallback"/>.</summary>
    public static readonly string[] Names =
    [
        "onpacket",
        "filter",
        "onnewflow",
        "onpayload",
        "onattribute",
        "onterminateflow",
        "filter_flow",
        "onpayload_raw",
        "onpayload_http",
        "onfile_http",
        "onresult",
        "onmessage",
        "parselayer",
        "onnewflowrecord",
        "onflowmetric",
        "onflowattribute",
        "onchannelmessage",
        "step",
        "step_alert",
        "filter_payload",
        "onbeginflush",
        "onendflush",
        "onmetronome",
        "onflushfilter",
        "onflush",
        "onbegintopperflush",
        "ontopperflushfilter",
        "ontopperflush",
        "onendtopperflush",
        "onupdate",
        "onnewkey",
        "onterminate",
        "flushfilter",
        "onnewalert",
        "onnewresource",
        "onnewfts",
        "getmetric",
        "onfile",
    ];

    /// <summary>The callback of a name; null if there is none such.</summary>
    public static ScriptCallback? Find(string name)
    {
        int index = Array.IndexOf(Names, name);
        return index < 0 ? null : (ScriptCallback)index;
    }
}
