using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Spillway.Async;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Scripting.Protocols;
using Spillway.Scripting.Vm;

namespace Spillway.Scripting;

/// <summary>
/// All scripts of one lane. The lane tells it of packets, flows, streams and HTTP messages; it calls the scripts that listen.
/// Owned by the lane's thread.
/// </summary>
public sealed partial class ScriptHost : IResultHandler, IDisposable
{
    private readonly List<ScriptInstance> _scripts;
    private readonly IReadOnlyList<ScriptPlugin> _declined;
    private readonly ScriptInstance[] _counters;
    private readonly ScriptInstance[] _streams;
    private readonly ScriptInstance[] _extractors;
    private readonly ScriptInstance[] _records;
    private readonly ScriptInstance[] _flowMeters;
    private readonly ScriptInstance[] _monitors;
    private readonly ScriptInstance[] _channels;
    private readonly ScriptInstance[] _alertSources;
    private readonly ProtocolChain _protocols;
    private readonly ScriptInstance[] _storage;
    private readonly ulong _streamBits;
    private readonly ulong _extractorBits;

    internal ScriptHost(ScriptContext lane, List<ScriptInstance> scripts, IReadOnlyList<ScriptPlugin> declined)
    {
        Lane = lane;
        _scripts = scripts;
        _declined = declined;
        _counters = [.. scripts.Where(script => script.Block == "simplecounter" && script.Has(ScriptCallback.OnPacket))];
        _streams = [.. scripts.Where(script => script.Block == "reassembly_handler")];
        _extractors = [.. scripts.Where(script => script.Block == "filex_monitor")];
        _storage = [.. scripts.Where(script => script.Block == "packet_storage")];
        VotesOnPayload = _storage.Any(script => script.Has(ScriptCallback.FilterPayload));
        _streamBits = AssignBits(_streams);
        _extractorBits = AssignBits(_extractors);
        TakesFiles = _extractors.Any(script => script.Has(ScriptCallback.OnFile));
        WritesFiles = TakesFiles || _extractors.Any(script => script.Has(ScriptCallback.OnFileHttp));
        ReadsContent = _extractors.Any(script => script.Has(ScriptCallback.OnPayloadHttp));
        ReadsStreams =
            _streams.Any(script => script.Has(ScriptCallback.OnPayload))
            || _extractors.Any(script => script.Has(ScriptCallback.OnPayloadRaw));
        (_records, _flowMeters, _monitors, _channels, _alertSources) = Select(scripts);
        _protocols = new ProtocolChain(scripts.Where(script => script.Block == "protocol_handler"), lane.Protocols);
        _input = scripts.FirstOrDefault(script => script.IsInput && script.Has(ScriptCallback.Step));
        lane.HasFlowMetricListeners = _flowMeters.Length > 0;
        ReadsAttributes = _monitors.Length > 0 || _streams.Any(script => script.Has(ScriptCallback.OnAttribute));
        FollowsFlows = _streamBits != 0 || _monitors.Length > 0 || _extractors.Any(FollowsFlow);
    }

    /// <summary>A host without scripts.</summary>
    public static ScriptHost Empty(ScriptContext lane) => new(lane, [], []);

    /// <summary>The most scripts of one stream block type: each has a bit in the masks of flows.</summary>
    public const int MaxScriptsOfAType = 64;

    /// <summary>The lane.</summary>
    public ScriptContext Lane { get; }

    /// <summary>The scripts that run.</summary>
    internal IEnumerable<ScriptPlugin> Plugins => _scripts.Select(script => script.Plugin).Distinct();

    /// <summary>Files of searched directories that never say TrisulPlugin, and so were not run.</summary>
    public int FilesSkipped { get; init; }

    /// <summary>Whether any script looks at packets.</summary>
    public bool ReadsPackets => _counters.Length > 0 || _protocols.Any;

    /// <summary>
    /// Whether any script looks at TCP streams or their HTTP content: then <see cref="OnFlowStart"/> gives an object for each TCP flow.
    /// </summary>
    public bool HasStreamScripts => (_streamBits | _extractorBits) != 0 || _monitors.Length > 0;

    /// <summary>
    /// Whether any stream script has a callback for a flow as such. Without one, scripts meet a flow only when it carries content: until
    /// then nothing need be kept for them (<see cref="OnContentFlow"/>).
    /// </summary>
    public bool FollowsFlows { get; }

    /// <summary>Whether any script is there that takes HTTP content.</summary>
    public bool HasExtractors => _extractorBits != 0;

    /// <summary>File mode: some script takes files, so content is written to the ram directory.</summary>
    public bool WritesFiles { get; }

    /// <summary>Some script takes files whatever protocol carries them.</summary>
    public bool TakesFiles { get; }

    /// <summary>Some script takes HTTP content as chunks.</summary>
    public bool ReadsContent { get; }

    /// <summary>Some script takes raw stream data.</summary>
    public bool ReadsStreams { get; }

    /// <summary>Some script takes flow attributes.</summary>
    public bool ReadsAttributes { get; }

    /// <summary>Chains of protocol handlers that were too long, and layers that found no room.</summary>
    public long ProtocolsCut => _protocols.Cut;

