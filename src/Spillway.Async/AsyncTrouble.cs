namespace Spillway.Async;

/// <summary>Something is wrong with the slow path itself, not with one task.</summary>
/// <param name="Plugin">Whose workers it concerns; null for everybody's.</param>
/// <param name="Message">One line for the log: what it is, and the remedy.</param>
public sealed record AsyncTrouble(string? Plugin, string Message);
