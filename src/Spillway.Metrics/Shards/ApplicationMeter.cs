using Spillway.Metrics.Groups;
using Spillway.Metrics.Traffic;
using Spillway.Net.Flows;
using Spillway.Net.Protocols.Dns;

namespace Spillway.Metrics.Shards;

/// <summary>
/// The groups that protocol observers feed: they call a method for what they have seen, once for each message and not for each packet.
/// Touched by its lane only. Texts come off the wire; they are cut to 255 bytes and otherwise kept as they are.
/// </summary>
public sealed class ApplicationMeter
{
    private readonly TrafficMeter _traffic;
    private readonly MetricShard _shard;
    private readonly int _httpHosts;
    private readonly int _contentTypes;
    private readonly int _methods;
    private readonly int _statusCodes;
    private readonly int _organizations;
    private readonly int _ciphers;
    private readonly int _authorities;
    private readonly int _hosts;
    private readonly int _hostsIPv6;
    private readonly int _macs;

    internal ApplicationMeter(TrafficMeter traffic, MetricShard shard)
    {
        _traffic = traffic;
        _shard = shard;
        _httpHosts = shard.FindCounterGroup(TrafficGroups.HttpHosts);
        _contentTypes = shard.FindCounterGroup(TrafficGroups.HttpContentTypes);
        _methods = shard.FindCounterGroup(TrafficGroups.HttpMethods);
        _statusCodes = shard.FindCounterGroup(TrafficGroups.HttpStatusCodes);
        _organizations = shard.FindCounterGroup(TrafficGroups.TlsOrganizations);
        _ciphers = shard.FindCounterGroup(TrafficGroups.TlsCiphers);
        _authorities = shard.FindCounterGroup(TrafficGroups.TlsAuthorities);
        _hosts = shard.FindCounterGroup(TrafficGroups.Hosts);
        _hostsIPv6 = shard.FindCounterGroup(TrafficGroups.HostsIPv6);
        _macs = shard.FindCounterGroup(TrafficGroups.Mac);
    }

    /// <summary>A request's header was seen: the connection's bytes belong to its host from here on.</summary>
    public void OnHttpRequest(Flow flow, ReadOnlySpan<byte> method, ReadOnlySpan<byte> host)
    {
        ArgumentNullException.ThrowIfNull(flow);
        if (!method.IsEmpty)
            _shard.Update(_methods, method, 0, 1);
        Span<byte> lower = stackalloc byte[255];
        _traffic.Label(flow, _httpHosts, 0, Lower(WithoutPort(host), lower));
        NoteWebServer(flow);
    }

    /// <summary>A final response's header was seen.</summary>
    /// <param name="flow">The connection.</param>
    /// <param name="status">Its status code.</param>
    public void OnHttpResponse(Flow flow, int status)
    {
        ArgumentNullException.ThrowIfNull(flow);
        NoteWebServer(flow);
        if (status is < 0 or > 999)
            return;
        Span<byte> key = stackalloc byte[3];
        status.TryFormat(key, out int length, default, null);
        _shard.Update(_statusCodes, key[..length], 0, 1);
    }

    /// <summary>A message with content has ended.</summary>
    /// <param name="contentType">The header's value; parameters are not part of the key.</param>
    /// <param name="length">Bytes of the content, decoded.</param>
    public void OnHttpContent(ReadOnlySpan<byte> contentType, long length)
    {
        int end = contentType.IndexOf((byte)';');
        Span<byte> lower = stackalloc byte[255];
        ReadOnlySpan<byte> key = Lower((end < 0 ? contentType : contentType[..end]).Trim(" \t"u8), lower);
        if (key.IsEmpty)
            return;
        _shard.Update(_contentTypes, key, 0, length);
        _shard.Update(_contentTypes, key, 1, 1);
    }

    /// <summary>
    /// A client asks for a server by name (SNI): the connection's bytes belong to the name's domain, those of this window before it
    /// included.
    /// </summary>
    /// <param name="flow">The connection.</param>
    /// <param name="serverName">The name as sent; empty for none.</param>
    /// <param name="isWeb">Whether it wants to speak HTTP.</param>
    public void OnTlsServerName(Flow flow, ReadOnlySpan<byte> serverName, bool isWeb)
    {
        ArgumentNullException.ThrowIfNull(flow);
        Span<byte> lower = stackalloc byte[255];
        if (!serverName.IsEmpty)
            _traffic.Label(flow, FlowLabel.ServerName, isWeb ? 1 : 0, Lower(serverName, lower));
        else if (isWeb)
            NoteWebServer(flow);
    }

