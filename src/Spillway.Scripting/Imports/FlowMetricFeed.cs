using Spillway.Net.Flows;

namespace Spillway.Scripting.Imports;

/// <summary>
/// What was told of each TCP flow's meters, so that listeners (<c>messagemonitor.onflowmetric</c>) hear of each change once: the values
/// they get add up to the meter. Holds only flows with something to tell. Owned by the lane; used only if somebody listens.
/// </summary>
internal sealed class FlowMetricFeed
{
    private readonly Dictionary<long, (int SetupRtt, int Retransmissions)> _told = [];

    /// <summary>Takes what has been added since the last time.</summary>
    /// <returns>False if there is nothing new.</returns>
    public bool TryTake(Flow flow, out int setupRtt, out int retransmissions)
    {
        (setupRtt, retransmissions) = (flow.SetupRttMicroseconds, flow.Retransmissions);
        if ((setupRtt | retransmissions) == 0)
            return false;
        (int SetupRtt, int Retransmissions) now = (setupRtt, retransmissions);
        if (_told.TryGetValue(flow.Number, out (int SetupRtt, int Retransmissions) told))
        {
            if (told == now)
                return false;
            setupRtt -= told.SetupRtt;
            retransmissions -= told.Retransmissions;
        }

        _told[flow.Number] = now;
        return true;
    }

    /// <summary>Forgets a flow that has ended.</summary>
    public void Forget(Flow flow) => _told.Remove(flow.Number);
}
