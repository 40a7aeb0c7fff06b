using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spillway.EndToEnd.Running;
using Spillway.Shared.Web;
using Spillway.Web.Api;

namespace Spillway.Web.Tests;

/// <summary>The API, held against its own document and against the command line.</summary>
public sealed class ApiTests(RunFixture run) : IClassFixture<RunFixture>
{
    private static readonly Dictionary<string, string> Needed = new()
    {
        ["group"] = "hosts",
        ["key"] = "total",
        ["text"] = "quiet",
        ["list"] = "none",
        ["q"] = "10.1",
        ["address"] = "10.1.2.3",
        ["name"] = "none",
        ["id"] = "none",
    };

    // Without flow trackers, a file of that name, or packets of that flow there is none; a stream has no end.
    private static readonly string[] WithoutAnswer = ["tracked", "file-content", "flow-packets", "live"];

    private static CancellationToken End => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Document_NamesEveryRouteAndEachAnswersAsItSays()
    {
        JsonNode document = await Json("openapi.json");
        JsonObject paths = document["paths"]!.AsObject();

        Assert.Equal(
            ApiRoute.All.Select(route => route.Name).Concat(ApiDirect.Routes.Select(route => route.Name)).Select(name => "/api/v1/" + name),
            paths.Select(path => path.Key)
        );
        foreach ((string path, JsonNode? item) in paths)
        {
            JsonNode get = item!["get"]!;
            string query = string.Join(
                '&',
                get["parameters"]!
                    .AsArray()
                    .Where(parameter => (bool)parameter!["required"]!)
                    .Select(parameter => $"{parameter!["name"]}={Needed[(string)parameter["name"]!]}")
            );
            if (WithoutAnswer.Contains(path.Split('/')[^1]))
                continue;
            using HttpResponseMessage response = await run.Client.GetAsync($"{path}?{query}", End);
            Assert.True(response.IsSuccessStatusCode, $"{path}?{query}: {await response.Content.ReadAsStringAsync(End)}");
            JsonNode content = get["responses"]!["200"]!["content"]!;
            Assert.Contains(response.Content.Headers.ContentType!.MediaType, content.AsObject().Select(type => type.Key));
            if (content["application/json"]?["schema"]?["properties"]?["rows"]?["items"]?["properties"] is { } columns)
                MustFit(path, await response.Content.ReadAsStringAsync(End), columns.AsObject());
        }
    }

    [Theory]
    [InlineData("flows", "flows")]
    [InlineData("http", "http")]
    [InlineData("dns", "dns")]
    [InlineData("tls", "tls")]
    [InlineData("certificates", "certs")]
    [InlineData("alerts", "alerts")]
    [InlineData("files", "files")]
    [InlineData("top?group=hosts", "top hosts")]
    [InlineData("series?group=hosts&key=total", "series hosts total")]
    public async Task Rows_AreThoseOfTheCommandLine(string route, string command)
    {
        string separator = route.Contains('?', StringComparison.Ordinal) ? "&" : "?";
        JsonArray rows = (await Json($"{route}{separator}limit=1000"))["rows"]!.AsArray();
        Outcome line = (await Probe.Command(run.Workspace, [.. command.Split(' '), "-o", "out", "--json", "--utc"])).MustExit(0);

        string[] expected =
        [
            .. line.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(text => JsonNode.Parse(text)!.ToJsonString()),
        ];
        Assert.NotEmpty(expected);
        Assert.Equal(expected, rows.Select(row => row!.ToJsonString()));
    }

    [Fact]
    public async Task Csv_IsThatOfTheCommandLine()
    {
        string csv = await run.Client.GetStringAsync("/api/v1/flows?format=csv", End);
        Outcome line = (await Probe.Command(run.Workspace, "flows", "-o", "out", "--csv", "--utc")).MustExit(0);

        Assert.Equal(line.Output, csv);
    }

