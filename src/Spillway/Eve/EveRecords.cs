using System.Globalization;
using System.Text;
using Spillway.Metrics.Records;
using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Eve;

/// <summary>Events of records that come by the stream of metrics: alerts and flows.</summary>
internal static class EveRecords
{
    private static readonly (TcpFlags Bit, string Name)[] FlagNames =
    [
        (TcpFlags.Syn, "syn"),
        (TcpFlags.Fin, "fin"),
        (TcpFlags.Rst, "rst"),
        (TcpFlags.Psh, "psh"),
        (TcpFlags.Ack, "ack"),
        (TcpFlags.Urg, "urg"),
        (TcpFlags.Ece, "ecn"),
        (TcpFlags.Cwr, "cwr"),
    ];

    /// <summary>An alert.</summary>
    /// <param name="line">Builds it.</param>
    /// <param name="alert">The record.</param>
    /// <param name="groupName">Name of its group.</param>
    public static ReadOnlySpan<byte> Alert(EveLine line, AlertRecord alert, string groupName)
    {
        if (alert.FlowId is { } id && FlowId.TryParse(Encoding.UTF8.GetBytes(id), out FlowKey key) && !key.IsNone)
            line.Begin(alert.TimestampNs, "alert"u8, in key, clientIsA: null);
        else
        {
            line.Begin(alert.TimestampNs, "alert"u8);
            line.Text("src_ip"u8, alert.Host);
        }

        (long gid, long signature, long revision, bool isNumber) = SignatureOf(alert.Key);
        line.Json.WriteStartObject("alert"u8);
        line.Json.WriteString("action"u8, "allowed"u8);
        line.Json.WriteNumber("gid"u8, gid);
        line.Json.WriteNumber("signature_id"u8, signature);
        line.Json.WriteNumber("rev"u8, revision);
        line.Json.WriteString("signature"u8, SignatureTextOf(alert));
        line.Json.WriteString("category"u8, alert.Classification);
        line.Json.WriteNumber("severity"u8, alert.Priority);
        line.Json.WriteStartObject("metadata"u8);
        Values(line, "alert_group"u8, groupName);
        if (!isNumber)
            Values(line, "signature_key"u8, alert.Key);
        if (alert.Status.Length > 0)
            Values(line, "status"u8, alert.Status);
        if (alert.ExtraMessage.Length > 0 && alert.Facts.Count == 0)
            Values(line, "details"u8, alert.ExtraMessage);
        if (alert.Signature.Length > 0)
            Values(line, "message"u8, alert.Message);
        foreach (IGrouping<string, (string Name, string Value)> fact in alert.Facts.GroupBy(fact => fact.Name))
        {
            line.Json.WriteStartArray(fact.Key);
            foreach ((_, string value) in fact)
                line.Json.WriteStringValue(value);
            line.Json.WriteEndArray();
        }

        line.Json.WriteEndObject();
        line.Json.WriteEndObject();
        if (alert.File is { } file)
            Files(line, file);
        return line.End();
    }

    /// <summary>A finished flow.</summary>
    /// <param name="line">Builds it.</param>
    /// <param name="flow">The record.</param>
    /// <param name="hasEther">Whether Ethernet addresses are written.</param>
    /// <param name="capture">The capture that it begins in; null if it is in none.</param>
    public static ReadOnlySpan<byte> Flow(EveLine line, in FlowRecord flow, bool hasEther, string? capture = null)
    {
        FlowKey key = flow.Key;
        line.Begin(flow.LastNs, "flow"u8, in key, flow.ClientIsA);
        bool fromA = flow.ClientIsA;
        if (flow.Route is { } route)
            line.Route(route, fromA);
        if (hasEther)
            line.Ether(flow.Link, fromA, areAll: true);
        if (ProtocolOf(in key, flow.Applications) is { IsEmpty: false } protocol)
            line.Json.WriteString("app_proto"u8, protocol);
        else if (flow.Applications != FlowApplications.None)
            line.Json.WriteString("app_proto"u8, flow.Applications.ToText());
        line.Json.WriteStartObject("flow"u8);
        line.Json.WriteNumber("pkts_toserver"u8, fromA ? flow.PacketsAZ : flow.PacketsZA);
        line.Json.WriteNumber("pkts_toclient"u8, fromA ? flow.PacketsZA : flow.PacketsAZ);
        line.Json.WriteNumber("bytes_toserver"u8, fromA ? flow.BytesAZ : flow.BytesZA);
        line.Json.WriteNumber("bytes_toclient"u8, fromA ? flow.BytesZA : flow.BytesAZ);
        line.Time("start"u8, flow.FirstNs);
        line.Time("end"u8, flow.LastNs);
        line.Json.WriteNumber("age"u8, (flow.LastNs / 1_000_000_000) - (flow.FirstNs / 1_000_000_000));
        line.Json.WriteString("state"u8, StateOf(in flow));
        line.Json.WriteString("reason"u8, Has(flow, FlowState.Terminated) ? "shutdown"u8 : "timeout"u8);
        line.Json.WriteEndObject();
        if (key.Protocol == 6)
            Tcp(line, in flow);
        if (flow.Tags.Length > 0)
        {
            line.Json.WriteStartArray("tags"u8);
            foreach (string tag in flow.Tags.Split('|'))
                line.Json.WriteStringValue(tag);
            line.Json.WriteEndArray();
        }

        line.Text("pcap_filename"u8, capture);
        return line.End();
    }

