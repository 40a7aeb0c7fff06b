using System.Text;
using Spillway.Async;
using Spillway.Metrics;
using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Records;
using Spillway.Metrics.Shards;
using Spillway.Metrics.Stores;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Scripting.Backend;
using Spillway.Scripting.Loading;

namespace Spillway.Scripting.Tests.Backend;

/// <summary>Scripts behind a lane whose metrics the test makes: the real writer, with a store that keeps what it is given.</summary>
internal sealed class BackendHarness : IDisposable
{
    public const string Hosts = "{4CD742B1-C1CA-4708-BE78-0FCA2EB01A86}";
    public const string Apps = "{C51B48D4-7876-479E-B0D9-BD9EFF03CE2E}";
    public const string UserAlerts = "{B5F1DECB-51D5-4395-B71B-6FA730B772D9}";
    public const string DnsResources = "{D1E27FF0-6D66-4E57-BB91-99F76BB2143E}";
    public const string HttpDocuments = "{28217924-E7A5-4523-993C-44B52758D5A8}";
    public const string HttpFlow = "06A:C0.A8.01.02:p-C000_0A.00.00.01:p-0050";

    /// <summary>The top of a minute, seconds since 1970.</summary>
    public const long Start = 1_700_000_040;

    private const long SecondNs = 1_000_000_000;

    private readonly AsyncRuntime _async = new(new AsyncOptions());
    private readonly TaskPort _laneAsync;
    private readonly TaskPort _backendAsync;
    private readonly MetricsWriter _writer;
    private bool _ended;

    public BackendHarness(params string[] scripts)
        : this(new BackendOptions(), scripts) { }

    public BackendHarness(BackendOptions options, params string[] scripts)
        : this(options, scripts, []) { }

    private BackendHarness(BackendOptions options, string[] scripts, IEnumerable<string> paths)
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("spillway-backend-").FullName;
        _laneAsync = _async.CreateLane("lane");
        _backendAsync = _async.CreateLane("backend");
        var metrics = new MetricOptions();
        _writer = new MetricsWriter(Groups, metrics, Store, lanes: 1);
        _writer.Start(new RunInfo("1", "probe0", [], DateTimeOffset.UnixEpoch));
        Lane = _writer.CreateShard(0);
        ScriptContext = new ScriptContext(Lane, _laneAsync, _ => null, 0) { NowNs = Start * SecondNs };
        var files = new List<(string, bool)>(paths.Select(path => (path, true)));
        for (int i = 0; i < scripts.Length; i++)
        {
            string path = Path.Combine(Directory, i == 0 ? "script.lua" : $"script{i}.lua");
            File.WriteAllText(path, scripts[i]);
            files.Add((path, true));
        }

