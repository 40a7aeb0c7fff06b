using Spillway.Net.Packets;

namespace Spillway.Metrics.Traffic;

/// <summary>A DNS message, as far as the groups need it.</summary>
internal struct DnsRow
{
    public FlowKey Flow;

    /// <summary>Packet time.</summary>
    public long TimeNs;

    /// <summary>The number that a response repeats.</summary>
    public ushort Id;

    /// <summary>What the first question asks for; without meaning if there is no name.</summary>
    public ushort Type;

    /// <summary>Response code, with the bits of EDNS.</summary>
    public ushort ResponseCode;

    /// <summary>Bytes of the message.</summary>
    public ushort Bytes;

    public bool IsResponse;
    public bool ClientIsA;

    /// <summary>Where the name that the first question asks about lies: see <see cref="DnsTable.NameOf"/>.</summary>
    public int NameAt;

    /// <summary>0 without a question.</summary>
    public ushort NameLength;
}

/// <summary>DNS messages that a lane has seen, in their order: keys and response times are worked out behind the lanes.</summary>
internal sealed class DnsTable
{
    private const int MaxRows = 16_384;
    private const int MaxNameBytes = 2 << 20;
    private const int InitialRows = 64;

    // Made for the first message: many lanes never see one.
    private DnsRow[] _rows = [];
    private byte[] _names = [];
    private int _namesUsed;

    public int Count { get; private set; }

    /// <summary>True if the table is to be handed over before much more is added: 3.5 MB at most.</summary>
    public bool IsFull => Count >= MaxRows || _namesUsed >= MaxNameBytes;

    public ReadOnlySpan<DnsRow> Rows => _rows.AsSpan(0, Count);

    public ReadOnlySpan<byte> NameOf(in DnsRow row) => _names.AsSpan(row.NameAt, row.NameLength);

    /// <summary>Room for a name; <see cref="Add"/> takes what was written at its beginning.</summary>
    public Span<byte> NextName(int room)
    {
        if (_names.Length - _namesUsed < room)
            Array.Resize(ref _names, Math.Max(_names.Length * 2, _namesUsed + room));
        return _names.AsSpan(_namesUsed, room);
    }

    /// <summary>Adds a message. Its name of <see cref="DnsRow.NameLength"/> bytes was written to <see cref="NextName"/>.</summary>
    public void Add(in DnsRow row)
    {
        if (Count == _rows.Length)
            Array.Resize(ref _rows, Math.Max(InitialRows, Count * 2));
        ref DnsRow added = ref _rows[Count++];
        added = row;
        added.NameAt = _namesUsed;
        _namesUsed += row.NameLength;
    }

    public void Clear() => (Count, _namesUsed) = (0, 0);
}
