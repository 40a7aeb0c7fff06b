namespace Spillway.Scripting.Blocks;

/// <summary>The block types, in the order in which they are looked for (script API, section 1.11).</summary>
public static class BlockTypes
{
    // Those that a lane calls.
    private static readonly string[] LaneBlocks =
    [
        "simplecounter",
        "reassembly_handler",
        "filex_monitor",
        "protocol_handler",
        "messagemonitor",
        "flowmonitor",
        "channellistener",
        "inputfilter",
        "packet_storage",
    ];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<BlockType> All { get; } =
    [
        Frontend("countergroup", "declares a counter group with its meters", "", "control meters keyinfo", "counter_group"),
        Frontend("alertgroup", "declares an alert group", "", "control", "alert_group"),
        Frontend("resourcegroup", "declares a resource group", "", "control", "resource_group"),
        Frontend("protocol_handler", "adds a protocol to the decoder", "parselayer", "control"),
        Frontend("simplecounter", "looks at each packet of a protocol", "onpacket", "protocol_guid flow_counter", "simple_counter"),
        Frontend("reassembly_handler", "reads TCP streams", "filter onnewflow onpayload onattribute onterminateflow", ""),
        Frontend(
            "filex_monitor",
            "takes files out of HTTP, mail and FTP",
            "filter_flow filter onpayload_raw onpayload_http onfile_http onfile onterminateflow",
            ""
        ),
        Frontend("packet_storage", "decides which packets are stored", "filter filter_payload", ""),
        Frontend("messagemonitor", "listens to flow records", "onnewflowrecord onflowmetric", "", "message_monitor"),
        Frontend("inputfilter", "makes the input: packets, flow records, alerts", "step step_alert", "", "input_filter"),
        Frontend("flowmonitor", "listens to flow attributes (legacy)", "onflowattribute", ""),
        Frontend("channellistener", "listens to T.host:broadcast (legacy)", "onchannelmessage", ""),
        Backend("engine_monitor", "follows the windows", "onbeginflush onendflush onmetronome", ""),
        Backend(
            "cg_monitor",
            "follows the metrics of counter groups",
            "onbeginflush onflushfilter onflush onendflush onbegintopperflush ontopperflushfilter ontopperflush "
                + "onendtopperflush onupdate onnewkey onmetronome",
            "counter_guid counter_name_match counter_name_regex"
        ),
        Backend(
            "sg_monitor",
            "follows flows",
            "onnewflow onupdate onterminate onbeginflush flushfilter onflush onendflush onmetronome",
            "session_guid"
        ),
        Backend(
            "alert_monitor",
            "follows alerts",
            "onnewalert onbeginflush flushfilter onflush onendflush onmetronome",
            "alert_guid alert_name_match alert_name_regex"
        ),
        Backend(
            "resource_monitor",
            "follows resources",
            "onnewresource onbeginflush flushfilter onflush onendflush onmetronome",
            "resource_guid"
        ),
        Backend(
            "fts_monitor",
            "follows full-text documents",
            "onnewfts onbeginflush flushfilter onflush onendflush onmetronome",
            "fts_guid"
        ),
        Backend(
            "flowtracker",
            "ranks flows by a measure of its own",
            "onbeginflush getmetric onendflush onmetronome",
            "control",
            "flow_tracker"
        ),
    ];

    /// <summary>Finds a type by its name or an alias; null if there is none such.</summary>
    public static BlockType? Find(string name) => All.FirstOrDefault(type => type.Name == name || type.Aliases.Contains(name));

    /// <summary>Whether blocks of a type are called by this version.</summary>
    internal static bool Runs(string block) => RunsOnLanes(block) || Find(block) is { Side: ScriptSide.Backend };

    /// <summary>Whether lanes call blocks of a type.</summary>
    internal static bool RunsOnLanes(string block) => LaneBlocks.Contains(block);

    private static BlockType Frontend(string name, string purpose, string callbacks, string fields, params string[] aliases) =>
        new(name, ScriptSide.Frontend, purpose, Words(callbacks), Words(fields), aliases);

    private static BlockType Backend(string name, string purpose, string callbacks, string fields, params string[] aliases) =>
        new(name, ScriptSide.Backend, purpose, Words(callbacks), Words(fields), aliases);

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