        Loader = new ScriptLoader(new ScriptEnvironment(new Dictionary<string, string>()), Output, _async, Groups);
        Frontend = Loader.Load(files, ScriptContext);
        Host = new BackendHost(Groups, metrics, _backendAsync, options) { PostToLanes = ScriptContext.PostFromBackend };
        ScriptContext.PostToBackend = (id, text) => _writer.Post(new BackendMessage(id, text));
        Loader.LoadBackend(Host);
        Host.Follow(Lane);
        _writer.Attach(Host);
        At(0);
    }

    /// <summary>Scripts that are files of the test's own.</summary>
    public static BackendHarness OfFiles(BackendOptions options, IEnumerable<string> paths) => new(options, [], paths);

    public string Directory { get; }

    public GroupRegistry Groups { get; } = new();

    public KeepingStore Store { get; } = new();

    public RecordingOutput Output { get; } = new();

    public ScriptLoader Loader { get; }

    public ScriptHost Frontend { get; }

    public ScriptContext ScriptContext { get; }

    public BackendHost Host { get; }

    public MetricShard Lane { get; }

    public string[] Printed => Output.Printed.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public static string Plugin(string body) => "TrisulPlugin = { id = { name = 'test', description = 'x' },\n" + body + "\n}";

    /// <summary>Moves packet time to so many seconds after the top of the minute.</summary>
    public void At(double seconds)
    {
        ScriptContext.NowNs = (Start * SecondNs) + (long)(seconds * SecondNs);
        Lane.AdvanceTo(ScriptContext.NowNs);
    }

    public void Count(string group, string key, int meter, double value) =>
        Lane.Update(Lane.FindCounterGroup(Utf8(group)), Utf8(key), meter, value);

    public void Alert(string key, string message = "m", int priority = 3, string flow = HttpFlow) =>
        Lane.AddAlert(Lane.FindAlertGroup(Utf8(UserAlerts)), Utf8(flow), Utf8(key), default, priority, Utf8(message), default);

    public void Resource(string uri, string label = "", string flow = HttpFlow) =>
        Lane.AddResource(Lane.FindResourceGroup(Utf8(DnsResources)), Utf8(flow), Utf8(uri), Utf8(label));

    public void Document(string text) => Lane.AddDocument(Lane.FindDocumentGroup(Utf8(HttpDocuments)), Utf8(HttpFlow), Utf8(text));

    /// <summary>A flow from 192.168.1.2 to port 80, which begins now; end A is the client.</summary>
    public Flow Begin(ushort port = 0xC000, byte protocol = 6)
    {
        FlowKey key = FlowKey.Create(Address(0xC0A80102), port, Address(0x0A000001), 80, protocol, 4, out _);
        return new Flow(key, port, ScriptContext.NowNs);
    }

    /// <summary>A packet of it.</summary>
    public void Touch(Flow flow, int bytes)
    {
        flow.BytesAZ += bytes;
        flow.PacketsAZ++;
        flow.LastNs = ScriptContext.NowNs;
        Lane.FlowWatch?.Touch(flow);
    }

    /// <summary>Ends the traffic, as a run does.</summary>
    public BackendHarness End()
    {
        _ended = true;
        Lane.EndWindow();
        _writer.Settle();
        Frontend.DoRequests();
        Frontend.Unload();
        Lane.Complete();
        _writer.Settle();
        _writer.Complete(new RunEnd(DateTimeOffset.UnixEpoch, 0, 0, null, null, 0));
        return this;
    }

    /// <summary>Waits until all that was posted so far has been seen.</summary>
    public void Settle() => _writer.Settle();

    /// <summary>Nothing was told that went wrong.</summary>
    public BackendHarness MustBeQuiet()
    {
        Assert.Empty(Output.Problems);
        Assert.Empty(Output.Errors);
        return this;
    }

    public void Dispose()
    {
        if (!_ended)
            End();
        _writer.Dispose();
        _async.Dispose();
        Host.Dispose();
        Frontend.Dispose();
        _backendAsync.Dispose();
        _laneAsync.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private static UInt128 Address(uint ipv4) => ipv4;

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}

/// <summary>A store that keeps everything in memory.</summary>
internal sealed class KeepingStore : IStore
{
    public List<(string Group, long Start, string Key, int Meter, double Value)> Values { get; } = [];

    public List<AlertRecord> Alerts { get; } = [];

    public List<ResourceRecord> Resources { get; } = [];

    public List<DocumentRecord> Documents { get; } = [];

    public List<FlowRecord> Flows { get; } = [];

    public List<TrackedFlowRecord> Tracked { get; } = [];

    public List<EdgeRecord> Edges { get; } = [];

    public List<KeyLabelRecord> Labels { get; } = [];

    public string? Location => null;

    public long RunId => 0;

    public long PendingRows => 0;

    public long LostRows => 0;

    public long RemovedRows => 0;

    public string? Notice => null;

    public bool Maintain() => false;

    /// <summary>The value of a meter in the window that starts so many seconds after the first; null if there is none.</summary>
    public double? Value(string group, string key, int meter, long window = 0)
    {
        var found = Values
            .Where(value =>
                value.Group == group && value.Key == key && value.Meter == meter && value.Start == BackendHarness.Start + window
            )
            .ToArray();
        return found.Length == 0 ? null : found.Sum(value => value.Value);
    }

    public void Write(CounterWindow window)
    {
        foreach (CounterTable table in window.Tables)
        {
            for (int row = 0; row < table.RowCount; row++)
            {
                for (int meter = 0; meter < table.MeterCount; meter++)
                {
                    if (table.TryGetValue(row, meter, out double value, out _))
                        Values.Add(
                            (table.Group.Guid, window.StartNs / 1_000_000_000, Encoding.UTF8.GetString(table.KeyAt(row)), meter, value)
                        );
                }
            }
        }
    }

    public void Write(EventBatch batch)
    {
        Alerts.AddRange(batch.Alerts);
        Resources.AddRange(batch.Resources);
        Documents.AddRange(batch.Documents);
        Flows.AddRange(batch.Flows);
        Tracked.AddRange(batch.TrackedFlows);
        Edges.AddRange(batch.Edges);
        Labels.AddRange(batch.KeyLabels);
    }

    public void Prepare()
    {
        // There is nothing to check.
    }

    public void Open(RunInfo run, MetricOptions options)
    {
        // Nor to open.
    }

    public void Commit()
    {
        // All is kept already.
    }

    public void Finish(RunEnd end)
    {
        // Nothing is left to do.
    }

    public IEnumerable<FileRecord> ReadFiles() => [];

    public void Dispose()
    {
        // Memory only.
    }
}
