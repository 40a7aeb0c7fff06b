using System.Text;
using Spillway.Async;
using Spillway.Metrics;
using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Records;
using Spillway.Metrics.Shards;
using Spillway.Net.Capture;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Scripting.Loading;

namespace Spillway.Scripting.Tests;

/// <summary>A lane with real Lua states, workers and metrics, for one or more scripts given as text.</summary>
internal sealed class ScriptHarness : IDisposable
{
    private readonly PacketInfo[] _info = GC.AllocateArray<PacketInfo>(1, pinned: true);
    private readonly AsyncRuntime _async;
    private readonly TaskPort _taskPort;
    private readonly Dictionary<FlowKey, Flow> _flows = [];

    public ScriptHarness(params string[] scripts)
        : this(new AsyncOptions(), allowsShell: true, scripts) { }

    public ScriptHarness(AsyncOptions options, bool allowsShell, params string[] scripts)
        : this(options, allowsShell, inputFirst: false, new ScriptLimits { SlowCallback = Timeout.InfiniteTimeSpan }, scripts) { }

    public ScriptHarness(AsyncOptions options, bool allowsShell, ScriptLimits limits, params string[] scripts)
        : this(options, allowsShell, inputFirst: false, limits, scripts) { }

    private ScriptHarness(AsyncOptions options, bool allowsShell, bool inputFirst, ScriptLimits limits, string[] scripts)
    {
        _async = new AsyncRuntime(UsesRings ? options : options with { UsesRings = false });
        Directory = System.IO.Directory.CreateTempSubdirectory("spillway-scripting-").FullName;
        _taskPort = _async.CreateLane("test");
        Metrics = new MetricShard(Groups, new MetricOptions(), 0, Sink);
        Lane = new ScriptContext(Metrics, _taskPort, key => _flows.GetValueOrDefault(key), 0) { NowNs = 1_700_000_000_000_000_000 };
        Metrics.AdvanceTo(Lane.NowNs);
        var files = new List<(string, bool)>();
        for (int i = 0; i < scripts.Length; i++)
        {
            string path = Path.Combine(Directory, i == 0 ? "script.lua" : $"script{i}.lua");
            File.WriteAllText(path, scripts[i]);
            files.Add((path, true));
        }

        Loader = new ScriptLoader(
            new ScriptEnvironment(new Dictionary<string, string> { ["App>DBRoot"] = Directory })
            {
                AllowsShell = allowsShell,
                Limits = limits,
            },
            Output,
            _async,
            Groups
        )
        {
            InputScript = files.Count > 0 && inputFirst ? files[0].Item1 : null,
        };
        Host = Loader.Load(files, Lane);
    }

    /// <summary>The first script makes the input.</summary>
    public static ScriptHarness ForInput(params string[] scripts) =>
        new(new AsyncOptions(), allowsShell: true, inputFirst: true, new ScriptLimits { SlowCallback = Timeout.InfiniteTimeSpan }, scripts);

    /// <summary>The contract holds on both ways of small tasks: classes of this name run what others run, without the fast one.</summary>
    private static bool UsesRings =>
        TestContext.Current.TestClass?.TestClassName.EndsWith("WithoutRings", StringComparison.Ordinal) != true;

    public string Directory { get; }

    public GroupRegistry Groups { get; } = new();

    public MetricShard Metrics { get; }

    public RecordingSink Sink { get; } = new();

    public RecordingOutput Output { get; } = new();

    public ScriptContext Lane { get; }

    public ScriptLoader Loader { get; }

    public ScriptHost Host { get; }

    public Flow? LastFlow { get; private set; }

    public static string Plugin(string body) => "TrisulPlugin = { id = { name = 'test', description = 'x' },\n" + body + "\n}";

    /// <summary>Runs code in onload of a script of its own and returns what it printed.</summary>
    public static string Run(string code)
    {
        using var harness = new ScriptHarness(Plugin($"onload = function()\n{code}\nend"));
        harness.Drain();
        Assert.Empty(harness.Output.Problems);
        Assert.Empty(harness.Output.Errors);
        return harness.Output.Printed;
    }

