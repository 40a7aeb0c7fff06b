using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Spillway.Metrics.Records;
using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Eve;

/// <summary>
/// Builds events, one line each, in memory that is used again: what all have in common is written here, in the order in which Suricata has
/// it.
/// One thread.
/// </summary>
internal sealed class EveLine : IDisposable
{
    private const int MaxTextBytes = 8192;
    private const int FlowIdBits = 51;

    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private readonly ushort _seed;

    /// <summary>Creates a builder.</summary>
    /// <param name="seed">Seed of community ids.</param>
    public EveLine(ushort seed)
    {
        _seed = seed;
        Json = new Utf8JsonWriter(_buffer, Options);
    }

    /// <summary>Writes what the event has of its own, between <c>Begin</c> and <see cref="End"/>.</summary>
    public Utf8JsonWriter Json { get; }

    /// <summary>Begins an event without a flow.</summary>
    /// <param name="timestampNs">Packet time.</param>
    /// <param name="type">Its type.</param>
    public void Begin(long timestampNs, ReadOnlySpan<byte> type)
    {
        BeginObject(timestampNs);
        Json.WriteString("event_type"u8, type);
    }

    /// <summary>Begins an event of a flow.</summary>
    /// <param name="timestampNs">Packet time.</param>
    /// <param name="type">Its type.</param>
    /// <param name="key">The flow.</param>
    /// <param name="clientIsA">Whether end A is the client; null if it is not known.</param>
    /// <param name="fromClient">Whether the client is the source of what is told.</param>
    /// <param name="packet">Number of the packet, from 1; 0 if it is not known.</param>
    public void Begin(long timestampNs, ReadOnlySpan<byte> type, in FlowKey key, bool? clientIsA, bool fromClient = true, long packet = 0)
    {
        BeginObject(timestampNs);
        Span<byte> digest = stackalloc byte[CommunityId.DigestLength];
        // The same for all events of a flow, whether they know its client or not.
        bool hasId = CommunityId.TryHash(in key, clientIsA: true, _seed, digest);
        // Small enough for programs that keep numbers as double precision.
        ulong id = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(digest) + (key.Scope * 0x9E3779B97F4A7C15UL);
        Json.WriteNumber("flow_id"u8, id >> (64 - FlowIdBits));
        if (packet > 0)
            Json.WriteNumber("pcap_cnt"u8, packet);
        Json.WriteString("event_type"u8, type);
        bool sourceIsA = (clientIsA ?? true) == fromClient;
        WriteEnd("src_ip"u8, "src_port"u8, in key, sourceIsA);
        WriteEnd("dest_ip"u8, "dest_port"u8, in key, !sourceIsA);
        Json.WriteString("proto"u8, ProtocolName(key.Protocol));
        if (IsIcmp(key.Protocol))
            Json.WriteNumber("icmp_type"u8, key.PortA);
        if (IsIcmp(key.Protocol))
            hasId = hasId && clientIsA is { } isA && CommunityId.TryHash(in key, isA, _seed, digest);
        if (!hasId)
            return;
        Span<byte> text = stackalloc byte[CommunityId.TextLength];
        CommunityId.Format(digest, text);
        Json.WriteString("community_id"u8, text);
    }

    /// <summary>Writes <c>ether</c>, if the addresses are known.</summary>
    /// <param name="link">Those of the flow.</param>
    /// <param name="sourceIsA">Whether end A is the source of the event.</param>
    /// <param name="areAll">Whether they stand for all of a flow's packets: then in lists.</param>
    public void Ether(LinkAddresses link, bool sourceIsA, bool areAll = false)
    {
        if (!link.AreKnown)
            return;
        Json.WriteStartObject("ether"u8);
        LinkAddress(areAll ? "src_macs"u8 : "src_mac"u8, sourceIsA ? link.A : link.Z, areAll);
        LinkAddress(areAll ? "dest_macs"u8 : "dest_mac"u8, sourceIsA ? link.Z : link.A, areAll);
        Json.WriteEndObject();
    }

