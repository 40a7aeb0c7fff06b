using System.Net;
using System.Net.Sockets;
using System.Text;
using Spillway.EndToEnd.Running;

namespace Spillway.EndToEnd;

/// <summary>The program as a service manager runs it, and its configuration file.</summary>
public sealed class ServeTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task Serve_UnderSystemd_SaysReadyGoesOnAndEnds()
    {
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        string path = _workspace.PathOf("notify");
        manager.Bind(new UnixDomainSocketEndPoint(path));
        manager.ReceiveTimeout = 60_000;

        using RunningProbe probe = Start($"run:\n  interface: {UdpInterface()}\n", ["NOTIFY_SOCKET=" + path, "WATCHDOG_USEC=400000"]);

        Assert.Equal("READY=1", Next());
        Assert.Equal("WATCHDOG=1", Next());
        Assert.Equal("WATCHDOG=1", Next());
        await probe.Signal("TERM");
        string last = Next();
        while (last == "WATCHDOG=1")
            last = Next();
        Assert.Equal("STOPPING=1", last);
        (await probe.End()).MustExit(0);

        string Next()
        {
            byte[] message = new byte[256];
            return Encoding.ASCII.GetString(message, 0, manager.Receive(message));
        }
    }

    [Fact]
    public async Task Serve_HangUp_ReportsWhatIsWrongAndGoesOn()
    {
        string configuration = $"run:\n  interface: {UdpInterface()}\n";
        using RunningProbe probe = Start(configuration, []);
        await probe.Says("listening on");

        _workspace.Write("spillway.yaml", configuration + "  ouput: x\n");
        await probe.Signal("HUP");
        await probe.Says("spillway.yaml:3: unknown key 'ouput'; did you mean 'output'");
        await probe.Says("refused as a whole, and the run goes on");
        _workspace.Write("spillway.yaml", configuration + "  lanes: 2\n");
        await probe.Signal("HUP");
        await probe.Says("run.lanes is '2' now, was left out: a restart takes that");
        // Each by itself is right; together they are not.
        _workspace.Write("spillway.yaml", configuration + "  lanes: 2\nscripts:\n  deterministic: true\n");
        await probe.Signal("HUP");
        await probe.Says("--deterministic");
        await probe.Says("refused as a whole, and the run goes on");
        _workspace.Write(
            "spillway.yaml",
            configuration + "  output: elsewhere\nlog:\n  log-level: debug\nrecords:\n  keep-days: 3\n  store-size: 64M\n"
        );
        await probe.Signal("HUP");
        await probe.Says("log.log-level is 'debug' now, was left out: taken");
        await probe.Says("records.keep-days is '3' now, was left out: taken");
        await probe.Says("records.store-size is '64M' now, was left out: taken");
        await probe.Says("run.output is 'elsewhere' now, was left out: the command line says otherwise");
        await probe.Signal("HUP");
        await probe.Says("run.output is 'elsewhere' now");

        await probe.Signal("TERM");
        (await probe.End()).MustExit(0);
    }

    [Fact]
    public async Task Run_WithAFile_TakesItsOptionsAndThoseOfTheLineBefore()
    {
        Traffic.Recording.Of(Traffic.Http.Get("/a"), Traffic.Http.Ok([1, 2, 3])).Save(_workspace.PathOf("a.pcap"));
        _workspace.Write("spillway.yaml", "run:\n  read: a.pcap\n  output: of-file\n  json: true\n");

        (await Probe.Command(_workspace, "run", "--config", "spillway.yaml", "-o", "of-line")).MustExit(0);

        Assert.True(File.Exists(_workspace.PathOf("of-line/spillway.db")));
        Assert.False(Directory.Exists(_workspace.PathOf("of-file")));
    }

    [Fact]
    public async Task Config_InitCheckAndShow_WorkTogether()
    {
        (await Probe.Command(_workspace, "config", "init")).MustExit(0);
        (await Probe.Command(_workspace, "config", "check")).MustExit(0);
        Outcome again = await Probe.Command(_workspace, "config", "init");
        Assert.Contains("spillway.yaml exists", again.Error, StringComparison.Ordinal);

        _workspace.Write("spillway.yaml", "run:\n  interface: eth0\n  read: a.pcap\n");
        Outcome wrong = await Probe.Command(_workspace, "config", "check");
        _workspace.Write("spillway.yaml", "tasks:\n  async-memory: 16M\n");
        Outcome shown = await Probe.Command(_workspace, "config", "show", "-c", "spillway.yaml");

        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("-r and -i exclude each other", wrong.Error, StringComparison.Ordinal);
        Assert.Matches(@"tasks\.async-memory +16M +spillway\.yaml:2", shown.Output);
        Assert.Matches(@"records\.hash +sha1 +default", shown.Output);
    }

    [Fact]
    public async Task Http_WhileItListens_ServesFiguresAndHealth()
    {
        int port = Mirror.FreePort(SocketType.Stream);
        using RunningProbe probe = Start($"run:\n  interface: {UdpInterface()}\n  http: {port}\n", []);
        await probe.Says("listening on");
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        CancellationToken end = TestContext.Current.CancellationToken;

        string metrics = await client.GetStringAsync("/metrics", end);
        Assert.Contains("# TYPE spillway_packets_total counter\nspillway_packets_total{lane=\"0\"} 0\n", metrics, StringComparison.Ordinal);
        Assert.Contains("spillway_lost_packets_total{where=\"kernel\"} 0\n", metrics, StringComparison.Ordinal);
        Assert.Equal("ready\n", await client.GetStringAsync("/healthz", end));
        Assert.Equal("ready\n", await client.GetStringAsync("/readyz", end));
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/", end)).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await client.PostAsync("/metrics", null, end)).StatusCode);

        await probe.Signal("TERM");
        (await probe.End()).MustExit(0);
        if (!File.Exists("/usr/bin/promtool"))
            Assert.Skip("Prometheus's own check is not to be had: apt-get install prometheus");
        _workspace.Write("metrics", metrics);
        Outcome check = await Probe.Shell(_workspace, "promtool check metrics <metrics");
        Assert.True(check.ExitCode == 0, check.Output + check.Error);
    }

    [Theory]
    [InlineData("os.execute('sleep 300')")]
    [InlineData("while true do end")]
    public async Task Lane_ThatHangs_IsNotHealthyAndTheWatchdogHearsNoMore(string hang)
    {
        Assert.SkipUnless(
            hang.StartsWith("os", StringComparison.Ordinal) || Environment.GetEnvironmentVariable("SPILLWAY_TEST_ALL") == "1",
            "it takes a processor for ten seconds: ./test --all runs it"
        );
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        string path = _workspace.PathOf("notify");
        manager.Bind(new UnixDomainSocketEndPoint(path));
        int port = Mirror.FreePort(SocketType.Stream);
        using var mirror = new Mirror();
        string script = _workspace.Write(
            "hang.lua",
            $$"""
            TrisulPlugin = {
              id = { name = "Hang" },
              simplecounter = {
                protocol_guid = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}",
                onpacket = function() {{hang}} end,
              },
            }
            """
        );
        using RunningProbe probe = Start(
            $"run:\n  interface: {mirror.Interface}\n  http: {port}\n  script: {script}\n",
            ["NOTIFY_SOCKET=" + path, "WATCHDOG_USEC=200000"]
        );
        await probe.Says("listening on");
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        CancellationToken end = TestContext.Current.CancellationToken;
        Assert.Equal("ready\n", await client.GetStringAsync("/healthz", end));

        mirror.Send(Traffic.Recording.Of(Traffic.Http.Get("/a"), Traffic.Http.Ok([1, 2, 3])).Frames);

        using var next = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        HttpResponseMessage answer = await client.GetAsync("/healthz", end);
        while (answer.IsSuccessStatusCode && await next.WaitForNextTickAsync(end))
            answer = await client.GetAsync("/healthz", end);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("hanging\n", await answer.Content.ReadAsStringAsync(end));
        string ready = await (await client.GetAsync("/readyz", end)).Content.ReadAsStringAsync(end);
        Assert.Contains("lane 0 has done nothing for ", ready, StringComparison.Ordinal);

        // What was said before it hung; then nothing comes in the time of ten reports.
        byte[] message = new byte[256];
        while (manager.Available > 0)
            manager.Receive(message);
        manager.ReceiveTimeout = 1000;
        Assert.Equal(SocketError.TimedOut, Assert.Throws<SocketException>(() => manager.Receive(message)).SocketErrorCode);
    }

    [Fact]
    public async Task Http_AddressThatIsTaken_IsOneLine()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        string port = $"{((IPEndPoint)taken.LocalEndPoint!).Port}";
        Traffic.Recording.Of(Traffic.Http.Get("/a"), Traffic.Http.Ok([1, 2, 3])).Save(_workspace.PathOf("a.pcap"));

        Outcome run = await Probe.Run(_workspace, "-r", "a.pcap", "--http", port);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"error: figures cannot be served at 127.0.0.1:{port}: ", run.Error, StringComparison.Ordinal);
        Assert.Contains("give --http another address", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Documentation_OfKeys_IsWhatTheOptionsSay()
    {
        string page = await File.ReadAllTextAsync(
            RepositoryFiles.PathOf("docs", "configuration.md"),
            TestContext.Current.CancellationToken
        );

        Outcome reference = await Probe.Command(_workspace, "config", "reference");

        // If it differs: spillway config reference prints what belongs there.
        Assert.Equal(reference.Output.Trim(), page.Split("<!-- keys -->")[1].Trim());
    }

    private RunningProbe Start(string configuration, string[] environment) =>
        Probe.Start(
            _workspace,
            "env",
            [
                "--default-signal=INT,HUP",
                .. environment,
                Probe.Executable,
                "serve",
                "-c",
                _workspace.Write("spillway.yaml", configuration),
                "-o",
                _workspace.Output,
                "--ramfs",
                _workspace.Ram,
            ]
        );

    private static string UdpInterface() => $"udp:127.0.0.1:{Mirror.FreePort(SocketType.Dgram)}";
}
