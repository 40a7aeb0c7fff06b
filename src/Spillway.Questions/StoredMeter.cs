using System.Globalization;
using Spillway.Metrics.Groups;

namespace Spillway.Questions;

/// <summary>A meter as the store knows it.</summary>
/// <param name="Id">Its number in the group.</param>
/// <param name="Name">Its name.</param>
/// <param name="Type">How samples become values.</param>
/// <param name="Units">Its unit; a rate's says "per second".</param>
public sealed record StoredMeter(int Id, string Name, MeterType Type, string Units)
{
    /// <summary>The unit of a sum over time: a rate's is no longer per second.</summary>
    public string TotalUnits =>
        !Type.IsRate()
            ? Units
            : Units switch
            {
                "Bps" => "B",
                "bps" => "bits",
                "pps" => "packets",
                "Rps" => "records",
                _ when Units.EndsWith("/s", StringComparison.Ordinal) => Units[..^2],
                _ => Units,
            };

    /// <summary>What a value of one window is shown in.</summary>
    public string WindowUnits =>
        Type.IsRate() && Units is "Bps" ? "B/s"
        : Type.IsRate() && Units is "pps" ? "packets/s"
        : Units;

    /// <summary>Whether parts of windows and windows are added up.</summary>
    public bool IsSum => Type is MeterType.Counter or MeterType.RateCounter or MeterType.DeltaRateCounter;

    /// <summary>
    /// SQL for what rows of values come to; a second column is without meaning. Where the last row counts, SQLite takes the value from the
    /// row of the one max() beside it (https://www.sqlite.org/lang_select.html#bareagg).
    /// </summary>
    public string Total =>
        Type switch
        {
            MeterType.Maximum => "max(v.value)",
            MeterType.Minimum => "min(v.value)",
            MeterType.Average => "sum(v.value * v.samples) / sum(v.samples)",
            MeterType.Gauge or MeterType.RunningCounter => "v.value, max(s.start + s.seconds)",
            _ => "sum(v.value)",
        };

    /// <summary>The same as two columns, whatever the meter.</summary>
    public string TotalColumns => Type is MeterType.Gauge or MeterType.RunningCounter ? Total : $"{Total}, 0";

    /// <summary>
    /// Finds a meter by its number, its name, the beginning of its name or a part of it; case, blanks and hyphens do not matter. Without a
    /// text, the group's first.
    /// </summary>
    /// <exception cref="QuestionException">There is none.</exception>
    public static StoredMeter Find(QuestionStore store, StoredGroup group, string? text)
    {
        IReadOnlyList<StoredMeter> meters = All(store, group);
        if (meters.Count == 0)
            throw new QuestionException($"{group.Name} has no meter in this store");
        if (text is null)
            return meters[0];
        if (
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int id)
            && meters.FirstOrDefault(meter => meter.Id == id) is { } numbered
        )
            return numbered;
        string wanted = Nearest.Plain(text);
        var named = meters.Where(meter => Nearest.Plain(meter.Name) == wanted).ToList();
        if (named.Count == 0)
            named = [.. meters.Where(meter => wanted.Length > 0 && Nearest.Plain(meter.Name).StartsWith(wanted, StringComparison.Ordinal))];
        if (named.Count == 0)
            named = [.. meters.Where(meter => wanted.Length > 0 && Nearest.Plain(meter.Name).Contains(wanted, StringComparison.Ordinal))];
        if (named.Count == 1)
            return named[0];
        string all = string.Join(", ", meters.Select(meter => $"{meter.Id} {meter.Name}"));
        throw new QuestionException(
            named.Count == 0
                ? $"{group.Name} has no meter '{text}'; it has {all}"
                : $"'{text}' may be {string.Join(", ", named.Select(meter => $"{meter.Id} {meter.Name}"))}: give its "
                    + "number or more of the name"
        );
    }

    /// <summary>The meters of a group in their order.</summary>
    public static IReadOnlyList<StoredMeter> All(QuestionStore store, StoredGroup group) =>
        [
            .. store.Read(
                new Query("SELECT meter, name, type, units FROM meters")
                    .Where("group_id = $group", "$group", group.Id)
                    .Then("ORDER BY meter"),
                row => new StoredMeter(
                    (int)row.Number(0),
                    row.Text(1),
                    Enum.TryParse(row.Text(2), out MeterType type) ? type : MeterType.Counter,
                    row.Text(3)
                )
            ),
        ];
}
