using Spillway.Net.Flows;

namespace Spillway.Questions;

/// <summary>Flows: those that have ended, and those that last as they were told of last.</summary>
public static class FlowsQuestion
{
    /// <summary>Orders that can be asked for, with their SQL: the largest come first, the start apart.</summary>
    public static IReadOnlyDictionary<string, string> Orders { get; } =
        new Dictionary<string, string>
        {
            ["start"] = "first_ns",
            ["bytes"] = "bytes_az + bytes_za",
            ["packets"] = "packets_az + packets_za",
            ["duration"] = "last_ns - first_ns",
            ["retransmissions"] = "retransmissions",
            ["rtt"] = "setup_rtt_us",
        };

    /// <summary>Asks it.</summary>
    public static Answer Ask(QuestionStore store, QuestionScope scope, FlowFilter filter)
    {
        // Stores of an older version know less of a flow, until a run brings them up to date.
        bool isOld = !store.HasColumn("flows", "service");
        bool knowsWire = store.HasColumn("flows", "history");
        Query query = new Query("SELECT flow_row AS chosen FROM flows")
            .WhereIf("run_id = $run", "$run", scope.Run)
            .Within(scope, "first_ns", "last_ns");
        filter.AddTo(query, store);
        NarrowToTheLast(query, scope, filter);
        HostPlaces? places = HostPlaces.In(store);
        // What is told of a flow is looked up for those that are shown only: a million are sorted in a tenth of the time.
        bool isByStart = filter.Sort == "start";
        string order =
            $"ORDER BY {Orders[filter.Sort]}{(isByStart == scope.IsReversed ? " DESC" : "")}, flow_row{(scope.IsReversed ? " DESC" : "")}";
        query
            .Then(order)
            .Limit(scope)
            .Around(
                $"""
                SELECT first_ns, last_ns, protocol, address_a, port_a, address_z, port_z, client_is_a, bytes_az, bytes_za, packets_az, packets_za,
                       retransmissions, setup_rtt_us, state, tags, flow_id,
                       (SELECT value FROM flow_attributes a WHERE a.flow_row = flows.flow_row AND a.name IN ('SNI', 'Host') ORDER BY a.name DESC LIMIT 1),
                       {(isOld ? "NULL, NULL, NULL" : "retransmissions_az, retransmissions_za, service")},
                       (SELECT nullif(json_group_object(a.name, a.value), char(123, 125)) FROM flow_attributes a WHERE a.flow_row = flows.flow_row),
                       {(knowsWire ? WireColumns : "NULL, NULL, NULL, NULL, NULL, NULL, NULL")}
                FROM (
                """,
                $") CROSS JOIN flows ON flow_row = chosen {order}"
            );
        AnswerColumn[] columns = places is null
            ? Columns
            : [.. Columns, HostPlaces.Shown, .. HostPlaces.Columns("client_"), .. HostPlaces.Columns("server_")];
        return new Answer(columns, store.Read(query, row => places is null ? Row(row) : [.. Row(row), .. Places(row, places)]))
        {
            Title =
                (isByStart ? "Flows" : $"Flows by {filter.Sort}")
                + (
                    !scope.IsReversed ? ""
                    : isByStart ? ", the last first"
                    : ", the smallest first"
                ),
            Limit = scope.Limit,
            WhenEmpty = () => $"no flow matches; {scope.TellRange()}",
        };
    }

    // The last that began are among those that ended no earlier than the earliest begin of the last that ended: they are found by the index
    // of ends, where an order by begins would sort all.
    private static void NarrowToTheLast(Query query, QuestionScope scope, FlowFilter filter)
    {
        if (
            filter != new FlowFilter()
            || !scope.IsReversed
            || scope.Run is null
            || scope.Limit is not { } limit
            || scope.FromNs != long.MinValue
        )
            return;
        string until = scope.ToNs == long.MaxValue ? "" : " AND first_ns <= $to";
        query
            .Where(
                $"last_ns >= coalesce((SELECT min(first_ns) FROM (SELECT first_ns FROM flows WHERE run_id = $run{until} "
                    + "ORDER BY last_ns DESC LIMIT $ends)), 0)"
            )
            .With("$ends", limit + 1L);
    }

    // Where the ends are: for people, then for programs.
    private static IEnumerable<object?> Places(StoreRow row, HostPlaces places)
    {
        (int client, int server) = row.Number(7) != 0 ? (3, 5) : (5, 3);
        (StoredPlace ofClient, StoredPlace ofServer) = (places.OfAddress(row.Text(client)), places.OfAddress(row.Text(server)));
        return [HostPlaces.Between(ofClient, ofServer), .. HostPlaces.Values(ofClient), .. HostPlaces.Values(ofServer)];
    }

    private const string WireColumns = """
        vlan, mac_a, mac_z, flags_az, flags_za, history,
        (SELECT c.name FROM captures c WHERE c.run_id = flows.run_id AND c.number = flows.capture)
        """;

