using System.Globalization;
using Spillway.Net.Flows;
using Spillway.Packets;

namespace Spillway.Questions;

/// <summary>Which flows are asked for. Null asks for all.</summary>
internal sealed record FlowFilter
{
    /// <summary>Address at either end, a name that DNS gave one, or the host or server name (SNI) that was asked for in it.</summary>
    public string? Host { get; init; }

    /// <summary>Port at either end.</summary>
    public int? Port { get; init; }

    /// <summary>IP protocol, by name or number.</summary>
    public string? Protocol { get; init; }

    /// <summary>ISO code of the country of an external host.</summary>
    public string? Country { get; init; }

    /// <summary>AS number of an external host.</summary>
    public long? AsNumber { get; init; }

    /// <summary>A tag.</summary>
    public string? Tag { get; init; }

    /// <summary>bytes, packets, start, duration, retransmissions or rtt.</summary>
    public string Sort { get; init; } = "start";
}

/// <summary>Flows: those that have ended, and those that last as they were told of last.</summary>
internal static class FlowsQuestion
{
    private static readonly string[] Hosts = ["{4CD742B1-C1CA-4708-BE78-0FCA2EB01A86}", "{6CD742B1-C1CA-4708-BE78-0FCA2EB01A86}"];

    /// <summary>Orders that can be asked for, with their SQL.</summary>
    public static IReadOnlyDictionary<string, string> Orders { get; } = new Dictionary<string, string>
    {
        ["start"] = "first_ns",
        ["bytes"] = "bytes_az + bytes_za DESC",
        ["packets"] = "packets_az + packets_za DESC",
        ["duration"] = "last_ns - first_ns DESC",
        ["retransmissions"] = "retransmissions DESC",
        ["rtt"] = "setup_rtt_us DESC",
    };

    /// <summary>Asks it.</summary>
    public static Answer Ask(QuestionStore store, QuestionScope scope, FlowFilter filter)
    {
        Query query = new Query("""
            SELECT first_ns, last_ns, protocol, address_a, port_a, address_z, port_z, client_is_a, bytes_az, bytes_za, packets_az, packets_za,
                   retransmissions, setup_rtt_us, state, tags, flow_id,
                   (SELECT value FROM flow_attributes a WHERE a.flow_row = flows.flow_row AND a.name IN ('SNI', 'Host') ORDER BY a.name DESC LIMIT 1)
            FROM flows
            """).WhereIf("run_id = $run", "$run", scope.Run).Within(scope, "first_ns", "last_ns");
        if (filter.Host is { } host) AddHost(store, query, host);
        if (filter.Port is { } port) query.Where("(port_a = $port OR port_z = $port)", "$port", port.ToString(CultureInfo.InvariantCulture));
        if (filter.Protocol is { } protocol) query.Where("protocol = $protocol", "$protocol", (long)ProtocolNumber(protocol));
        if (filter.Tag is { } tag) query.Where("flow_row IN (SELECT flow_row FROM tags WHERE tag = $tag)", "$tag", tag);
        HostPlaces.Filter(store, query, filter);
        HostPlaces? places = HostPlaces.In(store);
        query.Then($"ORDER BY {Orders[filter.Sort]}, flow_row").Limit(scope);
        return new Answer(
            [
                new AnswerColumn("start", "Start", ValueKind.Time), new AnswerColumn("duration", "Lasted", ValueKind.Duration),
                new AnswerColumn("protocol", "Proto", ValueKind.Text),
                new AnswerColumn("client", "Client", ValueKind.Text) { MinWidth = 15 }, new AnswerColumn("client_port", "Port", ValueKind.Text),
                new AnswerColumn("server", "Server", ValueKind.Text) { MinWidth = 15 }, new AnswerColumn("server_port", "Port", ValueKind.Text),
                new AnswerColumn("name", "Name", ValueKind.Text) { MinWidth = 8 },
                HostPlaces.Shown,
                new AnswerColumn("bytes_to_server", "Sent", ValueKind.Bytes), new AnswerColumn("bytes_to_client", "Received", ValueKind.Bytes),
                new AnswerColumn("packets_to_server", "Packets out", ValueKind.Count) { Place = ColumnPlace.Data },
                new AnswerColumn("packets_to_client", "Packets in", ValueKind.Count) { Place = ColumnPlace.Data },
                new AnswerColumn("packets", "Packets", ValueKind.Count) { Place = ColumnPlace.Table },
                new AnswerColumn("retransmissions", "Retr", ValueKind.Count), new AnswerColumn("setup_rtt", "RTT", ValueKind.Duration),
                new AnswerColumn("state", "State", ValueKind.Text), new AnswerColumn("tags", "Tags", ValueKind.Text) { MinWidth = 8 },
                new AnswerColumn("flow_id", "Flow id", ValueKind.Text) { Place = ColumnPlace.Data },
                .. places is null ? [] : HostPlaces.Columns("client_").Concat(HostPlaces.Columns("server_")),
            ],
            store.Read(query, row => Row(row, places)))
        {
            Limit = scope.Limit,
            WhenEmpty = () => $"no flow matches; {scope.TellRange()}",
        };
    }

