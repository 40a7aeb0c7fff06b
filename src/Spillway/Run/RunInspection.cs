using Spillway.Async.Inspection;
using Spillway.Eve;
using Spillway.Net.Files;
using Spillway.Pipeline;
using Spillway.Report;

namespace Spillway.Run;

/// <summary>What a run finds out about files off the packet path: what is needed for it, and what is told of it.</summary>
internal static class RunInspection
{
    /// <summary>Decides what is found out, and looks whether it can be.</summary>
    /// <param name="options">The options; with what is found out.</param>
    /// <param name="console">Is told what is missing.</param>
    /// <returns>False if something is missing that was asked for.</returns>
    public static bool TryPrepare(ref RunOptions options, ScriptConsole console)
    {
        bool isAskedFor = options.Magic == true || options.ExtractKinds is not null;
        bool hasEvents = options.Eve is { } eve && eve.Has(EveTypes.FileInfo);
        bool isUseful = options.Extract is not null || hasEvents;
        ContentHeads types =
            isAskedFor || (isUseful && options.Magic is null) ? ContentHeads.All
            : options.Magic is null ? ContentHeads.Notable
            : ContentHeads.None;
        if (types == ContentHeads.All && FileTyper.FindFlaw() is { } flaw)
        {
            if (isAskedFor)
            {
                console.Error($"{(options.ExtractKinds is null ? "--magic" : "--extract-type")}: {flaw}");
                return false;
            }

            types = ContentHeads.None;
        }

        if (!RunYara.TryCompile(options, console, out YaraRules? rules))
            return false;
        if (types != ContentHeads.None || rules is not null)
            options = options with
            {
                Inspection = new InspectionOptions
                {
                    Types = types,
                    DescribesTypes = hasEvents || options.Json || options.Magic == true,
                    Kept = options.ExtractKinds,
                    Rules = rules,
                    Scan = options.Scan,
                },
            };
        return true;
    }

    /// <summary>What the user should know at the end; null if all files were looked into.</summary>
    public static string? Complaint(InspectionPool? pool) =>
        pool is not { Figures.NotInspected: > 0 and var left }
            ? null
            : $"{Units.Count(left, "file")} not looked into: the workers had no room or no time for more";

    /// <summary>Adds its counts.</summary>
    public static RunSummary WithInspection(this RunSummary summary, InspectionPool? pool) =>
        pool is null || (pool.Options is { Types: not ContentHeads.All, Rules: null } && pool.Figures is { Typed: 0, Untyped: 0 })
            ? summary
            : summary with
            {
                Details =
                [
                    .. summary.Details,
                    new("files.typed", pool.Figures.Typed),
                    new("files.type_unknown", pool.Figures.Untyped),
                    new("files.not_inspected", pool.Figures.NotInspected),
                    new("files.removed_by_type", pool.Figures.Removed),
                    .. RunYara.DetailsOf(pool),
                ],
            };
}
