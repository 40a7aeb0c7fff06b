namespace Spillway.Benchmarks.Worst;

/// <summary>All cases, the usual traffic of each group first.</summary>
internal static class WorstCases
{
    public static IReadOnlyList<WorstCase> All { get; } =
    [.. WorstHttp.Cases, .. WorstRanges.Cases, .. WorstMail.Cases, .. WorstLines.Cases, .. WorstBinary.Cases, .. WorstPackets.Cases];
}
