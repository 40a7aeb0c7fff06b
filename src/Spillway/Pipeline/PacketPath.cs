using System.Runtime.CompilerServices;
using Spillway.Async;
using Spillway.Metrics.Shards;
using Spillway.Net.Capture;
using Spillway.Net.Dispatch;
using Spillway.Net.Flows;
using Spillway.Net.Ip;
using Spillway.Net.Packets;
using Spillway.Net.Tcp;
using Spillway.Scripting;

namespace Spillway.Pipeline;

/// <summary>
/// The fast path: takes packets one after the other through decoding, the flow table, TCP reassembly, HTTP and the scripts, and brings
/// results of the slow path back in between two packets. One thread; a lane owns all it touches.
/// </summary>
internal sealed partial class PacketPath : IDisposable
{
    private const byte ProtocolTcp = 6;
    private const byte ProtocolUdp = 17;

    // How long results may hold up the packets at a time: some hundred results. The rest follows after the next packet, so that ten
    // thousand at once are dealt out among many packets.
    private static readonly TimeSpan ReentryBudget = TimeSpan.FromMilliseconds(0.1);

    private readonly PacketInfo[] _info = GC.AllocateArray<PacketInfo>(1, pinned: true); // scripts read it in place
    private readonly LaneOptions _options;
    private readonly bool _takesOutermost;
    private readonly FlowScoper? _scoper;
    private readonly PacketRoutes _routes = new();
    private readonly IpDefragmenter _defragmenter;
    private readonly ChecksumWatch _checksums;
    private readonly FlowTable<Handler> _flows;
    private readonly TcpReassembler<Handler> _reassembler;
    private readonly ContentSink _contents;
    private readonly HttpContentSink _content;
    private readonly StreamProtocols _protocols;
    private readonly EveLane? _eve;
    private readonly MetricShard _metrics;
    private readonly TrafficMeter? _traffic;
    private readonly TaskPort _async;
    private readonly ScriptContext _scriptContext;
    private readonly StorageDecider? _storageIfWanted;
    private readonly HashSet<Flow> _strays = []; // flows that live on another lane too
    private ScriptHost _scripts;
    private StorageDecider? _storage;
    private bool _observesHttp;

    public PacketPath(LaneOptions options, MetricShard metrics, TaskPort async, ContentSink content, StorageDecider? storage = null)
    {
        _options = options;
        _metrics = metrics;
        _traffic = metrics.Traffic;
        _async = async;
        _contents = content;
        _content = new HttpContentSink(content, metrics);
        _protocols = new StreamProtocols(content, metrics);
        _storageIfWanted = storage;
        _takesOutermost = options.TakesOutermost;
        _scoper = options.FlowKeyTags == FlowTags.None ? null : new FlowScoper(options.FlowKeyTags, options.Scopes);
        _defragmenter = new IpDefragmenter(options.Defragmentation);
        _checksums = new ChecksumWatch(options.Checksums);
        _flows = new FlowTable<Handler>(options.Flows with { ReusesFlows = true }, new Handler(this));
        _reassembler = new TcpReassembler<Handler>(options.Reassembly, new Handler(this));
        _reassembler.Statistics.OnConflict = new ConflictAlerts(metrics).OnConflict;
        _scriptContext = new ScriptContext(metrics, async, key => _flows.Find(in key), options.Number);
        metrics.FindFlow = key => _flows.Find(in key);
        if (_traffic is not null)
            _ = new EngineMeter(metrics, Figures, _flows.Statistics, _reassembler.Statistics);
        _scriptContext.TerminateFlow = flow => _flows.Terminate(flow);
        _scripts = ScriptHost.Empty(_scriptContext);
        _contents.Attach(_scripts);
        _content.Attach(_scripts);
        if (options.Eve is { } eve)
        {
            _eve = content.Eve = new EveLane(eve, metrics, Figures, tellsStats: options.Number == 0);
            _protocols.Ftp.TakesExchanges = eve.Has(Eve.EveTypes.Ftp);
        }

        Record(options.Resources, DocumentKinds.None);
        _protocols.Attach(_scripts);
    }

    /// <summary>The lane as its scripts see it.</summary>
    public ScriptContext ScriptContext => _scriptContext;

    /// <summary>Its number, from 0.</summary>
    public int Number => _options.Number;

    /// <summary>Counts of packets.</summary>
    public LaneFigures Figures { get; } = new();

    /// <summary>The scripts.</summary>
    public ScriptHost Scripts => _scripts;

    /// <summary>Counts of flows.</summary>
    public FlowTableStatistics Flows => _flows.Statistics;

    /// <summary>Counts of reassembly.</summary>
    public TcpReassemblyStatistics Reassembly => _reassembler.Statistics;

