using Spillway.Net.Capture;

namespace Spillway.Pipeline;

/// <content>Turns without a packet: the input pauses, or is not packets.</content>
internal sealed partial class PacketPath
{
    /// <summary>
    /// Does between two steps of an input script what is done between two packets. The script has moved packet time itself
    /// (<c>packet:set_timestamp</c>).
    /// </summary>
    public void Turn()
    {
        long now = _scriptContext.NowNs;
        if (now > 0)
        {
            Figures.Reach(now);
            _flows.Expire(now);
            _reassembler.Expire(now);
        }

        FinishTurn();
    }

    /// <summary>No packet comes now: results are taken all the same, windows end and flows expire.</summary>
    /// <param name="nowNs">The packet time that has been reached, or <see cref="PacketSource.NoTime"/>.</param>
    public void Idle(long nowNs)
    {
        if (nowNs != PacketSource.NoTime)
        {
            _scriptContext.NowNs = nowNs;
            _metrics.AdvanceTo(nowNs);
            _flows.Expire(nowNs);
            _reassembler.Expire(nowNs);
            if (_eve is { } eve && nowNs >= eve.StatsDueNs)
                TellStats(eve);
        }

        FinishTurn();
    }

    // What waits for the end of a packet or step: results, requests of scripts, alerts from elsewhere.
    private void FinishTurn()
    {
        Turns++;
        if (Volatile.Read(ref _recordWish) is not null)
            TakeRecordWish();
        if (_async.HasResults)
            DeliverResults(ReentryBudget);
        if (_scriptContext.HasRequests)
            _scripts.DoRequests();
        if (_scripts.HasAlertSources)
            _scripts.PollAlerts();
        if (_scriptContext.Imported.Any)
            _scriptContext.Imported.Expire(_scriptContext.NowNs);
        if (_options.Deterministic && _async.Pending > 0)
            Drain(Timeout.InfiniteTimeSpan, null);
    }
}
