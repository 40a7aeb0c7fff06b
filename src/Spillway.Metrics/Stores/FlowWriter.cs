using Microsoft.Data.Sqlite;
using Spillway.Metrics.Records;
using Spillway.Net.Flows;

namespace Spillway.Metrics.Stores;

/// <summary>Writes flows with their tags and attributes. A flow has one row: an interim report makes it, what comes later replaces what it says.</summary>
internal sealed class FlowWriter(SqliteConnection connection) : IDisposable
{
    // Rows of flows that go on. Beyond this many, further flows are stored when they end.
    private const int MaxOpenFlows = 200_000;

    private readonly Statement _flow = new(connection,
        """
        INSERT OR REPLACE INTO flows VALUES (?21, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?22, ?23, ?24)
        RETURNING flow_row
        """);

    private readonly Statement _tag = new(connection, "INSERT OR IGNORE INTO tags VALUES (?1, ?2)");
    private readonly Statement _attribute = new(connection, "INSERT OR REPLACE INTO flow_attributes VALUES (?1, ?2, ?3)");
    private readonly Dictionary<(long Number, FlowKey Key), long> _open = [];

    /// <summary>Writes a flow that has ended.</summary>
    public void Add(long run, in FlowRecord flow)
    {
        long row = 0;
        bool isKnown = flow.Updates > 0 && _open.Remove((flow.Number, flow.Key), out row);
        Write(run, in flow, isKnown ? row : null);
    }

    /// <summary>Writes a flow that goes on.</summary>
    public void Update(long run, in FlowRecord flow)
    {
        bool isKnown = _open.TryGetValue((flow.Number, flow.Key), out long row);
        if (!isKnown && _open.Count >= MaxOpenFlows) return;
        _open[(flow.Number, flow.Key)] = Write(run, in flow, isKnown ? row : null);
    }

    /// <summary>Drops rows that were given out in a transaction that failed.</summary>
    public void Forget() => _open.Clear();

    /// <inheritdoc/>
    public void Dispose()
    {
        _flow.Dispose();
        _tag.Dispose();
        _attribute.Dispose();
    }

    private long Write(long run, in FlowRecord flow, long? known)
    {
        FlowKey key = flow.Key;
        ReadOnlySpan<object?> values =
        [
            run, flow.Id, (long)key.Protocol,
            FlowText.Address(key.AddressA, key.IPVersion), FlowText.Port(key.PortA, key.Protocol),
            FlowText.Address(key.AddressZ, key.IPVersion), FlowText.Port(key.PortZ, key.Protocol),
            flow.ClientIsA ? 1L : 0L, flow.FirstNs, flow.LastNs, flow.BytesAZ, flow.BytesZA, flow.PacketsAZ, flow.PacketsZA,
            flow.PayloadAZ, flow.PayloadZA, flow.SetupRttMicroseconds == 0 ? null : flow.SetupRttMicroseconds,
            flow.Retransmissions, (long)flow.State, flow.Tags, known,
            flow.Retransmissions - flow.RetransmissionsZA, flow.RetransmissionsZA, flow.Applications == FlowApplications.None ? null : flow.Applications.ToText(),
        ];
        for (int i = 0; i < values.Length; i++) _flow[i] = values[i];
        long row = _flow.ExecuteNumber();
        for (FlowAttribute? attribute = flow.Attributes; attribute is not null; attribute = attribute.Next)
            _attribute.Execute(row, WireText.Decode(attribute.Name), WireText.Decode(attribute.Value));
        if (flow.Tags.Length == 0) return row;
        foreach (string tag in flow.Tags.Split('|')) _tag.Execute(tag, row);
        return row;
    }
}
