namespace Spillway.Pipeline;

/// <content>Input that is not packets.</content>
internal sealed partial class Lane
{
    /// <summary>
    /// Does between two steps of an input script what is done between two packets. The script has moved packet time itself
    /// (<c>packet:set_timestamp</c>).
    /// </summary>
    public void Turn()
    {
        long now = _scriptLane.NowNs;
        if (now > 0)
        {
            Figures.Reach(now);
            _flows.Expire(now);
            _reassembler.Expire(now);
        }

        FinishTurn();
    }

    // What waits for the end of a packet or step: results, requests of scripts, alerts from elsewhere.
    private void FinishTurn()
    {
        if (Volatile.Read(ref _recordWish) is not null) TakeRecordWish();
        if (_async.HasResults) DeliverResults(ReentryBudget);
        if (_scriptLane.HasRequests) _scripts.DoRequests();
        if (_scripts.HasAlertSources) _scripts.PollAlerts();
        if (_scriptLane.Imported.Any) _scriptLane.Imported.Expire(_scriptLane.NowNs);
        if (_options.Deterministic && _async.Pending > 0) Drain(Timeout.InfiniteTimeSpan, null);
    }
}
