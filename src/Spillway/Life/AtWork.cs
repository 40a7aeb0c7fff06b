using Spillway.Scripting;

namespace Spillway.Life;

/// <summary>What the run is doing, in words for those who wait for its end. Written by the run's thread, read by any.</summary>
internal static class AtWork
{
    private static volatile string _phase = "the start of the run";
    private static volatile bool _isPastInput;

    /// <summary>Whether the input is over and the run on its way to its end.</summary>
    public static bool IsPastInput => _isPastInput;

    /// <summary>The run begins something.</summary>
    /// <param name="phase">A noun with its article or name, such as 'the reading of a.pcap'.</param>
    public static void On(string phase) => _phase = phase;

    /// <summary>The same, for what comes when the input is over.</summary>
    public static void OnEnd(string phase)
    {
        _phase = phase;
        _isPastInput = true;
    }

    /// <summary>The scripts' calls that hold the run up, or what it does itself.</summary>
    public static string Describe()
    {
        IReadOnlyList<string> calls = RunningCalls.Find();
        return SafeText.Clean(calls.Count == 0 ? _phase : $"{string.Join(", ", calls)} ({_phase})");
    }
}
