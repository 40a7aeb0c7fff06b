using System.Collections.Frozen;

namespace Spillway.Scripting.Authoring;

/// <summary>What callbacks receive (script API, sections 1.12 and 1.13): for each the kinds of its parameters, in order.</summary>
/// <remarks>
/// A kind is the name of an object in <see cref="ApiMembers"/>, such as <c>engine</c> or <c>buffer</c>; a plain value has the kind
/// <c>value</c>.
/// </remarks>
internal static class CallbackSignature
{
    private const string Windows = "onbeginflush=engine value; onendflush=engine value; onmetronome=engine value value value";

    private static readonly FrozenDictionary<string, FrozenDictionary<string, string[]>> ByBlock = new Dictionary<string, string>
    {
        ["protocol_handler"] = "parselayer=layer",
        ["simplecounter"] = "onpacket=engine layer",
        ["reassembly_handler"] =
            "filter=engine value flow; onnewflow=engine value flow; onpayload=engine value flow value value buffer;"
            + "onattribute=engine value flow value value; onterminateflow=engine value flow; onterminate=engine value flow",
        ["filex_monitor"] =
            "filter_flow=engine value flow; filter=engine value flow header; onpayload_raw=engine value flow value value buffer;"
            + "onpayload_http=engine value flow value header header value value buffer;"
            + "onfile_http=engine value flow value header header value value; onfile=engine value flow value value value value;"
            + "onterminateflow=engine value flow",
        ["packet_storage"] = "filter=engine value flow; filter_payload=engine value flow value value buffer",
        ["messagemonitor"] = "onnewflowrecord=engine flow value value value value; onflowmetric=engine flow value value",
        ["inputfilter"] = "step=packet engine; step_alert=",
        ["flowmonitor"] = "onflowattribute=engine flow value value buffer",
        ["channellistener"] = "onchannelmessage=value buffer",
        ["engine_monitor"] = Windows,
        ["cg_monitor"] =
            Windows
            + "; onflushfilter=engine value value value; onflush=engine value value value; onbegintopperflush=engine value value;"
            + "ontopperflushfilter=engine value value; ontopperflush=engine value value; onendtopperflush=engine value;"
            + "onupdate=engine value value value; onnewkey=engine value value",
        ["sg_monitor"] =
            Windows
            + "; onnewflow=engine session; onupdate=engine session; onterminate=engine session; flushfilter=engine "
            + "session; onflush=engine session",
        ["alert_monitor"] = Windows + "; onnewalert=engine alert; flushfilter=engine alert; onflush=engine alert",
        ["resource_monitor"] = Windows + "; onnewresource=engine resource; flushfilter=engine resource; onflush=engine resource",
        ["fts_monitor"] = Windows + "; onnewfts=engine document; flushfilter=engine document; onflush=engine document",
        ["flowtracker"] = Windows + "; getmetric=engine session",
    }.ToFrozenDictionary(pair => pair.Key, pair => Parse(pair.Value));

    /// <summary>The kinds of a callback's parameters; null if the block has no such callback.</summary>
    public static IReadOnlyList<string>? Find(string block, string callback) =>
        ByBlock.GetValueOrDefault(block)?.GetValueOrDefault(callback);

    private static FrozenDictionary<string, string[]> Parse(string text) =>
        text.Split(';', StringSplitOptions.TrimEntries)
            .Select(entry => entry.Split('='))
            .ToFrozenDictionary(entry => entry[0], entry => entry[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