    [Fact]
    public async Task Filter_KeepsWhatItSays()
    {
        JsonArray all = (await Json("flows?q=" + Uri.EscapeDataString("port:80 -host:10.1.2.3 sort:bytes")))["rows"]!.AsArray();

        Assert.Equal(20, all.Count);
        long[] bytes = [.. all.Select(row => (long)row!["bytes_to_client"]!)];
        Assert.Equal(bytes.OrderDescending(), bytes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    public async Task LastFlows_AreTheEndOfAll(int limit)
    {
        string[] all = [.. (await Json("flows?limit=1000"))["rows"]!.AsArray().Select(row => (string)row!["start"]!)];
        string[] last = [.. (await Json($"flows?reverse=1&limit={limit}"))["rows"]!.AsArray().Select(row => (string)row!["start"]!)];

        Assert.Equal(all.Reverse().Take(limit), last);
    }

    [Theory]
    [InlineData("flows?q=prot:80", "did you mean proto, port")]
    [InlineData("flows?q=port:xyz", "'xyz' is no port")]
    [InlineData("flows?q=sort:colour", "there is no order 'colour'")]
    [InlineData("top", "group is missing")]
    [InlineData("top?group=nothing", "no counter group 'nothing'")]
    [InlineData("flows?from=never", "'never' is no time")]
    [InlineData("flows?format=xml", "format 'xml' is none")]
    [InlineData("flows?fields=colour", "there is no field 'colour'")]
    public async Task WrongQuestion_IsAProblemWithItsRemedy(string route, string expected)
    {
        using HttpResponseMessage response = await run.Client.GetAsync("/api/v1/" + route, End);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        string detail = (string)JsonNode.Parse(await response.Content.ReadAsStringAsync(End))!["detail"]!;
        Assert.Contains(expected, detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FileAndPackets_ComeAsTheyWereAndAreOnlySaved()
    {
        JsonNode file = (await Json("files?type=html"))["rows"]!.AsArray().Single(row => (string?)row!["host"] == HostileTraffic.Host)!;
        using HttpResponseMessage content = await run.Client.GetAsync(
            "/api/v1/file-content?name=" + Uri.EscapeDataString((string)file["name"]!),
            End
        );
        using HttpResponseMessage packets = await run.Client.GetAsync(
            "/api/v1/flow-packets?id=" + Uri.EscapeDataString((string)file["flow_id"]!),
            End
        );

        Assert.Equal(HostileTraffic.Content, await content.Content.ReadAsByteArrayAsync(End));
        Assert.Equal("application/octet-stream", content.Content.Headers.ContentType!.MediaType);
        Assert.Equal("attachment", content.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Contains("sandbox", content.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        byte[] pcap = await packets.Content.ReadAsByteArrayAsync(End);
        Assert.True(pcap.AsSpan().IndexOf("GET /<script>"u8) > 0);
        Assert.Contains(BitConverter.ToUInt32(pcap), new uint[] { 0xA1B2C3D4, 0xA1B23C4D });
    }

    [Theory]
    [InlineData("../spillway.db")]
    [InlineData("..")]
    [InlineData("/etc/passwd")]
    [InlineData("")]
    public async Task File_OutsideOfItsDirectory_IsNotThere(string name)
    {
        using HttpResponseMessage response = await run.Client.GetAsync("/api/v1/file-content?name=" + Uri.EscapeDataString(name), End);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    private async Task<JsonNode> Json(string route) => JsonNode.Parse(await run.Client.GetStringAsync("/api/v1/" + route, End))!;

    private static void MustFit(string path, string answer, JsonObject columns)
    {
        foreach (JsonNode? row in JsonNode.Parse(answer)!["rows"]!.AsArray())
        {
            foreach ((string name, JsonNode? value) in row!.AsObject())
            {
                Assert.True(columns.ContainsKey(name), $"{path}: {name} is not in the document");
                string kind = value?.GetValueKind() switch
                {
                    null => "null",
                    JsonValueKind.String => "string",
                    JsonValueKind.Number => "number",
                    JsonValueKind.Array => "array",
                    JsonValueKind.Object => "object",
                    var other => other.ToString()!,
                };
                string[] allowed = [.. columns[name]!["type"]!.AsArray().Select(type => (string)type!)];
                Assert.True(
                    allowed.Contains(kind) || (kind == "number" && allowed.Contains("integer")),
                    $"{path}: {name} is a {kind}, and the document says {string.Join(", ", allowed)}"
                );
            }
        }
    }
}
