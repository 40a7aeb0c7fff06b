using System.Runtime.CompilerServices;
using Spillway.Eve;

namespace Spillway.Pipeline;

/// <content>Events as EVE JSON.</content>
internal sealed partial class Lane
{
    private readonly EveLane? _eve;

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