    /// <summary>Errors that scripts have raised so far.</summary>
    public long Errors =>
        _scripts.Sum(script => script.Errors.Count)
        + _scripts.Select(script => script.Plugin).Distinct().Sum(plugin => plugin.WorkerErrors);

    /// <summary>Calls the simplecounters whose protocol is in the packet.</summary>
    /// <param name="packet">In native or pinned memory: scripts read it in place during the call.</param>
    /// <param name="data">The packet's bytes, likewise.</param>
    /// <param name="flow">The packet's flow; null without one.</param>
    public unsafe void OnPacket(ref PacketInfo packet, ReadOnlySpan<byte> data, Flow? flow)
    {
        packet.Data = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(data));
        Lane.PacketPolicy = StoragePolicy.NoOpinion;
        if (_protocols.Any && packet.Kind != PacketKind.Fragment)
            _protocols.Run(ref packet, data, flow);
        foreach (ScriptInstance script in _counters)
        {
            for (int i = 0; i < packet.LayerCount; i++)
            {
                if (packet.Layers[i].Protocol != script.Protocol)
                    continue;
                script.OnPacket((PacketInfo*)Unsafe.AsPointer(ref packet), i, flow);
                break;
            }
        }
    }

    /// <summary>
    /// Does what scripts have asked for, between two packets. What they ask for meanwhile waits for the next time, so that scripts that
    /// answer each other cannot hold the packets up.
    /// </summary>
    public void DoRequests()
    {
        Lane.TakeMessages();
        for (int left = Lane.Requests.Count; left > 0; left--)
        {
            ScriptRequest request = Lane.Requests.Dequeue();
            if (
                request.Kind == ScriptRequestKind.Attribute
                && Lane.FlowOf(request.First)?.SetAttribute(request.Second, request.Third) == false
            )
                Lane.RefusedAttributes++;
            switch (request.Kind)
            {
                case ScriptRequestKind.Message:
                    Lane.PostToPeers(in request);
                    foreach (ScriptInstance script in _scripts)
                        script.OnMessage(request.First, request.Second);
                    break;
                case ScriptRequestKind.MessageAcross:
                    Lane.PostToBackend?.Invoke(request.First, request.Second);
                    break;
                case ScriptRequestKind.Attribute
                    when Lane.FlowOf(request.First) is { Consumer: IScriptedFlow { Scripts: { } interest } } flow:
                    OnAttribute(flow, interest, request.Second, request.Third);
                    break;
                case ScriptRequestKind.TerminateFlow when Lane.FlowOf(request.First) is { } flow:
                    Lane.TerminateFlow?.Invoke(flow);
                    break;
                default:
                    DoImport(in request);
                    break;
            }
        }
    }

    /// <inheritdoc/>
    void IResultHandler.Deliver(AsyncTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        ((ITaskOwner)task.Client.Owner!).Deliver(task);
    }

    /// <inheritdoc/>
    void IResultHandler.DeliverRing(AsyncClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        ((ITaskOwner)client.Owner!).DeliverRing();
    }

    /// <summary>Runs onunload of every script. The slow path must be drained before.</summary>
    public void Unload()
    {
        foreach (ScriptInstance script in _scripts)
            script.Unload();
    }

    /// <summary>What each script did; see <see cref="FiguresOf(IReadOnlyList{ScriptHost})"/>.</summary>
    public IReadOnlyList<ScriptFigures> GetFigures() => FiguresOf([this]);

    /// <summary>
    /// What each script did on all lanes; several states of one file are added up. Those that declined to run are there too.
    /// </summary>
    public static IReadOnlyList<ScriptFigures> FiguresOf(IReadOnlyList<ScriptHost> lanes) =>
        [
            .. FiguresOf(lanes.SelectMany(lane => lane._scripts)),
            .. lanes[0]
                ._declined.Where(plugin => !lanes.Any(lane => lane._scripts.Exists(script => script.Plugin == plugin)))
                .Select(plugin => new ScriptFigures(plugin.Name, plugin.Title, [], 0, null, Compiled: true, plugin.Pool)
                {
                    Declined = plugin.Declined,
                    Tasks = plugin.Pool?.GetStatistics(),
                }),
        ];

    internal static IReadOnlyList<ScriptFigures> FiguresOf(IEnumerable<ScriptInstance> scripts) =>
        [.. scripts.GroupBy(script => script.Plugin).Select(group => TallyOf(group).ToFigures(group.Key))];

    /// <summary>Closes all states, on the lane's thread.</summary>
    public void Dispose()
    {
        foreach (ScriptInstance script in _scripts)
            script.Dispose();
        _scripts.Clear();
    }

    private static ScriptTally TallyOf(IEnumerable<ScriptInstance> scripts)
    {
        var tally = new ScriptTally();
        foreach (ScriptInstance script in scripts)
            tally.Add(script);
        return tally;
    }

    private static ulong AssignBits(ScriptInstance[] scripts)
    {
        ulong all = 0;
        for (int i = 0; i < scripts.Length; i++)
        {
            scripts[i].Bit = 1UL << i;
            all |= scripts[i].Bit;
        }

        return all;
    }
}