    private static string SignatureTextOf(AlertRecord alert) =>
        alert.Signature.Length > 0 ? alert.Signature
        : alert.Message.Length > 0 ? alert.Message
        : alert.Key;

    private static void Files(EveLine line, FileRecord file)
    {
        line.Json.WriteStartArray("files"u8);
        line.Json.WriteStartObject();
        line.Json.WriteString("filename"u8, file.SentName.Length > 0 ? file.SentName : file.Uri);
        line.Text("magic"u8, file.Magic);
        line.Json.WriteBoolean("gaps"u8, file.End == FileEnd.Gap);
        line.Json.WriteString("state"u8, file.End is FileEnd.Complete or FileEnd.Joined ? "CLOSED"u8 : "TRUNCATED"u8);
        line.Text("md5"u8, file.Md5);
        line.Text("sha1"u8, file.Sha1);
        line.Text("sha256"u8, file.Sha256);
        line.Json.WriteBoolean("stored"u8, file.IsStored);
        line.Json.WriteNumber("size"u8, file.Size);
        line.Json.WriteEndObject();
        line.Json.WriteEndArray();
    }

    private static void Tcp(EveLine line, in FlowRecord flow)
    {
        TcpFlags toServer = flow.ClientIsA ? flow.FlagsAZ : flow.FlagsZA,
            toClient = flow.ClientIsA ? flow.FlagsZA : flow.FlagsAZ;
        line.Json.WriteStartObject("tcp"u8);
        Flags(line, "tcp_flags"u8, toServer | toClient);
        Flags(line, "tcp_flags_ts"u8, toServer);
        Flags(line, "tcp_flags_tc"u8, toClient);
        foreach ((TcpFlags bit, string name) in FlagNames)
        {
            if (((toServer | toClient) & bit) != 0)
                line.Json.WriteBoolean(name, true);
        }

        line.Json.WriteEndObject();
    }

    private static void Flags(EveLine line, ReadOnlySpan<byte> name, TcpFlags flags)
    {
        Span<byte> text = stackalloc byte[2];
        ((byte)flags).TryFormat(text, out _, "x2", CultureInfo.InvariantCulture);
        line.Json.WriteString(name, text);
    }

    // What the flow carries in the end: TLS, if it came to that by CONNECT or STARTTLS.
    private static ReadOnlySpan<byte> ProtocolOf(in FlowKey key, FlowApplications applications) =>
        (applications & FlowApplications.Tls) != 0 ? "tls"u8
        : (applications & FlowApplications.Http) != 0 ? "http"u8
        : (applications & FlowApplications.Smtp) != 0 ? "smtp"u8
        : (applications & FlowApplications.Ftp) != 0 ? "ftp"u8
        : (applications & FlowApplications.FtpData) != 0 ? "ftp-data"u8
        : (applications & FlowApplications.Pop3) != 0 ? "pop3"u8
        : (applications & FlowApplications.Imap) != 0 ? "imap"u8
        : (applications & FlowApplications.Dns) != 0 ? EveMulticastDns.TypeOf(in key)
        : default;

    // Suricata's words: a TCP flow is established by its handshake, any other when both ends have sent.
    private static ReadOnlySpan<byte> StateOf(in FlowRecord flow)
    {
        if (flow.Key.Protocol != 6)
            return flow is { PacketsAZ: > 0, PacketsZA: > 0 } ? "established"u8 : "new"u8;
        if (flow.IsClosed)
            return "closed"u8;
        return Has(flow, FlowState.SeenSynAckAck) || flow is { PayloadAZ: > 0, PayloadZA: > 0 } ? "established"u8 : "new"u8;
    }

    private static bool Has(in FlowRecord flow, FlowState state) => (flow.State & state) != 0;

    private static void Values(EveLine line, ReadOnlySpan<byte> name, string value)
    {
        line.Json.WriteStartArray(name);
        line.Json.WriteStringValue(value);
        line.Json.WriteEndArray();
    }

    // "2019401" or "1:2019401:3". Readers want a number: any other key gives one of its own (FNV-1a, 31 bits).
    private static (long Gid, long Signature, long Revision, bool IsNumber) SignatureOf(string key)
    {
        string[] parts = key.Split(':');
        Span<long> numbers = [1, 0, 0];
        bool areNumbers = parts.Length is 1 or 2 or 3;
        for (int i = 0; areNumbers && i < parts.Length; i++)
            areNumbers =
                long.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[parts.Length == 1 ? 1 : i])
                && numbers[parts.Length == 1 ? 1 : i] <= uint.MaxValue;
        if (areNumbers)
            return (numbers[0], numbers[1], numbers[2], true);
        uint hash = 2166136261;
        foreach (byte b in Encoding.UTF8.GetBytes(key))
            hash = (hash ^ b) * 16777619;
        return (1, hash & int.MaxValue, 0, false);
    }
}
