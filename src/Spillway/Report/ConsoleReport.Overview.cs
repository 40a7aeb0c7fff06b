using Spectre.Console;

namespace Spillway.Report;

// The first lines: what was read, how fast, and what the observers made of it.
public sealed partial class ConsoleReport
{
    private void WriteOverview()
    {
        TrafficSummary traffic = _summary.Traffic;
        var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(3)).AddColumn(new GridColumn());
        if (_summary.Sources.Count > 0)
            Line(grid, "Read", string.Join(", ", _summary.Sources.Select(source => CellText.Fit(source, 60))));
        Line(
            grid,
            "Traffic",
            $"{Units.Count(traffic.Packets, "packet")}, {Units.Bytes(traffic.Bytes)}, {Units.Count(traffic.Flows, "flow")}"
        );
        Line(grid, "Received", Account(_summary.Capture));
        Line(grid, "Dropped", Dropped(_summary.Capture?.Behind));
        if (traffic is { FirstPacketNs: { } first, LastPacketNs: { } last })
            Line(grid, "Captured", $"{Units.DateAndTime(first)} UTC, over {Units.Duration(Span(first, last))}");
        double seconds = _summary.WallTime.TotalSeconds;
        if (seconds > 0)
        {
            string processor = _summary.ProcessorTime > TimeSpan.Zero ? $" (processor {Units.Duration(_summary.ProcessorTime)})" : "";
            Line(
                grid,
                "Took",
                $"{Units.Duration(_summary.WallTime)}{processor}: {Units.Count((long)(traffic.Packets / seconds))} packets/s, "
                    + Units.BitRate(traffic.Bytes * 8 / seconds)
            );
        }

        TcpSummary tcp = _summary.Tcp;
        if (tcp.ReassembledBytes > 0 || tcp.Gaps > 0)
        {
            Line(
                grid,
                "TCP",
                Joined(
                    $"{Units.Bytes(tcp.ReassembledBytes)} reassembled",
                    tcp.RetransmittedBytes > 0 ? $"{Units.Bytes(tcp.RetransmittedBytes)} retransmitted" : "",
                    tcp.OutOfOrder > 0 ? $"{Units.Count(tcp.OutOfOrder)} out of order" : "",
                    tcp.Gaps > 0 ? $"{Units.Count(tcp.Gaps, "gap")} ({Units.Bytes(tcp.MissingBytes)} missing)" : "",
                    tcp.LimitHits > 0 ? $"memory limit reached {Units.Count(tcp.LimitHits, "time")}" : ""
                )
            );
        }

        HttpSummary http = _summary.Http;
        if (http.Requests > 0 || http.Responses > 0)
        {
            Line(
                grid,
                "HTTP",
                Joined(
                    Units.Count(http.Requests, "request"),
                    Units.Count(http.Responses, "response"),
                    $"{Units.Bytes(http.BodyBytes)} of content",
                    Some(http.Errors, "damaged message")
                )
            );
        }

        Line(grid, "Stored", StoredText());
        if (_summary.ResourceCount > 0)
            Line(grid, "Resources", Units.Count(_summary.ResourceCount));
        Line(grid, "Not decoded", NotDecoded(traffic));
        _console.Write(new Text($"Spillway {_summary.Version}\n", HeadingStyle));
        _console.Write(grid);
    }

    private static string Account(CaptureSummary? capture)
    {
        if (capture is null)
            return "";
        string places = Joined(
            At(capture.LostInKernel, "in the kernel's buffer"),
            At(capture.LostByInterface, "by the interface"),
            At(capture.LostBeforeLanes, "on the way to a lane"),
            At(capture.Refused, "without a frame inside"),
            At(capture.Unread, "unread at the end")
        );
        return $"{Units.Count(capture.Received, "packet")} = {Units.Count(capture.Processed)} processed + "
            + $"{Units.Count(capture.Lost)} lost{(places.Length > 0 ? $" ({places})" : "")}"
            + (capture.OnWrongLane > 0 ? $"; {Units.Count(capture.OnWrongLane.Value)} on a lane that has half of their flow" : "");

        static string At(long count, string place) => count > 0 ? $"{Units.Count(count)} {place}" : "";
    }

    private static string Dropped(DroppedBehind? behind) =>
        behind is null
            ? ""
            : Joined(
                behind.ResultBatches > 0 ? Units.Count(behind.ResultBatches, "batch of results", "batches of results") : "",
                behind.PacketsNotStored > 0 ? $"{Units.Count(behind.PacketsNotStored, "packet")} not stored" : "",
                behind.FilesNotExtracted > 0 ? $"{Units.Count(behind.FilesNotExtracted, "file")} not extracted" : "",
                behind.Tasks > 0 ? $"{Units.Count(behind.Tasks, "task")} of T.async" : "",
                Some(behind.EveEvents, "EVE event"),
                behind.ConsoleLines > 0 ? $"{Units.Count(behind.ConsoleLines, "line")} for the terminal" : ""
            );

    // Damage first, then what is not looked into: where there are packets and no flows, this says why.
    private static string NotDecoded(TrafficSummary traffic)
    {
        const int shown = 8;
        long others = traffic.NotLookedInto.Skip(shown).Sum(each => each.Count);
        return Joined(
            traffic
                .DecodeErrors.Where(error => error.Count > 0)
                .Concat(traffic.NotLookedInto.Take(shown))
                .Select(each => $"{SafeText.Clean(each.Name)} {Units.Count(each.Count)}")
                .Append(others > 0 ? $"others {Units.Count(others)}" : "")
        );
    }

    internal static TimeSpan Span(long firstNs, long lastNs) =>
        TimeSpan.FromTicks(Math.Max(0, lastNs - firstNs) / TimeSpan.NanosecondsPerTick);

    private static void Line(Grid grid, string label, string text)
    {
        if (text.Length > 0)
            grid.AddRow(new Text(label, LabelStyle), new Text(text));
    }

    private static string Some(long count, string noun) => count > 0 ? Units.Count(count, noun) : "";

    private static string Joined(params IEnumerable<string> parts) => string.Join(", ", parts.Where(part => part.Length > 0));
}
