using Spillway.Async;
using Spillway.Metrics.Shards;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Scripting.Imports;
using Spillway.Scripting.Protocols;

namespace Spillway.Scripting;

/// <summary>What scripts may reach of the lane they run on. Owned by the lane's thread.</summary>
public sealed partial class ScriptContext
{
    /// <summary>Creates the lane's face to its scripts.</summary>
    /// <param name="metrics">The lane's shard.</param>
    /// <param name="async">The lane's end of the slow path.</param>
    /// <param name="findFlow">Finds a flow of this lane by its key; null if there is none.</param>
    /// <param name="number">Number of the lane, from 0.</param>
    public ScriptContext(MetricShard metrics, TaskPort async, Func<FlowKey, Flow?> findFlow, int number)
    {
        Metrics = metrics;
        Async = async;
        FindFlow = findFlow;
        Number = number;
        Imported = new ImportedFlows(metrics);
    }

    /// <summary>The lane's metrics.</summary>
    public MetricShard Metrics { get; }

    /// <summary>The lane's end of the slow path.</summary>
    public TaskPort Async { get; }

    /// <summary>Number of the lane.</summary>
    public int Number { get; }

    /// <summary>Packet time, nanoseconds since 1970.</summary>
    public long NowNs { get; set; }

    /// <summary>What <c>engine:instanceid()</c> gives.</summary>
    public string InstanceId => Backend is null ? FormattableString.Invariant($"F{Number:X6}") : FormattableString.Invariant($"{Number}");

    /// <summary>Counters tied to flows.</summary>
    public FlowCounters FlowCounters { get; } = new();

    /// <summary>Flows that scripts tell of.</summary>
    public ImportedFlows Imported { get; }

    /// <summary>Protocols by GUID.</summary>
    public ProtocolNumbers Protocols { get; } = new();

    /// <summary>What scripts wish for the storage of the packet that has just come; no opinion if none has said a word.</summary>
    public StoragePolicy PacketPolicy { get; internal set; } = StoragePolicy.NoOpinion;

    /// <summary>Whether some script listens to meters of flows.</summary>
    internal bool HasFlowMetricListeners { get; set; }

    /// <summary>Whether scripts have asked for something that waits for <see cref="ScriptHost.DoRequests"/>.</summary>
    public bool HasRequests => Requests.Count > 0 || Volatile.Read(ref _waiting) != 0;

    /// <summary>Ends a flow; set by the lane.</summary>
    public Action<Flow>? TerminateFlow { get; set; }

    /// <summary>Attributes that flows did not keep: over <see cref="Flow.MaxAttributes"/>, or with a name that is not fit.</summary>
    public long RefusedAttributes { get; internal set; }

    internal Func<FlowKey, Flow?> FindFlow { get; }

    internal Queue<ScriptRequest> Requests { get; } = new();

    /// <summary>Has something done for the scripts or flows of this lane between two packets.</summary>
    internal void Request(ScriptRequestKind kind, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third) =>
        Requests.Enqueue(new ScriptRequest(kind, first.ToArray(), second.ToArray(), third.ToArray()));

    // A flow of packets. Ids with the parts of NetFlow name what an exporter has seen, whatever goes by here.
    internal Flow? FlowOf(ReadOnlySpan<byte> id) =>
        FlowId.TryParse(id, out FlowKey key) && !FlowId.TryParseOrigin(id, out _) ? FindFlow(key) : null;
}
