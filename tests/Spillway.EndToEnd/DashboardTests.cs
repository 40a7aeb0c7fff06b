using System.Net.Sockets;
using System.Text.Json.Nodes;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>The dashboard and the rules of packaging, against a Prometheus that scrapes a service.</summary>
public sealed class DashboardTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60); // only against a hang

    private readonly Workspace _workspace = new();
    private readonly HttpClient _client = new();

    public void Dispose()
    {
        _client.Dispose();
        _workspace.Dispose();
    }

    [Fact]
    public async Task Dashboard_EveryQuery_HasDataOfARunningService()
    {
        if (!File.Exists("/usr/bin/prometheus") || !File.Exists("/usr/bin/promtool"))
            Assert.Skip("a real Prometheus is not to be had: apt-get install prometheus");
        (string Title, string Query)[] queries = [.. Queries()];
        Assert.True(queries.Length > 25, "the dashboard has lost its queries");
        int http = Mirror.FreePort(SocketType.Stream);
        int own = Mirror.FreePort(SocketType.Stream);
        using var mirror = new Mirror();
        using RunningProbe probe = Probe.Start(
            _workspace,
            [
                "serve",
                "-i",
                mirror.Interface,
                "--http",
                $"{http}",
                "-s",
                _workspace.Write("busy.lua", Script),
                "-o",
                _workspace.Output,
                "--ramfs",
                _workspace.Ram,
            ]
        );
        await probe.Says("listening on");
        mirror.Send(Recording.Of(Http.Get("/a"), Http.Ok([1, 2, 3])).Frames);
        using RunningProbe prometheus = Probe.Start(_workspace, "prometheus", Prometheus(http, own));

        using var hang = new CancellationTokenSource(Limit);
        foreach ((string title, string query) in queries)
            await MustHaveData(own, title, query, hang.Token);
        JsonNode rules = JsonNode.Parse(await _client.GetStringAsync($"http://127.0.0.1:{own}/api/v1/rules", hang.Token))!;
        Assert.All(rules["data"]!["groups"]![0]!["rules"]!.AsArray(), rule => Assert.Null(rule!["lastError"]));
        _workspace.Write("metrics", await _client.GetStringAsync($"http://127.0.0.1:{http}/metrics", hang.Token));
        Outcome check = await Probe.Shell(_workspace, "promtool check metrics <metrics");
        Assert.True(check.ExitCode == 0, check.Output + check.Error);

        await probe.Signal("TERM");
        (await probe.End()).MustExit(0);
    }

    private const string Script = """
        TrisulPlugin = {
          id = { name = "Busy", description = "a task for each packet" },
          simplecounter = {
            protocol_guid = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}",
            onpacket = function(engine, layer)
              T.async:schedule { data = "x", onexecute = function(arg) return arg end, onresult = function() end }
            end,
          },
        }
        """;

    private string[] Prometheus(int http, int own)
    {
        string rules = RepositoryFiles.PathOf("packaging", "prometheus-rules.yml");
        string configuration = $"""
            global: {"{"} scrape_interval: 250ms, evaluation_interval: 250ms {"}"}
            rule_files: ["{rules}"]
            scrape_configs:
              - job_name: spillway
                static_configs: [{"{"} targets: ["127.0.0.1:{http}"] {"}"}]
            """;
        return
        [
            "--config.file",
            _workspace.Write("prometheus.yml", configuration),
            "--storage.tsdb.path",
            _workspace.PathOf("tsdb"),
            "--web.listen-address",
            $"127.0.0.1:{own}",
            "--log.level",
            "error",
        ];
    }

    // What a counter grew by takes two scrapes: until then a query has no data.
    private async Task MustHaveData(int port, string title, string query, CancellationToken hang)
    {
        var uri = new Uri($"http://127.0.0.1:{port}/api/v1/query?query={Uri.EscapeDataString(query)}");
        using var next = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        string answer = "no answer";
        try
        {
            while (await next.WaitForNextTickAsync(hang))
            {
                try
                {
                    answer = await _client.GetStringAsync(uri, hang);
                }
                catch (HttpRequestException exception) when (exception.StatusCode is null or System.Net.HttpStatusCode.ServiceUnavailable)
                {
                    continue; // it is not there yet, or replays its log
                }

                if (JsonNode.Parse(answer)!["data"]!["result"]!.AsArray().Count > 0)
                    return;
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            Assert.Fail($"'{title}': {query} gives {answer} ({exception.Message})");
        }
    }

    private static IEnumerable<(string Title, string Query)> Queries()
    {
        JsonNode dashboard = JsonNode.Parse(File.ReadAllText(RepositoryFiles.PathOf("packaging", "grafana-dashboard.json")))!;
        foreach (JsonNode? panel in dashboard["panels"]!.AsArray())
        {
            foreach (JsonNode? target in panel!["targets"]?.AsArray() ?? [])
            {
                string query = ((string)target!["expr"]!)
                    .Replace("$__rate_interval", "20s", StringComparison.Ordinal)
                    .Replace("$instance", ".*", StringComparison.Ordinal);
                yield return ((string)panel["title"]!, query);
            }
        }
    }
}
