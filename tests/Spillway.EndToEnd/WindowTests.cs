using System.Text.Json.Nodes;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>Windows of another length than the usual.</summary>
public sealed class WindowTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task Window_OfTenSeconds_CutsTheCountersAndDividesTheRates()
    {
        await Run("--window", "10");
        JsonNode[] rows = await Series();

        // The connection begins at second 20 of its minute; its end comes 25 seconds later.
        Assert.Equal(["2023-11-14T22:13:20.000000Z", "2023-11-14T22:13:40.000000Z"], rows.Select(row => (string)row["time"]!));
        Assert.Equal(
            Store.Ask(_workspace, "SELECT sum(bytes_az + bytes_za) FROM flows"),
            [$"{rows.Sum(row => 10 * (double)row["value"]!):F0}"]
        );
        Assert.Equal("10", Assert.Single(Store.Ask(_workspace, "SELECT window_seconds FROM runs")));
    }

    [Fact]
    public async Task Window_OfAnotherLength_IsWhatScriptsAreTold()
    {
        string script = _workspace.PathOf("script.lua");
        await File.WriteAllTextAsync(
            script,
            """
            TrisulPlugin = { id = { name = "windows" },
              engine_monitor = { onbeginflush = function(engine, ts) print(ts % 60, T.env.get_config("Tuning>StreamingWindowMSecs")) end } }
            """,
            TestContext.Current.CancellationToken
        );
        Outcome run = await Run("--window", "20", "-s", script);

        Assert.Equal(["20\t20000", "40\t20000"], run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Series_OverRunsWithWindowsOfDifferentLength_DividesEachByItsOwn()
    {
        await Run("--window", "20");
        await Run("--window", "60");
        JsonNode[] rows = await Series("--run", "all");

        double bytes = double.Parse(
            Store.Ask(_workspace, "SELECT sum(bytes_az + bytes_za) FROM flows")[0],
            System.Globalization.CultureInfo.InvariantCulture
        );
        Assert.Equal(
            ["2023-11-14T22:13:00.000000Z", "2023-11-14T22:13:20.000000Z", "2023-11-14T22:13:40.000000Z"],
            rows.Select(row => (string)row["time"]!)
        );
        Assert.Equal(bytes, (60 * (double)rows[0]["value"]!) + (20 * ((double)rows[1]["value"]! + (double)rows[2]["value"]!)), 3);
    }

    [Fact]
    public async Task Series_OfAMeterThatGoesOn_IsNotDivided()
    {
        await Run("--window", "20");
        Outcome answer = (
            await Probe.Command(_workspace, "series", "hosts", "10.1.2.3", "--meter", "active", "--json", "-o", _workspace.Output)
        ).MustExit(0);

        // One connection, open at the end of the first window and over at the end of the second.
        Assert.Equal(
            [1.0, 0.0],
            answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => (double)JsonNode.Parse(line)!["value"]!)
        );
    }

    [Theory]
    [InlineData("7")]
    [InlineData("0")]
    [InlineData("-60")]
    [InlineData("7200")]
    [InlineData("minute")]
    public async Task Window_ThatDoesNotDivideAnHour_IsWrongUsage(string seconds)
    {
        Outcome run = (await Probe.Run(_workspace, "-r", Capture(), "--window", seconds)).MustExit(2);

        Assert.Contains(
            $"--window must divide an hour evenly, such as 1, 10, 30, 60 or 300 seconds, not '{seconds}'",
            Assert.Single(run.Told),
            StringComparison.Ordinal
        );
    }

    private string Capture()
    {
        var recording = new Recording();
        TcpConversation connection = recording.Connect();
        connection.ClientSends(Http.Get("/some/file"));
        connection.ServerSends(Http.Ok(Http.Noise(3000)));
        recording.Pause(25);
        connection.Close();
        return recording.Save(_workspace.PathOf("a.pcap"));
    }

    private async Task<Outcome> Run(params string[] more) => (await Probe.Run(_workspace, ["-r", Capture(), "-q", .. more])).MustExit(0);

    private async Task<JsonNode[]> Series(params string[] more) =>
        [
            .. (await Probe.Command(_workspace, ["series", "aggregates", "TOTALBW", "--utc", "--json", "-o", _workspace.Output, .. more]))
                .MustExit(0)
                .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonNode.Parse(line)!),
        ];
}
