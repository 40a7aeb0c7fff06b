namespace Spillway.Metrics.Stores;

/// <summary>
/// Which days wait to be added up. Time that rises leaves a day once, and it is added up at once. Captures that are not in order come back
/// to days again and again: such a day is added up when it has twice the windows it had the last time, and at the end of the run, so that
/// the work stays in proportion to the windows however time jumps.
/// </summary>
internal sealed class OpenDays
{
    // A run over times drawn by lot has many days. Those beyond are added up as if they were new.
    private const int MostDays = 100_000;

    private readonly Dictionary<long, Windows> _days = [];

    /// <summary>A window of a day was written.</summary>
    public void Enter(long day)
    {
        if (_days.Count >= MostDays && !_days.ContainsKey(day))
            _days.Clear();
        Windows windows = _days.GetValueOrDefault(day);
        _days[day] = windows with { Written = windows.Written + 1 };
    }

    /// <summary>Time has left a day; returns whether it is to be added up now.</summary>
    public bool Leave(long day)
    {
        Windows windows = _days.GetValueOrDefault(day);
        if (windows.Written < 2 * windows.Summed)
            return false;
        _days[day] = windows with { Summed = windows.Written };
        return true;
    }

    /// <summary>The days that have windows which are not in their sum, in order; afterwards there are none.</summary>
    public long[] TakeRest()
    {
        long[] rest = [.. _days.Where(pair => pair.Value.Written > pair.Value.Summed).Select(pair => pair.Key).Order()];
        _days.Clear();
        return rest;
    }

    private readonly record struct Windows(int Written, int Summed);
}
