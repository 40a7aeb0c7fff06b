using Spillway.Metrics.Figures;
using Spillway.Questions;
using Spillway.Web.Html;
using Spillway.Web.Live;

namespace Spillway.Web.Pages;

/// <summary>How the probe is: the account of losses, queues, memory, the configuration in force; the runs of the store.</summary>
internal static class HealthPage
{
    /// <summary>Makes it.</summary>
    public static Page Make(View view)
    {
        Markup runs = view.Panel(
            "runs",
            "Runs in this store",
            () =>
                AnswerTable.Of(
                    view,
                    RunsQuestion.Ask(view.Store, view.Scope()),
                    (column, row) =>
                        column == "run" ? view.Link("/", row.Text("run"), ("run", row.Text("run")), ("from", null), ("to", null)) : null,
                    api: "runs"
                ),
            view.Link("/", "all runs together", ("run", "all")),
            size: "wide"
        );
        if (view.Around.Probe() is not { } probe)
            return new Page(
                "Health",
                Markup.Of($"{View.Empty("No run goes on in this process: 'spillway run --web' shows how it is.")}{runs}")
            );
        return new Page(
            "Health",
            Markup.Of(
                $"""
                {view.Panel("health", "State", () => State(probe), isLive: true)}
                {view.Panel(
                    "figures",
                    "Figures",
                    () => Figures(probe),
                    Markup.Of($"<a href=\"/api/v1/figures\">JSON</a>"),
                    isLive: true,
                    size: "tall"
                )}
                {view.Panel("settings", "Configuration in force", () => Settings(probe), size: "tall")}
                {runs}
                """
            )
        );
    }

    private static Markup State(IProbe probe)
    {
        Health health = probe.Health();
        string word = probe.IsRunning ? health.Word : probe.State;
        Markup reasons = Markup.Each(health.Reasons, reason => Markup.Of($"<li>{reason}</li>"));
        return Markup.Of(
            $"""
            <p class="big {(health.Word is "ready" || !probe.IsRunning ? "good" : "bad")}">{word}</p><p>{probe.State}</p><ul>{reasons}</ul>
            """
        );
    }

    private static Markup Figures(IProbe probe)
    {
        Markup rows = Markup.Each(
            probe.Figures().Where(figure => figure.Samples.Any(sample => sample.Value != 0)),
            figure =>
                Markup.Each(
                    figure.Samples.Where(sample => sample.Value != 0),
                    sample =>
                        Markup.Of(
                            $"""
                            <tr><td class="text" title="{figure.Help}">{figure.Name} <span class="label">{Labels(sample)}</span></td>
                            <td class="number">{Text(figure, sample.Value)}</td></tr>
                            """
                        )
                )
        );
        return Markup.Of($"<div class=\"scroll\"><table class=\"toppers\"><tbody>{rows}</tbody></table></div>");
    }

    private static string Labels(FigureSample sample) => string.Join(", ", sample.Labels.Select(label => label.Value));

    private static string Text(Figure figure, double value) =>
        figure.Name.Contains("bytes", StringComparison.Ordinal) ? Units.Bytes(value)
        : figure.Name.Contains("seconds", StringComparison.Ordinal) ? Units.Duration(TimeSpan.FromSeconds(value))
        : Units.Count((long)value);

    private static Markup Settings(IProbe probe)
    {
        Markup rows = Markup.Each(
            probe.Settings(),
            setting =>
                Markup.Of(
                    $"""
                    <tr><td class="word">{setting.Name}</td><td class="text">{setting.Value}</td><td class="word">{setting.Origin}</td></tr>
                    """
                )
        );
        return Markup.Of($"<div class=\"scroll\"><table class=\"toppers\"><tbody>{rows}</tbody></table></div>");
    }
}
