using System.Text.Json;
using Spillway.Eve;
using Spillway.Net.Flows;
using Spillway.Net.Tcp;
using Spillway.Report;

namespace Spillway.Pipeline;

/// <summary>The object <c>stats</c>: what there is of Suricata's counters, under their names.</summary>
internal static class EveStats
{
    private static void WriteDropped(Utf8JsonWriter json, DroppedBehind behind)
    {
        json.WriteStartObject("dropped_behind"u8);
        json.WriteNumber("result_batches"u8, behind.ResultBatches);
        json.WriteNumber("packets_not_stored"u8, behind.PacketsNotStored);
        json.WriteNumber("files_not_extracted"u8, behind.FilesNotExtracted);
        json.WriteNumber("tasks"u8, behind.Tasks);
        json.WriteNumber("eve_events"u8, behind.EveEvents);
        json.WriteNumber("console_lines"u8, behind.ConsoleLines);
        json.WriteEndObject();
    }

    /// <summary>Writes it.</summary>
    public static void Write(EveLine line, LaneTotals totals)
    {
        (LaneFigures figures, FlowTableStatistics flows, TcpReassemblyStatistics tcp) = (totals.Figures, totals.Flows, totals.Reassembly);
        Utf8JsonWriter json = line.Json;
        json.WriteStartObject("stats"u8);
        json.WriteNumber("uptime"u8, (figures.LastNs - (figures.FirstNs ?? figures.LastNs)) / 1_000_000_000);
        if (totals.Received is { } received)
        {
            json.WriteStartObject("capture"u8);
            json.WriteNumber("kernel_packets"u8, received.Received);
            json.WriteNumber("kernel_drops"u8, received.LostInKernel + received.LostByInterface);
            json.WriteNumber("lost_before_lanes"u8, received.LostBeforeLanes);
            json.WriteNumber("refused"u8, received.Refused);
            json.WriteNumber("on_wrong_lane"u8, figures.OnWrongLane);
            WriteDropped(json, received.Behind);
            json.WriteEndObject();
        }

        json.WriteStartObject("decoder"u8);
        json.WriteNumber("pkts"u8, figures.Packets);
        json.WriteNumber("bytes"u8, figures.Bytes);
        json.WriteNumber("invalid"u8, figures.DecodeErrors.Sum());
        json.WriteEndObject();
        json.WriteStartObject("flow"u8);
        json.WriteNumber("total"u8, flows.Created);
        json.WriteNumber("active"u8, flows.Active);
        json.WriteNumber("timed_out"u8, flows.TimedOut);
        json.WriteNumber("evicted"u8, flows.Evicted);
        json.WriteNumber("tcp_reuse"u8, flows.Reused);
        json.WriteEndObject();
        json.WriteStartObject("tcp"u8);
        json.WriteNumber("sessions"u8, tcp.Connections);
        json.WriteNumber("reassembly_gap"u8, tcp.Gaps);
        json.WriteNumber("overlap"u8, tcp.Overlaps);
        json.WriteNumber("overlap_diff_data"u8, tcp.ConflictingOverlaps);
        json.WriteNumber("memuse"u8, tcp.MemoryInUse);
        json.WriteEndObject();
        json.WriteStartObject("app_layer"u8);
        json.WriteStartObject("flow"u8);
        json.WriteNumber("http"u8, totals.Http.Connections);
        json.WriteNumber("tls"u8, totals.Tls.Connections);
        json.WriteEndObject();
        json.WriteStartObject("tx"u8);
        json.WriteNumber("http"u8, totals.Http.Requests);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
