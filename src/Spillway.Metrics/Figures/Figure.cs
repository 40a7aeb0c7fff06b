namespace Spillway.Metrics.Figures;

/// <summary>How a figure behaves, in Prometheus's words.</summary>
public enum FigureKind
{
    /// <summary>It only grows.</summary>
    Counter,

    /// <summary>It goes up and down.</summary>
    Gauge,
}

/// <summary>A figure of a run at this moment: named once, with its help, and one value for each set of labels.</summary>
/// <param name="Name">Its name without prefix, units at the end, as Prometheus has it: <c>packets_total</c>.</param>
/// <param name="Kind">How it behaves.</param>
/// <param name="Help">What it says, in one line.</param>
/// <param name="Samples">Its values.</param>
public sealed record Figure(string Name, FigureKind Kind, string Help, IReadOnlyList<FigureSample> Samples)
{
    /// <summary>A figure of one value.</summary>
    public Figure(string name, FigureKind kind, string help, double value)
        : this(name, kind, help, [new FigureSample(value)]) { }
}

/// <summary>A value of a figure.</summary>
/// <param name="Value">The value.</param>
/// <param name="Labels">What tells it from the other values.</param>
public sealed record FigureSample(double Value, params (string Name, string Value)[] Labels);
