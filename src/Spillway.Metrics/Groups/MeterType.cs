namespace Spillway.Metrics.Groups;

/// <summary>How the samples of a meter become the value of a window. The numbers are those of <c>T.K.vartype</c>.</summary>
public enum MeterType : byte
{
    /// <summary>Not a type: no meter has this id.</summary>
    None = 0,

    /// <summary>Sum of the samples in the window.</summary>
    Counter = 2,

    /// <summary>Sum of the samples, per second of the window.</summary>
    RateCounter = 4,

    /// <summary>The last sample.</summary>
    Gauge = 5,

    /// <summary>Sum of all samples since the start; samples may be negative.</summary>
    RunningCounter = 8,

    /// <summary>Mean of the samples.</summary>
    Average = 9,

    /// <summary>Samples are readings of an ever growing counter; the value is their increase, per second of the window.
    /// A first reading and a reading lower than the one before it give no value.</summary>
    DeltaRateCounter = 10,

    /// <summary>The largest sample.</summary>
    Maximum = 11,

    /// <summary>The smallest sample.</summary>
    Minimum = 12,
}

/// <summary>Questions about meter types.</summary>
public static class MeterTypes
{
    /// <summary>True for the numbers that <c>T.K.vartype</c> has.</summary>
    public static bool IsKnown(int number) => number is 2 or 4 or 5 or (>= 8 and <= 12);

    /// <summary>True if a window's value is divided by the window's seconds.</summary>
    public static bool IsRate(this MeterType type) => type is MeterType.RateCounter or MeterType.DeltaRateCounter;
}
