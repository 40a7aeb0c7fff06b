namespace Spillway.Machine;

/// <summary>How much a finding matters.</summary>
internal enum FindingSeverity
{
    /// <summary>As it should be.</summary>
    Good,

    /// <summary>Works, and would be better otherwise, or is for an option that not everybody uses.</summary>
    Advice,

    /// <summary>Captures or scripts will fail.</summary>
    Lacking,
}

/// <summary>What was found out about the machine.</summary>
/// <param name="Severity">How much it matters.</param>
/// <param name="Text">What was found.</param>
/// <param name="Remedy">The line that mends it; null where nothing need be.</param>
internal sealed record Finding(FindingSeverity Severity, string Text, string? Remedy = null)
{
    /// <summary>Something that is as it should be.</summary>
    public static Finding Good(string text) => new(FindingSeverity.Good, text);

    /// <summary>Something that would be better otherwise.</summary>
    public static Finding Advice(string text, string remedy) => new(FindingSeverity.Advice, text, remedy);

    /// <summary>Something that is lacking.</summary>
    public static Finding Lacking(string text, string remedy) => new(FindingSeverity.Lacking, text, remedy);
}
