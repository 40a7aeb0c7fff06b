namespace Spillway.Benchmarks.Worst;

/// <summary>Frames whose cost for each byte is measured.</summary>
/// <param name="Group">What they are made for.</param>
/// <param name="Name">What they are; the usual traffic of a group comes first.</param>
/// <param name="Make">Makes them.</param>
/// <param name="StepNs">Packet time from one to the next.</param>
internal sealed record WorstCase(string Group, string Name, Func<IReadOnlyList<byte[]>> Make, long StepNs = 10_000);
