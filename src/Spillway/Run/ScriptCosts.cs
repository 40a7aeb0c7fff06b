using Spillway.Figures;
using Spillway.Scripting;
using static Spillway.Figures.Samples;

namespace Spillway.Run;

/// <summary>The figures of each script on the packets' way and behind it; of those behind, as of the last window.</summary>
internal static class ScriptCosts
{
    /// <summary>The figures. Scripts of one name are one.</summary>
    public static IEnumerable<Figure> Of(IReadOnlyList<ScriptFigures> scripts)
    {
        IGrouping<string, ScriptFigures>[] byName = [.. scripts.GroupBy(script => script.Name)];
        return
        [
            Counter(
                "script_calls_total",
                "Calls of the functions of scripts.",
                byName.SelectMany(group =>
                    group
                        .SelectMany(script => script.Callbacks)
                        .GroupBy(pair => pair.Callback)
                        .Select(calls => Samples.Of(calls.Sum(pair => pair.Calls), Script(group.Key), ("callback", calls.Key)))
                )
            ),
            Counter(
                "script_errors_total",
                "Errors that scripts have raised, those of tasks included.",
                byName.Select(group => Samples.Of(group.Sum(script => script.Errors), Script(group.Key)))
            ),
            Gauge(
                "script_memory_bytes",
                "Memory of the states of scripts, those of workers left out.",
                byName.Select(group => Samples.Of(group.Sum(script => script.MemoryBytes), Script(group.Key)))
            ),
            Gauge(
                "script_disabled",
                "1 if a script, or one of its blocks, was disabled while it ran.",
                byName.Select(group => Samples.Of(group.Any(script => script.Disabled is not null) ? 1 : 0, Script(group.Key)))
            ),
        ];
    }
}
