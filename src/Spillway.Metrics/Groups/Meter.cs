namespace Spillway.Metrics.Groups;

/// <summary>One meter of a counter group.</summary>
/// <param name="Id">Number of the meter, from 0 to <see cref="MaxId"/>.</param>
/// <param name="Type">How samples become a value.</param>
/// <param name="Name">Display name. Scripts often swap name and description: nothing may depend on either.</param>
/// <param name="Description">Longer text, or empty.</param>
/// <param name="Units">Display unit such as <c>Bps</c>, or empty.</param>
/// <param name="TopCount">How many of the largest keys are of interest; 0 for none.</param>
/// <param name="BottomCount">How many of the smallest keys are of interest; 0 for none.</param>
public sealed record Meter(int Id, MeterType Type, string Name, string Description, string Units, int TopCount, int BottomCount)
{
    /// <summary>The highest meter id. The documented maximum is 16 meters; a group of the original itself has 17.</summary>
    public const int MaxId = 63;
}
