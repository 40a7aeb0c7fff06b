namespace Spillway.Async.Inspection;

/// <summary>How a scan may work.</summary>
public sealed record ScanLimits
{
    /// <summary>Longest scan of one file, in whole seconds. Default 10 s; 1 s to 1 hour.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes of a file that is scanned; larger ones are not. Default 32 MiB; 4 KiB to 1 GiB.</summary>
    public long MaxBytes { get; init; } = 32 << 20;
}

/// <summary>How a scan has ended.</summary>
public enum ScanEnd : byte
{
    /// <summary>There was none.</summary>
    None,

    /// <summary>All rules were tried.</summary>
    Complete,

    /// <summary>It took too long: further rules might match.</summary>
    TimedOut,

    /// <summary>The file is larger than what is scanned.</summary>
    TooLarge,

    /// <summary>The file is gone, or cannot be read.</summary>
    Unreadable,

    /// <summary>The library has failed.</summary>
    Failed,
}

/// <summary>What a scan has found.</summary>
/// <param name="End">How it has ended.</param>
/// <param name="Reason">Why it is not complete; empty if it is.</param>
public sealed record ScanResult(ScanEnd End, string Reason)
{
    /// <summary>That there was no scan.</summary>
    public static ScanResult None { get; } = new(ScanEnd.None, "");

    /// <summary>Rules that match, in the order of the rules.</summary>
    public IReadOnlyList<RuleMatch> Matches { get; init; } = [];
}

/// <summary>A rule that matches.</summary>
/// <param name="Rule">Its name.</param>
/// <param name="Namespace">The namespace it was compiled in.</param>
/// <param name="Tags">Its tags.</param>
/// <param name="Meta">What it says about itself.</param>
public sealed record RuleMatch(string Rule, string Namespace, IReadOnlyList<string> Tags, IReadOnlyList<RuleMeta> Meta);

/// <summary>A line of a rule's <c>meta</c>.</summary>
/// <param name="Name">Its name, which may come more than once.</param>
/// <param name="Value">A string, a long or a bool.</param>
public readonly record struct RuleMeta(string Name, object Value)
{
    /// <summary>The value as rules spell it.</summary>
    public string Text =>
        Value switch
        {
            bool truth => truth ? "true" : "false",
            long number => number.ToString(System.Globalization.CultureInfo.InvariantCulture),
            _ => (string)Value,
        };
}