    private static object?[] Row(Microsoft.Data.Sqlite.SqliteDataReader row, HostPlaces? places)
    {
        bool fromA = row.GetInt64(7) != 0;
        (int client, int server) = fromA ? (3, 5) : (5, 3);
        (int outward, int inward) = fromA ? (8, 9) : (9, 8);
        (StoredPlace? ofClient, StoredPlace? ofServer) = (places?.OfAddress(row.GetString(client)), places?.OfAddress(row.GetString(server)));
        return
        [
            row.GetInt64(0), row.GetInt64(1) - row.GetInt64(0), FlowText.Protocol((byte)row.GetInt64(2)), row.GetString(client), row.GetString(client + 1),
            row.GetString(server), row.GetString(server + 1), row.IsDBNull(17) ? null : row.GetString(17),
            ofClient is null || ofServer is null ? null : HostPlaces.Between(ofClient, ofServer), row.GetInt64(outward), row.GetInt64(inward), row.GetInt64(outward + 2), row.GetInt64(inward + 2),
            row.GetInt64(10) + row.GetInt64(11), row.GetInt64(12), row.IsDBNull(13) ? null : row.GetInt64(13) * 1000, StateOf((FlowState)row.GetInt64(14)),
            row.GetString(15), row.GetString(16),
            .. ofClient is null || ofServer is null ? [] : HostPlaces.Values(ofClient).Concat(HostPlaces.Values(ofServer)),
        ];
    }

    private static string StateOf(FlowState state) =>
        (state & FlowState.SeenRst) != 0 ? "reset" : (state & FlowState.SeenFin) != 0 ? "closed" : (state & FlowState.TimedOut) != 0 ? "timed out"
        : (state & FlowState.SeenSynAckAck) != 0 ? "open" : (state & FlowState.SeenSynAck) != 0 ? "syn-ack" : (state & FlowState.SeenSyn) != 0 ? "syn" : "";

    private static void AddHost(QuestionStore store, Query query, string host)
    {
        if (FlowName.TryParseAddress(host, out UInt128 address, out byte version))
        {
            query.Where("(address_a = $host OR address_z = $host)", "$host", FlowText.Address(address, version));
            return;
        }

        List<string> addresses = [];
        foreach (string guid in Hosts)
        {
            if (StoredGroup.All(store, "counter").FirstOrDefault(group => group.Guid == guid) is not { } group) continue;
            addresses.AddRange(store.Read(KeyFinder.Labels(group).Where("label = $label COLLATE NOCASE", "$label", host), row => KeyText.Readable(group, row.GetString(0))));
        }

        string list = string.Join(", ", addresses.Distinct().Select((name, i) => BindAddress(query, i, name)));
        query.Where($"(address_a IN ({list}) OR address_z IN ({list}) OR flow_row IN (SELECT flow_row FROM flow_attributes WHERE name IN ('SNI', 'Host') AND value = $name COLLATE NOCASE))",
            "$name", host);
    }

    private static string BindAddress(Query query, int index, string address)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"$host{index}");
        query.With(name, address);
        return name;
    }

    private static byte ProtocolNumber(string text)
    {
        if (byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out byte number)) return number;
        for (int candidate = 0; candidate <= byte.MaxValue; candidate++)
        {
            if (string.Equals(FlowText.Protocol((byte)candidate), text, StringComparison.OrdinalIgnoreCase)) return (byte)candidate;
        }

        throw new QuestionException($"--protocol '{text}' is no IP protocol: give tcp, udp, icmp, icmpv6, gre, esp, sctp or a number");
    }
}
