using Spillway.Metrics.Shards;
using Spillway.Net.Flows;
using Spillway.Net.Protocols.Dhcp;
using Spillway.Net.Protocols.Services;

namespace Spillway.Pipeline;

/// <summary>
/// Names the services of flows that no observer reads, by the first bytes of their messages, and keeps what these bytes tell. One for each
/// lane, on its thread.
/// </summary>
/// <param name="protocols">The lane's observers.</param>
internal sealed class FlowServices(StreamProtocols protocols)
{
    /// <summary>Bytes of a flow that are looked at.</summary>
    private const int ProbeBytes = 1024;

    // A datagram counts as so many at least, so that small ones come to an end too.
    private const int LeastDatagram = 256;

    /// <summary>Host names by the hardware addresses that have told them.</summary>
    private const int MaxHostNames = 4096;

    private readonly Dictionary<ulong, byte[]> _hostNames = [];

    /// <summary>Takes names of hosts; null if nothing is counted.</summary>
    public ApplicationMeter? Meters { get; set; }

    /// <summary>Looks at a datagram.</summary>
    /// <returns>False if further ones of the flow tell no more.</returns>
    public bool OnDatagram(Flow flow, ReadOnlySpan<byte> payload)
    {
        if (DhcpMessage.IsExpected(flow.Key.PortA, flow.Key.PortZ))
        {
            if (DhcpMessage.TryRead(payload, out DhcpMessage message))
                OnDhcp(flow, in message);
            return true;
        }

        if (payload.IsEmpty)
            return true;
        flow.Search.Add(Math.Max(LeastDatagram, payload.Length));
        flow.Applications |= ServiceTable.OfDatagram(flow, payload);
        if ((flow.Applications & FlowApplications.Quic) != 0)
            NoteQuic(flow, payload);
        return flow.Applications == FlowApplications.None && flow.Search.Bytes < ProbeBytes;
    }

    /// <summary>Looks at the first bytes of a stream, of either direction.</summary>
    public void OnStream(Flow flow, ReadOnlySpan<byte> data)
    {
        FlowApplications found = ServiceTable.OfStream(flow, data);
        if (found == FlowApplications.None || (flow.Applications & ~found) != 0)
            return;
        flow.Applications |= found;
        if (found == FlowApplications.Rdp)
            NoteRdp(flow, data);
        else if (found == FlowApplications.Smb)
            NoteSmb(flow, data);
    }

    private void NoteQuic(Flow flow, ReadOnlySpan<byte> payload)
    {
        if ((payload[0] & 0x80) == 0)
            return;
        Span<byte> version = stackalloc byte[8];
        Convert.TryToHexStringLower(payload[1..5], version, out _);
        protocols.SetAttribute(flow, "QUIC:VERSION"u8, version);
    }

    // "Cookie: mstshash=NAME", ended by CR LF.
    private void NoteRdp(Flow flow, ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<byte> name = "Cookie: mstshash="u8;
        int at = data.IndexOf(name);
        int end = at < 0 ? -1 : data[at..].IndexOf((byte)'\r');
        if (end > 0)
            protocols.SetAttribute(flow, "RDP:COOKIE"u8, data[(at + name.Length)..(at + end)]);
    }

    // MS-SMB2, 2.2.4: the server's answer to NEGOTIATE has the dialect behind the header of 64 bytes; MS-CIFS, 2.2.4.52: an answer of
    // version 1 means version 1.
    private void NoteSmb(Flow flow, ReadOnlySpan<byte> data)
    {
        const int smb2Answer = 4 + 64,
            dialectAt = smb2Answer + 4;
        bool isVersion1 = data[4] == 0xff;
        if (isVersion1 && data[8] == 0x72 && (data[13] & 0x80) != 0)
        {
            protocols.SetAttribute(flow, "SMB:VERSION"u8, "1"u8);
            return;
        }

        bool isAnswer = !isVersion1 && data.Length >= dialectAt + 2 && data[16] == 0 && data[17] == 0 && (data[20] & 1) != 0;
        if (!isAnswer || data[smb2Answer] != 0x41)
            return;
        ReadOnlySpan<byte> version = (data[dialectAt] | (data[dialectAt + 1] << 8)) switch
        {
            0x0202 => "2.0.2"u8,
            0x0210 => "2.1"u8,
            0x0300 => "3.0"u8,
            0x0302 => "3.0.2"u8,
            0x0311 => "3.1.1"u8,
            0x02ff => "2"u8, // any of version 2: another answer follows
            _ => default,
        };
        protocols.SetAttribute(flow, "SMB:VERSION"u8, version);
    }

    private void OnDhcp(Flow flow, in DhcpMessage message)
    {
        const int acknowledged = 5;
        flow.Applications |= FlowApplications.Dhcp;
        ReadOnlySpan<byte> address = message.HardwareAddress,
            name = message.HostName;
        if (address.Length == 6)
        {
            ulong key = KeyOf(address);
            if (!name.IsEmpty && (_hostNames.Count < MaxHostNames || _hostNames.ContainsKey(key)))
                _hostNames[key] = name.ToArray();
            else if (name.IsEmpty && _hostNames.TryGetValue(key, out byte[]? known))
                name = known;
            if (message.Type == acknowledged && message.YourAddress != 0)
                NoteLease(flow, address, message.YourAddress, name);
        }

        protocols.SetAttribute(flow, "DHCP:HOST"u8, name);
        protocols.Eve?.OnDhcp(flow, in message);
    }

    private void NoteLease(Flow flow, ReadOnlySpan<byte> address, uint lease, ReadOnlySpan<byte> name)
    {
        Span<byte> text = stackalloc byte[FlowText.MaxAddressLength];
        text = text[..FlowText.FormatAddress(lease, 4, text)];
        protocols.SetAttribute(flow, "DHCP:LEASE"u8, text);
        Span<byte> mac = stackalloc byte[LinkAddresses.TextLength];
        LinkAddresses.Format(KeyOf(address), mac);
        protocols.SetAttribute(flow, "DHCP:MAC"u8, mac);
        Meters?.OnLease(mac, lease, name);
    }

    private static ulong KeyOf(ReadOnlySpan<byte> address)
    {
        ulong key = 0;
        foreach (byte part in address)
            key = (key << 8) | part;
        return key;
    }
}