    /// <summary>Counts of IP fragments.</summary>
    public IpDefragmenterCounters Defragmentation => _defragmenter.Counters;

    /// <summary>What became of packets with wrong checksums.</summary>
    public ChecksumWatch Checksums => _checksums;

    /// <summary>Paths of tags that are part of flow keys, of all lanes.</summary>
    public int Scopes => _options.Scopes.Count;

    /// <summary>What becomes of HTTP content.</summary>
    public HttpContentSink Content => _content;

    /// <summary>The observers of other protocols.</summary>
    public StreamProtocols Protocols => _protocols;

    /// <summary>Who puts fragments together for the lane, before the first packet; null if it does so itself.</summary>
    public LaneSource? Reader { get; set; }

    /// <summary>Packets and idle moments that the lane is done with: one that hangs stays where it is. Read by any thread.</summary>
    public long Turns { get; private set; }

    /// <summary>Tasks of the lane's scripts that are not done. Any thread; may be a moment old.</summary>
    public long PendingTasks => _async.Pending;

    /// <summary>
    /// Which of the run's captures the next packet is in, from 1; 0 for none. Whoever reads sets it before <see cref="Process"/>.
    /// </summary>
    public int Capture { get; set; }

    /// <summary>Gives the lane its scripts, before the first packet.</summary>
    public void Attach(ScriptHost scripts)
    {
        _scripts = scripts;
        _contents.Attach(scripts);
        _content.Attach(scripts);
        _protocols.Attach(scripts);
        _storage = _storageIfWanted is { } storage && storage.Attach(scripts) ? storage : null;
        _observesHttp = scripts.HasExtractors || scripts.ReadsAttributes || _contents.ExtractsAll || _options.IdentifiesWithoutScripts;
        _protocols.ObservesSet = _observesHttp;
    }

    /// <summary>Takes one packet through the lane.</summary>
    public void Process(scoped in CapturedPacket packet)
    {
        LaneFigures figures = Figures;
        figures.Reach(packet.TimestampNs);
        _scriptContext.NowNs = packet.TimestampNs;
        // What is counted from here on is in the packet's window.
        _metrics.AdvanceTo(packet.TimestampNs);
        figures.Packets++;
        figures.Bytes += packet.WireLength;
        _flows.Expire(packet.TimestampNs);
        _reassembler.Expire(packet.TimestampNs);
        if (_eve is { } eve && packet.TimestampNs >= eve.StatsDueNs)
            TellStats(eve);

        ref PacketInfo info = ref _info[0];
        PacketDecoder.Decode(in packet, ref info, _takesOutermost);
        _scoper?.Apply(ref info, packet.Data);
        if (info.Error != DecodeError.None)
            figures.DecodeErrors[(int)info.Error]++;
        if (info.Opaque.Kind != OpaqueKind.None)
            figures.Opaque.Add(info.Opaque);
        if (info.Kind == PacketKind.Fragment)
            ProcessFragment(in packet, ref info);
        else
            ProcessPacket(in packet, ref info);

        FinishTurn();
    }

    /// <summary>Delivers results that have come back.</summary>
    public void DeliverResults(TimeSpan budget)
    {
        ScriptHost handler = _scripts;
        _async.DeliverResults(ref handler, budget);
    }

    /// <summary>Waits for results, and delivers those that come.</summary>
    public void WaitForResults(TimeSpan longest)
    {
        switch (_async.WaitForResults(longest))
        {
            case LaneState.HasResult:
                DeliverResults(longest);
                break;
            case LaneState.Idle:
                Thread.Sleep(longest);
                break; // others have tasks, this lane has none
        }
    }

    /// <summary>Runs until nothing is pending on the slow path, or the time is over.</summary>
    /// <returns>Tasks that are still pending.</returns>
    public long Drain(TimeSpan timeout, Action<long>? progress)
    {
        const int maxRounds = 100; // scripts that answer each other for ever must not keep a run from its end
        ScriptHost handler = _scripts;
        long left = 0;
        for (int round = 0; round < maxRounds; round++)
        {
            left = _async.Drain(ref handler, timeout, progress);
            if (left > 0 || !_scriptContext.HasRequests)
                break;
            _scripts.DoRequests();
        }

        return left;
    }

    /// <summary>Ends all flows: their streams are finished and the scripts told.</summary>
    public void EndFlows()
    {
        _flows.TerminateAll();
        _content.Ranges.Expire(long.MaxValue);
        _content.Transactions?.EndAll();
        _scripts.DoRequests();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _scripts.Dispose();
        _eve?.Dispose();
    }

    private void ProcessPacket(scoped in CapturedPacket packet, ref PacketInfo info)
    {
        Flow? flow = ProcessWhole(in packet, ref info);
        _storage?.OnPacket(in packet, new PacketShape(in info), flow);
    }

