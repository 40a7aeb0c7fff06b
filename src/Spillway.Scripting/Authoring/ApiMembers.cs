using System.Collections.Frozen;

namespace Spillway.Scripting.Authoring;

/// <summary>
/// The members of the objects that scripts see: those of the published API (script API, sections 2 to 4), and those that this version has,
/// read from a Lua state (<c>reflect.lua</c>).
/// </summary>
internal sealed class ApiMembers
{
    /// <summary>Methods of <c>engine</c> that exist on the packet path only.</summary>
    public static FrozenSet<string> FrontendMethods { get; } =
        Words(
            """
            update_counter_bytes update_flow update_flow_raw terminate_flow set_flow_duration new_flow_record add_flow_counter reset_flow_counter
            add_flow_attribute disable_reassembly
            """
        );

    private static readonly FrozenDictionary<string, FrozenSet<string>> Published = new Dictionary<string, string>
    {
        ["T"] = """
            contextid execution_contextid probeid probeversion context_name contextname args enginetype backend_engineid host K util async re2 ac
            log logerror logwarning loginfo logdebug countergroups alertgroups resourcegroups ftsgroups sessiongroups monitor_group_name
            monitor_group_guid env
            """,
        ["T.host"] = "get_homenets is_homenet is_homenet_key get_configpath get_datapath createkey prepare_config broadcast log id",
        ["T.util"] = "ntop pton bor band testbit32 bitval32 split splitm hash bin2hex hex2bin",
        ["T.env"] = "configfile get_config domain_configfile get_domain_config",
        ["T.async"] = "cat copy cp rm copybuffer schedule pending_items",
        ["T.K"] = "loglevel vartype vartypes",
        ["T.K.vartype"] = "COUNTER RATE_COUNTER GAUGE RUNNING_COUNTER AVERAGE DELTA_RATE_COUNTER MAXIMUM MAX MINIMUM MIN",
        ["T.K.loglevel"] = "EMERG FATAL ALERT CRIT ERROR WARN NOTICE INFO DEBUG",
        ["engine"] = """
            update_counter update_counter_bytes update_counter_raw update_key_info set_key_attribute add_alert add_alert_full add_alert_tca
            add_alert_ids add_resource add_edge add_flow_edges update_flow update_flow_raw terminate_flow set_flow_duration new_flow_record
            add_flow_counter reset_flow_counter tag_flow add_flow_attribute disable_reassembly timestamp instanceid id probeid
            post_message_frontend post_message_backend postmessage_frontend postmessage_backend
            """,
        ["buffer"] = "size length hval_8 hval_16 hval_24 hval_32 tostring hexdump appendtofile writetofile",
        ["packet"] = """
            timestamp rawbytes wire_length capture_length num_layers get_layer find_layer flowid originid set_timestamp set_packetstore_policy set_packet
            """,
        ["layer"] = "layer_bytes protocol_id rawbytes total_bytes packet testbit getbyte flowkey",
        ["flow"] = """
            id key to_s protocol flow_type ipa ipz ipa_readable ipz_readable porta portz porta_readable portz_readable netflow_router
            netflow_router_readable netflow_ifindex_in netflow_ifindex_in_readable netflow_ifindex_out netflow_ifindex_out_readable
            """,
        ["header"] = "is_request is_response get_method is_method get_path get_status get_value get_all_headers match_value",
        ["re2"] = "partial_match full_match partial_match_c1 partial_match_c2 partial_match_n full_match_n",
        ["ac"] = "match_all match_one",
        ["session"] = """
            key flow time_window state az_bytes za_bytes az_packets za_packets az_payload_bytes za_payload_bytes tags add_tag setup_rtt retransmissions
            """,
        ["alert"] = """
            timestamp flow source_ip source_port destination_ip destination_port sigid classification priority message extra_message status
            ack_flag set_priority set_message set_extra_message
            """,
        ["resource"] = "timestamp flow source_ip source_port destination_ip destination_port uri label set_uri set_label",
        ["document"] = "timestamp key flow text",
    }.ToFrozenDictionary(pair => pair.Key, pair => Words(pair.Value));

    // What a method gives, if it is an object.
    private static readonly FrozenDictionary<string, string> Results = new Dictionary<string, string>
    {
        ["layer.packet"] = "packet",
        ["layer.rawbytes"] = "buffer",
        ["packet.rawbytes"] = "buffer",
        ["packet.get_layer"] = "layer",
        ["packet.find_layer"] = "layer",
        ["packet.flowid"] = "flow",
        ["session.flow"] = "flow",
        ["alert.flow"] = "flow",
        ["resource.flow"] = "flow",
        ["document.flow"] = "flow",
        ["T.re2"] = "re2",
        ["T.ac"] = "ac",
    }.ToFrozenDictionary();

    private readonly FrozenDictionary<string, FrozenSet<string>> _present;

    private ApiMembers(FrozenDictionary<string, FrozenSet<string>> present) => _present = present;

    /// <summary>Objects with the members that this version has.</summary>
    public IReadOnlyDictionary<string, FrozenSet<string>> Present => _present;

    /// <summary>Reads what a Lua state has told: lines of object, member, type.</summary>
    public static ApiMembers Parse(string text) =>
        new(
            text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split(' '))
                .GroupBy(fields => fields[0])
                .ToFrozenDictionary(group => group.Key, group => group.Select(fields => fields[1]).ToFrozenSet())
        );

    /// <summary>Whether objects of this kind are known.</summary>
    public static bool IsKind(string kind) => Published.ContainsKey(kind);

    /// <summary>Whether the published API has a member, whatever this version has.</summary>
    public static bool IsPublished(string kind, string member) => Published.GetValueOrDefault(kind)?.Contains(member) == true;

    /// <summary>The kind of what a method gives; null if it is no object.</summary>
    public static string? ResultOf(string kind, string member) => Results.GetValueOrDefault($"{kind}.{member}");

    /// <summary>Whether this version has a member.</summary>
    public bool Has(string kind, string member) => _present.GetValueOrDefault(kind)?.Contains(member) == true;

    /// <summary>All names that an object may have, of the published API or of this version.</summary>
    public IEnumerable<string> NamesOf(string kind) =>
        (Published.GetValueOrDefault(kind) ?? []).Union(_present.GetValueOrDefault(kind) ?? []).Order(StringComparer.Ordinal);

    private static FrozenSet<string> Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet();
}
