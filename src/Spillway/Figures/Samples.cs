namespace Spillway.Figures;

/// <summary>Short forms for figures of several values.</summary>
internal static class Samples
{
    /// <summary>A figure that only grows.</summary>
    public static Figure Counter(string name, string help, IEnumerable<FigureSample> samples) =>
        new(name, FigureKind.Counter, help, [.. samples]);

    /// <summary>A figure that goes up and down.</summary>
    public static Figure Gauge(string name, string help, IEnumerable<FigureSample> samples) =>
        new(name, FigureKind.Gauge, help, [.. samples]);

    /// <summary>A value with its labels.</summary>
    public static FigureSample Of(double value, params (string Name, string Value)[] labels) => new(value, labels);

    /// <summary>The label of a lane.</summary>
    public static (string Name, string Value) Lane(int number) => ("lane", FormattableString.Invariant($"{number}"));

    /// <summary>The label of a script.</summary>
    public static (string Name, string Value) Script(string name) => ("script", name);
}