    private Flow? ProcessWhole(scoped in CapturedPacket packet, ref PacketInfo info, bool isDatagram = false)
    {
        info.IsDisregarded = _checksums.Refuses(in info, packet.Data, isDatagram);
        bool isNew = false;
        Flow? flow = info.Kind == PacketKind.Ip ? _flows.GetOrAddUnlessLeftOver(ref info, out isNew) : null;
        if (isNew)
            OnNewFlow(flow!, in info, packet.Data);
        if (_strays.Count > 0 && flow is not null && _strays.Contains(flow))
            Figures.OnWrongLane++;
        if (isDatagram && flow is not null)
            _traffic?.CountDatagram(flow, info.WireLength);
        else if (!isDatagram)
            _traffic?.Count(in info, packet.Data, flow);
        if (flow is not null && _scriptContext.FlowCounters.Any)
            _scriptContext.FlowCounters.Count(flow, info.FromA, info.WireLength, _metrics);
        if (flow is not null && _metrics.FlowWatch is { } watch)
            watch.Touch(flow);
        if (_storage is not null && flow is not null && !info.IsDisregarded)
            _storage.OnPayload(flow, ref info, packet.Data);
        if (_scripts.ReadsPackets)
            _scripts.OnPacket(ref info, packet.Data, flow);
        if (_scripts.ReadsFlowMeters && flow is not null)
            _scripts.OnFlowUpdate(flow);
        if (info.IsDisregarded)
            return flow;
        if (flow is not { WantsReassembly: true })
            return flow;
        if (info.Protocol == ProtocolTcp)
            _reassembler.Process(flow, ref info, packet.Data.Slice(info.PayloadOffset, info.PayloadLength));
        else
            _protocols.OnDatagram(
                flow,
                packet.Data.Slice(info.PayloadOffset, info.PayloadLength),
                isCut: info.PayloadLength < info.PayloadWireLength
            );
        return flow;
    }

    private void OnNewFlow(Flow flow, in PacketInfo info, ReadOnlySpan<byte> data)
    {
        if (info.LinkType == LinkType.Ethernet)
            flow.Link = LinkAddresses.OfEthernet(data, info.FromA);
        flow.Capture = Capture;
        flow.Route = _routes.Of(in info, data);
        if (flow.Route is { } route)
            RouteAttributes.Set(flow, route, _options.FlowKeyTags);
    }

    // A fragment is a packet of its own for scripts that look at IP; the fragment that completes a datagram stands for the whole of it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ProcessFragment(scoped in CapturedPacket packet, ref PacketInfo info)
    {
        var shape = new PacketShape(in info);
        Flow? flow = null;
        _traffic?.Count(in info, packet.Data, flow: null);
        if (!TryComplete(in packet, in info, out CapturedPacket datagram))
        {
            if (_scripts.ReadsPackets)
                _scripts.OnPacket(ref info, packet.Data, flow: null);
        }
        else
        {
            flow = ProcessDatagram(in datagram, ref info);
        }

        _storage?.OnPacket(in packet, in shape, flow);
    }

    // A datagram may be a fragment of another one around or inside it. Each round takes pieces out of the defragmenter, so that there is a
    // last one.
    private Flow? ProcessDatagram(scoped in CapturedPacket datagram, ref PacketInfo info)
    {
        CapturedPacket whole = datagram;
        while (true)
        {
            PacketDecoder.Decode(in whole, ref info, _takesOutermost);
            _scoper?.Apply(ref info, whole.Data);
            if (info.Error != DecodeError.None)
                Figures.DecodeErrors[(int)info.Error]++;
            if (info.Opaque.Kind != OpaqueKind.None)
                Figures.Opaque.Add(info.Opaque);
            if (info.Kind != PacketKind.Fragment)
                return ProcessWhole(in whole, ref info, isDatagram: true);
            if (TryComplete(in whole, in info, out CapturedPacket next))
            {
                whole = next;
                continue;
            }

            if (_scripts.ReadsPackets)
                _scripts.OnPacket(ref info, whole.Data, flow: null);
            return null;
        }
    }

    private bool TryComplete(scoped in CapturedPacket packet, scoped in PacketInfo info, out CapturedPacket datagram) =>
        Reader is { } reader ? reader.TryTakeDatagram(out datagram) : _defragmenter.TryComplete(in packet, in info, out datagram);

    /// <summary>Tells for the last time what was counted, when all lanes have ended their flows.</summary>
    public void TellLastStats()
    {
        if (_eve is { } eve)
            TellStats(eve, isLast: true);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void TellStats(EveLane eve, bool isLast = false)
    {
        LaneTotals totals = _options.Totals?.Invoke() ?? LaneTotals.Of([this]);
        totals.Received = _options.Received?.Invoke();
        eve.OnStats(totals, isLast);
    }
}
