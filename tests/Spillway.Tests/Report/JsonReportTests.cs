using System.Text.Json;
using Spillway.Report;

namespace Spillway.Tests.Report;

public class JsonReportTests
{
    [Fact]
    public void Write_FullRun_CanBeReadBack()
    {
        using JsonDocument document = Write(SampleRun.Create());
        JsonElement root = document.RootElement;

        Assert.Equal("0.1.0", root.GetProperty("version").GetString());
        Assert.Equal(3, root.GetProperty("exit_code").GetInt32());
        Assert.Equal(1.25, root.GetProperty("run").GetProperty("wall_seconds").GetDouble());
        Assert.Equal("spillway-out/spillway.db", root.GetProperty("run").GetProperty("store").GetString());
        Assert.Equal(1_234_567, root.GetProperty("traffic").GetProperty("packets").GetInt64());
        Assert.Equal("2023-11-14T22:13:20.000000000Z", root.GetProperty("traffic").GetProperty("first_packet").GetString());
        Assert.Equal(34, root.GetProperty("traffic").GetProperty("not_looked_into").GetProperty("EtherType 0x88cc (LLDP)").GetInt32());
        Assert.Equal(12, root.GetProperty("traffic").GetProperty("decode_errors").GetProperty("IPv4 header cut off").GetInt32());
        Assert.Equal(1460, root.GetProperty("tcp").GetProperty("missing_bytes").GetInt32());
        Assert.Equal(310, root.GetProperty("http").GetProperty("requests").GetInt32());
        Assert.Equal(SampleRun.Hostile, root.GetProperty("alerts")[0].GetProperty("message").GetString());
        Assert.Equal("06A:0A.01.02.03:p-C000_C6.33.64.07:p-01BB", root.GetProperty("alerts")[1].GetProperty("flow_id").GetString());
        JsonElement counters = root.GetProperty("counters")[0];
        Assert.Equal(
            ("Packet Length", "Total", "small"),
            (
                counters.GetProperty("group").GetString(),
                counters.GetProperty("meter").GetString(),
                counters.GetProperty("keys")[0].GetProperty("label").GetString()
            )
        );
        JsonElement script = root.GetProperty("scripts")[0];
        Assert.Equal(25, script.GetProperty("callbacks").GetProperty("filex_monitor.onfile_http").GetInt32());
        Assert.Equal(2.4, script.GetProperty("async").GetProperty("wait").GetProperty("p99_ms").GetDouble());
        Assert.Equal(0, script.GetProperty("async").GetProperty("timed_out").GetInt64());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("scripts")[1].GetProperty("async").ValueKind);
        Assert.Single(root.GetProperty("warnings").EnumerateArray());
    }

    [Fact]
    public void Write_Files_AreAllThere()
    {
        RunSummary summary = SampleRun.Create();
        summary = summary with { Files = summary.Files with { Shown = [.. summary.Files.Shown.Take(3)] } };

        using JsonDocument document = Write(summary);
        JsonElement files = document.RootElement.GetProperty("files");

        Assert.Equal(25, files.GetArrayLength());
        Assert.Equal("server_to_client", files[0].GetProperty("direction").GetString());
        Assert.Equal("client_to_server", files[1].GetProperty("direction").GetString());
        Assert.Equal("2023-11-14T22:13:21.000000007Z", files[1].GetProperty("time").GetString());
        Assert.Equal(JsonValueKind.Null, files[4].GetProperty("status").ValueKind);
        Assert.Equal(JsonValueKind.Null, files[5].GetProperty("sha1").ValueKind);
        Assert.Equal(
            ["complete", "truncated", "gap", "corrupt", "limit"],
            files.EnumerateArray().Select(file => file.GetProperty("end").GetString()).Distinct()
        );
    }

    [Fact]
    public void Write_FieldNames_AreTheContract()
    {
        using JsonDocument document = Write(SampleRun.Create());

        Assert.Equal(
            "version exit_code sources run traffic capture tcp http packets file_count file_bytes files_refused files "
                + "alert_count alerts resource_count "
                + "counters groups_without_values scripts details warnings",
            string.Join(' ', document.RootElement.EnumerateObject().Select(property => property.Name))
        );
        Assert.Equal(
            "time flow_id direction host uri method status content_type size name sha1 md5 end sha256 stored "
                + "protocol sent_name mime_type magic",
            string.Join(' ', document.RootElement.GetProperty("files")[0].EnumerateObject().Select(property => property.Name))
        );
    }

    [Fact]
    public void Write_FilesOfARunThatListens_AreTheFirstOnes()
    {
        RunSummary sample = SampleRun.Create();
        var files = new FileSummary
        {
            Count = 25,
            Shown = [.. sample.Files.Shown.Take(3)],
            All = sample.Files.All,
        };

        Assert.Equal(25, Listed(sample with { Files = files }));
        Assert.Equal(3, Listed(sample with { Files = files, Capture = new CaptureSummary() }));

        static int Listed(RunSummary summary)
        {
            using JsonDocument document = Write(summary);
            return document.RootElement.GetProperty("files").GetArrayLength();
        }
    }

    [Fact]
    public void Write_HostileTexts_AreAsciiWithoutControls()
    {
        using var stream = new MemoryStream();
        JsonReport.Write(stream, SampleRun.Create());

        Assert.All(stream.ToArray(), octet => Assert.True(octet is (byte)'\n' or >= 0x20 and < 0x7F, $"byte 0x{octet:X2}"));
    }

    [Fact]
    public void Write_TwoCountsOfOneName_AddUp()
    {
        using JsonDocument document = Write(new RunSummary { Version = "1", Details = [new NamedCount("a", 1), new NamedCount("a", 2)] });

        Assert.Equal(3, document.RootElement.GetProperty("details").GetProperty("a").GetInt32());
    }

    private static JsonDocument Write(RunSummary summary)
    {
        using var stream = new MemoryStream();
        JsonReport.Write(stream, summary);
        Assert.Equal((byte)'\n', stream.ToArray()[^1]);
        return JsonDocument.Parse(stream.ToArray());
    }
}