    public void Drain()
    {
        ScriptHost handler = Host;
        Assert.Equal(0, _taskPort.Drain(ref handler, TimeSpan.FromSeconds(30)));
    }

    public void Send(byte[] packet, LinkType link = LinkType.Ethernet, int? wireLength = null)
    {
        // Scripts read the bytes in place: they must not move.
        byte[] pinned = GC.AllocateArray<byte>(packet.Length, pinned: true);
        packet.CopyTo(pinned, 0);
        ref PacketInfo info = ref _info[0];
        var captured = new CapturedPacket(pinned, Lane.NowNs, wireLength ?? packet.Length, link);
        PacketDecoder.Decode(in captured, ref info);
        Flow? flow = null;
        if (info.Kind == PacketKind.Ip && !_flows.TryGetValue(info.Key, out flow))
        {
            flow = new Flow(info.Key, _flows.Count + 1, Lane.NowNs);
            _flows.Add(info.Key, flow);
        }

        LastFlow = flow;
        Host.OnPacket(ref info, pinned, flow);
    }

    /// <summary>Ends the window and gives the sum of a counter over it; null if the key has none.</summary>
    public double? Counter(string guid, string key, int meter)
    {
        Metrics.Complete();
        return Sink.Value(guid, key, meter);
    }

    public void Dispose()
    {
        _async.Dispose();
        _taskPort.Dispose();
        Host.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}

/// <summary>Keeps what scripts say.</summary>
internal sealed class RecordingOutput : IScriptOutput
{
    private readonly Lock _gate = new();
    private readonly StringBuilder _printed = new();

    public string Printed
    {
        get
        {
            lock (_gate)
                return _printed.ToString();
        }
    }

    public List<string> Logs { get; } = [];

    public List<string> Problems { get; } = [];

    public List<string> Errors { get; } = [];

    public void Print(string script, ReadOnlySpan<byte> line)
    {
        lock (_gate)
            _printed.Append(Encoding.UTF8.GetString(line));
    }

    public void PrintError(string script, ReadOnlySpan<byte> text)
    {
        lock (_gate)
            _printed.Append("[stderr]").Append(Encoding.UTF8.GetString(text));
    }

    public void Flush()
    {
        lock (_gate)
            Flushes++;
    }

    public int Flushes { get; private set; }

    public void Log(string script, ScriptLogLevel level, string message)
    {
        lock (_gate)
            Logs.Add($"{level}: {message}");
    }

    public void LoadFailure(string script, string message) => Problem(script, message);

    public void Problem(string script, string message)
    {
        lock (_gate)
            Problems.Add(message);
        OnProblem?.Invoke(message);
    }

    public Action<string>? OnProblem { get; set; }

    public void Error(string script, string callback, string text, long repeats)
    {
        lock (_gate)
            Errors.Add($"{callback}: {text}");
    }

    public void Fault(string script, Exception exception)
    {
        lock (_gate)
            Errors.Add("FAULT " + exception);
    }
}

/// <summary>Keeps what the shard hands over.</summary>
internal sealed class RecordingSink : IMetricSink
{
    private readonly List<CounterWindow> _windows = [];

    public List<AlertRecord> Alerts { get; } = [];

    public List<ResourceRecord> Resources { get; } = [];

    public List<KeyLabelRecord> Labels { get; } = [];

    public List<EdgeRecord> Edges { get; } = [];

    public List<FlowRecord> Flows { get; } = [];

    public void Post(CounterWindow window) => _windows.Add(window);

    public void Post(EventBatch batch)
    {
        Alerts.AddRange(batch.Alerts);
        Resources.AddRange(batch.Resources);
        Labels.AddRange(batch.KeyLabels);
        Edges.AddRange(batch.Edges);
        Flows.AddRange(batch.Flows);
    }

    public double? Value(string guid, string key, int meter)
    {
        foreach (CounterTable table in _windows.SelectMany(window => window.Tables))
        {
            if (!string.Equals(table.Group.Guid, guid, StringComparison.OrdinalIgnoreCase))
                continue;
            int row = table.FindRow(Encoding.UTF8.GetBytes(key));
            if (row >= 0 && table.TryGetValue(row, meter, out double value, out _))
                return value;
        }

        return null;
    }
}
