using System.Globalization;
using Spillway.Questions;
using Spillway.Web.Charts;
using Spillway.Web.Html;

namespace Spillway.Web.Pages;

/// <summary>The values of a key over the time that a page is about, and over as long a time before.</summary>
internal static class Series
{
    private const long NsPerSecond = 1_000_000_000;
    private const int UsualSteps = 200;

    private static readonly (long Seconds, string Text)[] Steps =
    [
        (300, "5m"),
        (900, "15m"),
        (3600, "1h"),
        (21_600, "6h"),
        (86_400, "1d"),
        (604_800, "1w"),
    ];

    /// <summary>Draws it.</summary>
    public static Markup Of(View view, string group, string key, string? meter, bool asBits = false)
    {
        QuestionScope scope = view.Scope(int.MaxValue - 1);
        if (scope.LastNs == 0)
            return View.Empty(scope.TellRange());
        long window = scope.WindowSeconds * NsPerSecond;
        long from = Math.Max(scope.FirstNs, scope.FromNs) / window * window,
            to = Math.Min(scope.LastNs, scope.ToNs) / window * window + window;
        QuestionStep? step = StepOf(scope, (to - from) / NsPerSecond);
        Answer answer = SeriesQuestion.Ask(view.Store, scope, group, key, meter, step);
        AnswerColumn value = answer.Columns[1];
        List<Point> points = [.. answer.Rows.Select(Read)];
        if (points.Count == 0)
            return View.Empty(View.Words(answer.WhenEmpty?.Invoke() ?? ""));
        List<Point> before = scope.HasRange ? Before(view, group, key, meter, step, from, to) : [];
        return SeriesChart.Draw(answer.Title, points, before, from, to, (step?.Seconds ?? scope.WindowSeconds) * NsPerSecond, Write);

        Point Read(object?[] row) => new((long)row[0]!, row[1] as double? ?? 0);

        string Write(double number) =>
            asBits && value.Kind == ValueKind.Bytes ? Units.BitRate(number * 8) : AnswerText.ForPeople(value, number, isUtc: true);
    }

    // As long a time before, moved to the same place.
    private static List<Point> Before(View view, string group, string key, string? meter, QuestionStep? step, long from, long to)
    {
        long span = to - from;
        if (from - span < 0)
            return [];
        QuestionScope scope = view.Scope(int.MaxValue - 1, from: Seconds(from - span), to: Seconds(from - NsPerSecond));
        try
        {
            Answer answer = SeriesQuestion.Ask(view.Store, scope, group, key, meter, step);
            return [.. answer.Rows.Select(row => new Point((long)row[0]! + span, row[1] as double? ?? 0))];
        }
        catch (QuestionException)
        {
            return [];
        }
    }

    private static QuestionStep? StepOf(QuestionScope scope, long seconds)
    {
        if (seconds / Math.Max(1, scope.WindowSeconds) <= UsualSteps * 2)
            return null;
        (long length, string text) = Steps.FirstOrDefault(
            step => step.Seconds >= scope.WindowSeconds && seconds / step.Seconds <= UsualSteps * 2,
            Steps[^1]
        );
        return length <= scope.WindowSeconds ? null : QuestionStep.Of(text, "step", scope);
    }

    private static string Seconds(long ns) => (ns / NsPerSecond).ToString(CultureInfo.InvariantCulture);
}