    /// <summary>Writes <c>vlan</c> and <c>tunnel</c>, as far as there are any.</summary>
    /// <param name="route">By which the flow came.</param>
    /// <param name="sourceIsA">Whether end A is the source of the event.</param>
    public void Route(PacketRoute route, bool sourceIsA)
    {
        if (!route.Vlans.IsEmpty)
        {
            Json.WriteStartArray("vlan"u8);
            foreach (ushort vlan in route.Vlans)
                Json.WriteNumberValue(vlan);
            Json.WriteEndArray();
        }

        if (route.Levels.IsEmpty)
            return;
        Json.WriteStartObject("tunnel"u8);
        FlowKey outer = route.Outer;
        if (!outer.IsNone)
        {
            bool outerSourceIsA = route.OuterAIsA == sourceIsA;
            WriteEnd("src_ip"u8, "src_port"u8, in outer, outerSourceIsA);
            WriteEnd("dest_ip"u8, "dest_port"u8, in outer, !outerSourceIsA);
            Json.WriteString("proto"u8, ProtocolName(outer.Protocol));
        }

        Json.WriteNumber("depth"u8, route.Levels.Length);
        Json.WriteString("pkt_src"u8, route.TunnelText);
        Json.WriteEndObject();
    }

    /// <summary>Ends the event.</summary>
    /// <returns>The line with its end; valid until the next event begins.</returns>
    public ReadOnlySpan<byte> End()
    {
        Json.WriteEndObject();
        Json.Flush();
        _buffer.GetSpan(1)[0] = (byte)'\n';
        _buffer.Advance(1);
        return _buffer.WrittenSpan;
    }

    /// <summary>Writes a text off the wire; left out if it is empty. Bytes that are no UTF-8 are written as <c>\xHH</c>.</summary>
    public void Text(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
            return;
        if (value.Length <= MaxTextBytes && Utf8.IsValid(value))
            Json.WriteString(name, value);
        else
            Json.WriteString(name, WireText.Decode(value, MaxTextBytes));
    }

    /// <summary>
    /// Writes a text off the wire as <see cref="Text(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/> does, also if it is empty.
    /// </summary>
    public void TextOrEmpty(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Json.WritePropertyName(name);
        TextValue(value);
    }

    /// <summary>Writes a text off the wire as a value of an array.</summary>
    public void TextValue(ReadOnlySpan<byte> value)
    {
        if (value.Length <= MaxTextBytes && Utf8.IsValid(value))
            Json.WriteStringValue(value);
        else
            Json.WriteStringValue(WireText.Decode(value, MaxTextBytes));
    }

    /// <summary>Writes a text; left out if it is null or empty.</summary>
    public void Text(ReadOnlySpan<byte> name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            Json.WriteString(name, value);
    }

    /// <summary>Writes a packet time as events have it: <c>2026-01-31T23:59:59.123456+0000</c>.</summary>
    public void Time(ReadOnlySpan<byte> name, long ns)
    {
        DateTime time = DateTime.UnixEpoch.AddTicks(ns / TimeSpan.NanosecondsPerTick);
        Span<byte> text = stackalloc byte[40];
        time.TryFormat(text, out int length, "yyyy-MM-dd'T'HH:mm:ss.ffffff'+0000'", CultureInfo.InvariantCulture);
        Json.WriteString(name, text[..length]);
    }

    /// <inheritdoc/>
    public void Dispose() => Json.Dispose();

    private void LinkAddress(ReadOnlySpan<byte> name, ulong address, bool isList)
    {
        Span<byte> text = stackalloc byte[LinkAddresses.TextLength];
        LinkAddresses.Format(address, text);
        Json.WritePropertyName(name);
        if (isList)
            Json.WriteStartArray();
        Json.WriteStringValue(text);
        if (isList)
            Json.WriteEndArray();
    }

    private void BeginObject(long timestampNs)
    {
        _buffer.ResetWrittenCount();
        Json.Reset();
        Json.WriteStartObject();
        Time("timestamp"u8, timestampNs);
    }

    private void WriteEnd(ReadOnlySpan<byte> addressName, ReadOnlySpan<byte> portName, in FlowKey key, bool isA)
    {
        Span<byte> text = stackalloc byte[FlowText.MaxAddressLength];
        Json.WriteString(addressName, text[..FlowText.FormatAddress(isA ? key.AddressA : key.AddressZ, key.IPVersion, text)]);
        if (HasPorts(key.Protocol))
            Json.WriteNumber(portName, isA ? key.PortA : key.PortZ);
    }

    private static bool HasPorts(byte protocol) => protocol is 6 or 17 or 33 or 132 or 136;

    private static bool IsIcmp(byte protocol) => protocol is 1 or 58;

    private static string ProtocolName(byte protocol) => protocol == 58 ? "IPv6-ICMP" : FlowText.Protocol(protocol);
}
