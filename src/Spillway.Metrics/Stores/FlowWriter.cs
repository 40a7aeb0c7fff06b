using Microsoft.Data.Sqlite;
using Spillway.Metrics.Records;
using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Metrics.Stores;

/// <summary>
/// Writes flows with their tags and attributes. A flow has one row: an interim report makes it, what comes later replaces what it says.
/// There are so many that nothing is allocated for one, unless it has tags or attributes.
/// </summary>
internal sealed class FlowWriter(SqliteConnection connection) : IDisposable
{
    private const byte TcpProtocol = 6;

    // Rows of flows that go on. Beyond this many, further flows are stored when they end.
    private const int MaxOpenFlows = 200_000;

    private readonly Statement _flow = new(
        connection,
        """
        INSERT OR REPLACE INTO flows VALUES (?21, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?22, ?23, ?24,
            ?25, ?26, ?27, ?28, ?29, ?30, ?31)
        RETURNING flow_row
        """
    );

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
        if (!isKnown && _open.Count >= MaxOpenFlows)
            return;
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
        _flow.Bind(0, run);
        BindId(in flow);
        _flow.Bind(2, key.Protocol);
        BindEnd(3, key.AddressA, key.PortA, in key);
        BindEnd(5, key.AddressZ, key.PortZ, in key);
        ReadOnlySpan<long> numbers =
        [
            flow.ClientIsA ? 1 : 0,
            flow.FirstNs,
            flow.LastNs,
            flow.BytesAZ,
            flow.BytesZA,
            flow.PacketsAZ,
            flow.PacketsZA,
            flow.PayloadAZ,
            flow.PayloadZA,
        ];
        for (int i = 0; i < numbers.Length; i++)
            _flow.Bind(7 + i, numbers[i]);
        BindNumber(16, flow.SetupRttMicroseconds == 0 ? null : flow.SetupRttMicroseconds);
        _flow.Bind(17, flow.Retransmissions);
        _flow.Bind(18, (long)flow.State);
        _flow[19] = flow.Tags;
        BindNumber(20, known);
        _flow.Bind(21, flow.Retransmissions - flow.RetransmissionsZA);
        _flow.Bind(22, flow.RetransmissionsZA);
        _flow[23] = flow.Applications == FlowApplications.None ? null : flow.Applications.ToText();
        BindWire(in flow, in key);
        long row = _flow.ExecuteNumber();
        for (FlowAttribute? attribute = flow.Attributes; attribute is not null; attribute = attribute.Next)
            _attribute.Execute(row, WireText.Decode(attribute.Name), WireText.Decode(attribute.Value));
        if (flow.Tags.Length == 0)
            return row;
        foreach (string tag in flow.Tags.Split('|'))
            _tag.Execute(tag, row);
        return row;
    }

    private void BindId(in FlowRecord flow)
    {
        Span<byte> id = stackalloc byte[FlowId.MaxLength];
        if (flow.Origin is null)
            _flow.Bind(1, id[..FlowId.Format(flow.Key, id)]);
        else
            _flow[1] = flow.Id;
    }

    private void BindEnd(int index, UInt128 address, ushort port, in FlowKey key)
    {
        Span<byte> text = stackalloc byte[FlowText.MaxAddressLength];
        _flow.Bind(index, text[..FlowText.FormatAddress(address, key.IPVersion, text)]);
        _flow.Bind(index + 1, text[..FlowText.FormatPort(port, key.Protocol, text)]);
    }

    private void BindWire(in FlowRecord flow, in FlowKey key)
    {
        BindNumber(24, flow.Capture == 0 ? null : flow.Capture);
        _flow[25] = flow.Route is { VlanText: { Length: > 0 } vlans } ? vlans : null;
        BindLink(26, flow.Link.A, flow.Link.AreKnown);
        BindLink(27, flow.Link.Z, flow.Link.AreKnown);
        bool isTcp = key.Protocol == TcpProtocol;
        BindNumber(28, isTcp ? (long)flow.FlagsAZ : null);
        BindNumber(29, isTcp ? (long)flow.FlagsZA : null);
        if (flow.History.IsEmpty)
        {
            _flow.BindNull(30);
            return;
        }

        Span<byte> letters = stackalloc byte[FlowHistory.MaxLength];
        _flow.Bind(30, letters[..flow.History.Format(flow.ClientIsA, letters)]);
    }

    private void BindLink(int index, ulong address, bool isKnown)
    {
        if (!isKnown)
        {
            _flow.BindNull(index);
            return;
        }

        Span<byte> text = stackalloc byte[LinkAddresses.TextLength];
        LinkAddresses.Format(address, text);
        _flow.Bind(index, text);
    }

    private void BindNumber(int index, long? value)
    {
        if (value is { } number)
            _flow.Bind(index, number);
        else
            _flow.BindNull(index);
    }
}
