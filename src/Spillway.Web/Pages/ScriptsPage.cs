using Spillway.Web.Html;
using Spillway.Web.Live;

namespace Spillway.Web.Pages;

/// <summary>The scripts of the run in this process: their calls, errors and tasks.</summary>
internal static class ScriptsPage
{
    /// <summary>Makes it.</summary>
    public static Page Make(View view)
    {
        if (view.Around.Probe() is not { } probe)
        {
            return new Page(
                "Scripts",
                View.Empty(
                    "No run goes on in this process: this store was written by another. 'spillway open FILE -s SCRIPT' and "
                        + "'spillway run --web' show scripts."
                )
            );
        }

        IReadOnlyList<ScriptState> scripts = probe.Scripts();
        if (scripts.Count == 0)
            return new Page(
                "Scripts",
                View.Empty("This run has no scripts: give them with -s. 'spillway scripts new simplecounter' makes one.")
            );
        return new Page("Scripts", Markup.Each(scripts, (script) => Script(view, script)));
    }

    /// <summary>Tasks of all scripts.</summary>
    public static Markup Tasks(IProbe probe)
    {
        ScriptState[] busy = [.. probe.Scripts().Where(script => script.Tasks is not null)];
        if (busy.Length == 0)
            return View.Empty("No script has used T.async.");
        Markup rows = Markup.Each(
            busy,
            script =>
                Markup.Of(
                    $"""
                    <tr><td class="text">{script.Name}</td><td class="number">{script.Tasks!.Waiting}</td><td class="number">{script.Tasks.Busy} of {script.Tasks.Workers}</td>
                    <td class="number">{script.Tasks.Failed + script.Tasks.TimedOut + script.Tasks.Dropped}</td>
                    <td class="number">{Units.Duration(script.Tasks.Wait.Rare)}</td><td class="number">{Units.Duration(
                        script.Tasks.Run.Rare
                    )}</td>
                    <td class="number">{Units.Duration(script.Tasks.Run.Longest)}</td></tr>
                    """
                )
        );
        return Markup.Of(
            $"""
            <div class="scroll"><table><thead><tr><th scope="col">Script</th><th scope="col" class="number">Waiting</th><th scope="col" class="number">Running</th>
            <th scope="col" class="number">Failed</th><th scope="col" class="number">Wait, 99 %</th><th scope="col" class="number">Run, 99 %</th>
            <th scope="col" class="number">Slowest</th></tr></thead><tbody>{rows}</tbody></table></div>
            """
        );
    }

    private static Markup Script(View view, ScriptState script)
    {
        Markup calls = Markup.Each(
            script.Callbacks,
            call => Markup.Of($"<tr><td class=\"text\">{call.Callback}</td><td class=\"number\">{Units.Count(call.Calls)}</td></tr>")
        );
        Markup error = Markup.If(
            script.FirstError is not null,
            () => Markup.Of($"<h3>First error</h3><pre class=\"trace\">{script.FirstError}</pre>")
        );
        Markup tasks = Markup.If(script.Tasks is not null, () => TasksOf(script.Tasks!));
        string state = script.Disabled is { } disabled ? $"disabled: {disabled}" : script.Declined ?? "runs";
        return view.Panel(
            "script-" + Questions.Nearest.Typed(script.Name),
            script.Title.Length > 0 ? $"{script.Name}: {script.Title}" : script.Name,
            () =>
                Markup.Of(
                    $"""
                    <dl class="facts"><dt>State</dt><dd class="{(script.Disabled is null ? "good" : "bad")}">{state}</dd>
                    <dt>Errors</dt><dd class="{(script.Errors > 0 ? "bad" : "good")}">{Units.Count(script.Errors)}</dd></dl>
                    {error}{tasks}<h3>Calls</h3><table class="toppers"><tbody>{calls}</tbody></table>
                    """
                ),
            isLive: true
        );
    }

    private static Markup TasksOf(TaskState tasks)
    {
        (string, string)[] facts =
        [
            ("Submitted", Units.Count(tasks.Submitted)),
            ("Succeeded", Units.Count(tasks.Succeeded)),
            ("Failed", Units.Count(tasks.Failed)),
            ("Timed out", Units.Count(tasks.TimedOut)),
            ("Dropped", Units.Count(tasks.Dropped)),
            ("Waiting", Units.Count(tasks.Waiting)),
            ("Running", $"{Units.Count(tasks.Busy)} of {Units.Count(tasks.Workers, "worker")}"),
            ("Oldest waits", tasks.OldestWaiting is { } oldest ? Units.Duration(oldest) : ""),
            ("Wait: median, 99 %, longest", Times(tasks.Wait)),
            ("Run: median, 99 %, longest", Times(tasks.Run)),
        ];
        Markup lines = Markup.Each(
            facts.Where(fact => fact.Item2.Length > 0),
            fact => Markup.Of($"<dt>{fact.Item1}</dt><dd>{fact.Item2}</dd>")
        );
        Markup error = Markup.If(
            tasks.LastError is not null,
            () => Markup.Of($"<h3>Last failure</h3><pre class=\"trace\">{tasks.LastError}</pre>")
        );
        return Markup.Of($"<h3>Tasks</h3><dl class=\"facts\">{lines}</dl>{error}");

        static string Times((TimeSpan Median, TimeSpan Rare, TimeSpan Longest) times) =>
            $"{Units.Duration(times.Median)}, {Units.Duration(times.Rare)}, {Units.Duration(times.Longest)}";
    }
}
