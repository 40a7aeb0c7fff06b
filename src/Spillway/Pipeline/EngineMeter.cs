using System.Text;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Shards;
using Spillway.Net.Flows;
using Spillway.Net.Tcp;

namespace Spillway.Pipeline;

/// <summary>
/// Counts at the end of each window what the lane itself has done in it: packets, and what became of flows. Made of the figures that the
/// lane keeps anyhow, so packets cost nothing more.
/// </summary>
internal sealed class EngineMeter
{
    private readonly MetricShard _metrics;
    private readonly LaneFigures _figures;
    private readonly FlowTableStatistics _flows;
    private readonly TcpReassemblyStatistics _tcp;
    private readonly byte[] _key = Encoding.ASCII.GetBytes(WellKnownGuids.IpFlows);
    private readonly int _system;
    private readonly int _sessions;
    private Snapshot _last;

    public EngineMeter(MetricShard metrics, LaneFigures figures, FlowTableStatistics flows, TcpReassemblyStatistics tcp)
    {
        (_metrics, _figures, _flows, _tcp) = (metrics, figures, flows, tcp);
        _system = metrics.FindCounterGroup(Encoding.ASCII.GetBytes(WellKnownGuids.SystemPerformance));
        _sessions = metrics.FindCounterGroup(Encoding.ASCII.GetBytes(WellKnownGuids.MetaSessions));
        metrics.WindowEnds = Count;
    }

    private void Count()
    {
        var now = new Snapshot(
            _figures.Packets,
            _flows.Created,
            _flows.Closed + _flows.Reused,
            _flows.TimedOut,
            _flows.Terminated,
            _flows.Evicted,
            _flows.Updates,
            _tcp.AfterEnd
        );
        if (now == _last && _flows.Active == 0)
            return; // a lane without packets has its open flows all the same
        const int processedPackets = 10;
        if (now.Packets > _last.Packets)
            _metrics.Update(_system, WellKnownGuids.EngineKey, processedPackets, now.Packets - _last.Packets);

        const int open = 0,
            begun = 2,
            closed = 3,
            expired = 4,
            terminated = 5,
            flushed = 6,
            flushedOpen = 7,
            evicted = 10,
            afterEnd = 12;
        Count(open, _flows.Active);
        Count(begun, now.Begun - _last.Begun);
        Count(closed, now.Closed - _last.Closed);
        Count(expired, now.TimedOut - _last.TimedOut);
        Count(terminated, now.Terminated - _last.Terminated);
        Count(flushed, now.Ended - _last.Ended);
        Count(flushedOpen, now.Updates - _last.Updates);
        Count(evicted, now.Evicted - _last.Evicted);
        Count(afterEnd, now.AfterEnd - _last.AfterEnd);
        _last = now;
    }

    private void Count(int meter, long value) => _metrics.Update(_sessions, _key, meter, value);

    private readonly record struct Snapshot(
        long Packets,
        long Begun,
        long Closed,
        long TimedOut,
        long Terminated,
        long Evicted,
        long Updates,
        long AfterEnd
    )
    {
        public long Ended => Closed + TimedOut + Terminated + Evicted;
    }
}