    private static AnswerColumn[] Columns { get; } =
    [
        new("start", "Start", ValueKind.Time) { Spare = 3 },
        new("duration", "Lasted", ValueKind.Duration) { Spare = 6 },
        new("protocol", "Proto", ValueKind.Text) { Spare = 7 },
        new("service", "Service", ValueKind.Text) { Spare = 5 },
        new("client_and_port", "Client", ValueKind.Text) { MinWidth = 21, Place = ColumnPlace.Table },
        new("client", "Client", ValueKind.Text) { Place = ColumnPlace.Data },
        new("client_port", "Port", ValueKind.Text) { Place = ColumnPlace.Data },
        new("server_and_port", "Server", ValueKind.Text) { MinWidth = 21, Place = ColumnPlace.Table },
        new("server", "Server", ValueKind.Text) { Place = ColumnPlace.Data },
        new("server_port", "Port", ValueKind.Text) { Place = ColumnPlace.Data },
        new("name", "Name", ValueKind.Text) { MinWidth = 12, Spare = 4 },
        new("bytes_to_server", "Sent", ValueKind.Bytes) { Spare = 2 },
        new("bytes_to_client", "Received", ValueKind.Bytes) { Spare = 1 },
        new("packets_to_server", "Packets out", ValueKind.Count) { Place = ColumnPlace.Data },
        new("packets_to_client", "Packets in", ValueKind.Count) { Place = ColumnPlace.Data },
        new("packets", "Packets", ValueKind.Count) { Place = ColumnPlace.Table, Spare = 12 },
        new("retransmissions", "Retr", ValueKind.Count) { Place = ColumnPlace.Data },
        new("retransmissions_to_server", "Retr out", ValueKind.Count) { Spare = 10 },
        new("retransmissions_to_client", "Retr in", ValueKind.Count) { Spare = 11 },
        new("setup_rtt", "RTT", ValueKind.Duration) { Spare = 9 },
        new("state", "State", ValueKind.Text) { Spare = 8 },
        new("tags", "Tags", ValueKind.Text) { MinWidth = 8, Spare = 5 },
        new("attributes", "Attributes", ValueKind.Json) { Place = ColumnPlace.Data },
        new("flow_id", "Flow id", ValueKind.Text) { Place = ColumnPlace.Data },
        new("vlan", "VLAN", ValueKind.Text) { Spare = 14 },
        new("client_mac", "Client MAC", ValueKind.Text) { Place = ColumnPlace.Data },
        new("server_mac", "Server MAC", ValueKind.Text) { Place = ColumnPlace.Data },
        new("tcp_flags_to_server", "Flags out", ValueKind.Text) { Place = ColumnPlace.Data },
        new("tcp_flags_to_client", "Flags in", ValueKind.Text) { Place = ColumnPlace.Data },
        new("history", "History", ValueKind.Text) { Spare = 13 },
        new("pcap_filename", "Capture", ValueKind.Text) { Place = ColumnPlace.Data },
    ];

    private static object?[] Row(StoreRow row)
    {
        bool fromA = row.Number(7) != 0;
        (int client, int server) = fromA ? (3, 5) : (5, 3);
        (int outward, int inward) = fromA ? (8, 9) : (9, 8);
        (long? retransmittedOut, long? retransmittedIn) = fromA
            ? (row.NumberOrNull(18), row.NumberOrNull(19))
            : (row.NumberOrNull(19), row.NumberOrNull(18));
        return
        [
            row.Number(0),
            row.Number(1) - row.Number(0),
            FlowText.Protocol((byte)row.Number(2)),
            row.TextOrNull(20),
            End(row.Text(client), row.Text(client + 1)),
            row.Text(client),
            row.Text(client + 1),
            End(row.Text(server), row.Text(server + 1)),
            row.Text(server),
            row.Text(server + 1),
            row.TextOrNull(17),
            row.Number(outward),
            row.Number(inward),
            row.Number(outward + 2),
            row.Number(inward + 2),
            row.Number(10) + row.Number(11),
            row.Number(12),
            retransmittedOut,
            retransmittedIn,
            row.NumberOrNull(13) * 1000,
            FlowStates.Of((FlowState)row.Number(14)),
            row.Text(15),
            row.TextOrNull(21),
            row.Text(16),
            row.TextOrNull(22),
            row.TextOrNull(fromA ? 23 : 24),
            row.TextOrNull(fromA ? 24 : 23),
            FlagsOf(row.NumberOrNull(fromA ? 25 : 26)),
            FlagsOf(row.NumberOrNull(fromA ? 26 : 25)),
            row.TextOrNull(27),
            row.TextOrNull(28),
        ];
    }

    // FIN, SYN, RST, PSH, ACK, URG, ECE, CWR: from the lowest bit.
    private static string? FlagsOf(long? flags) =>
        flags is not { } set ? null : string.Concat("FSRPAUEC".Where((_, bit) => (set & (1L << bit)) != 0));

    // Protocols without ports have a word in their place, such as icmp08.
    private static string End(string address, string port) =>
        port is [< '0' or > '9', ..] ? $"{address} {port}"
        : address.Contains(':', StringComparison.Ordinal) ? $"[{address}]:{port}"
        : $"{address}:{port}";
}