    /// <summary>
    /// A server's certificate was seen: the connection's bytes belong to its organisation, those of this window before it included.
    /// </summary>
    /// <param name="flow">The connection.</param>
    /// <param name="organization">Organisation of the subject, or its common name.</param>
    public void OnTlsOrganization(Flow flow, ReadOnlySpan<byte> organization)
    {
        ArgumentNullException.ThrowIfNull(flow);
        if (organization.IsEmpty)
            return;
        _shard.Update(_organizations, organization, 1, 1);
        _traffic.Label(flow, _organizations, 0, organization);
    }

    /// <summary>A cipher suite was negotiated: the connection's bytes belong to it, those of this window before it included.</summary>
    /// <param name="flow">The connection.</param>
    /// <param name="suite">IANA number; the key is its four hexadecimal digits.</param>
    public void OnTlsCipher(Flow flow, ushort suite)
    {
        ArgumentNullException.ThrowIfNull(flow);
        Span<byte> key = stackalloc byte[4];
        suite.TryFormat(key, out _, "X4", null);
        _shard.Update(_ciphers, key, 1, 1);
        _traffic.Label(flow, _ciphers, 0, key);
    }

    /// <summary>A certificate of an authority was seen in a server's chain.</summary>
    /// <param name="name">Name of the authority.</param>
    /// <param name="isRoot">True if it signs itself.</param>
    public void OnTlsAuthority(ReadOnlySpan<byte> name, bool isRoot)
    {
        if (!name.IsEmpty)
            _shard.Update(_authorities, name, isRoot ? 1 : 0, 1);
    }

    /// <summary>
    /// A DNS message was seen. Counted if it is a query of port 53 or the response to one: multicast DNS and LLMNR are not.
    /// </summary>
    public void OnDnsMessage(Flow flow, in DnsMessage message)
    {
        ArgumentNullException.ThrowIfNull(flow);
        const int port = 53,
            query = 0;
        if (message.Opcode == query && (flow.Key.PortZ == port || flow.Key.PortA == port))
            _traffic.AddDns(flow, in message);
    }

    /// <summary>A DNS answer says which name an address has: the name becomes the label of the host.</summary>
    /// <param name="address">The address as flow keys hold it.</param>
    /// <param name="version">4 or 6.</param>
    /// <param name="name">The name that was asked for, with dots.</param>
    public void OnDnsAddress(UInt128 address, byte version, ReadOnlySpan<byte> name)
    {
        Span<byte> key = stackalloc byte[FlowId.Ipv6KeyLength];
        int length = FlowId.FormatAddress(address, version, key);
        if (!name.IsEmpty)
            _shard.SetKeyInfo(version == 6 ? _hostsIPv6 : _hosts, key[..length], name.TrimEnd((byte)'.'), default);
    }

    /// <summary>
    /// A DHCP server has given an address: the hardware address is labelled with it, and both with the host's name, if it is known.
    /// </summary>
    /// <param name="mac">The hardware address as text.</param>
    /// <param name="address">The address (IPv4).</param>
    /// <param name="name">The host's name; empty if it is not known.</param>
    public void OnLease(ReadOnlySpan<byte> mac, uint address, ReadOnlySpan<byte> name)
    {
        Span<byte> key = stackalloc byte[LinkAddresses.TextLength];
        for (int i = 0; i < key.Length; i++)
            key[i] = mac[i] is >= (byte)'a' and <= (byte)'f' ? (byte)(mac[i] - 32) : mac[i];
        Span<byte> label = stackalloc byte[FlowText.MaxAddressLength + 1 + 255];
        int length = FlowText.FormatAddress(address, 4, label);
        if (!name.IsEmpty)
        {
            name = name[..Math.Min(name.Length, 255)];
            label[length++] = (byte)' ';
            name.CopyTo(label[length..]);
            length += name.Length;
        }

        _shard.SetKeyInfo(_macs, key, label[..length], default);
        OnDnsAddress(address, 4, name);
    }

    // A label of its own only if the flow has none that says as much: there may be a million flows.
    private void NoteWebServer(Flow flow)
    {
        if (FlowLabel.Find(flow.MeterLabels as FlowLabel, _httpHosts) is null)
            _traffic.Label(flow, FlowLabel.WebServer, 0, "1"u8);
    }

    // RFC 9110, section 4.2.3: host names are the same in any case. "[::1]:80" keeps its brackets.
    private static ReadOnlySpan<byte> WithoutPort(ReadOnlySpan<byte> host)
    {
        host = host.Trim(" \t"u8);
        int colon = host.LastIndexOf((byte)':');
        return colon < 0 || host[(colon + 1)..].ContainsAnyExceptInRange((byte)'0', (byte)'9') ? host : host[..colon];
    }

    private static ReadOnlySpan<byte> Lower(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        text = text[..Math.Min(text.Length, destination.Length)];
        for (int i = 0; i < text.Length; i++)
            destination[i] = text[i] is >= (byte)'A' and <= (byte)'Z' ? (byte)(text[i] | 0x20) : text[i];
        return destination[..text.Length];
    }
}
