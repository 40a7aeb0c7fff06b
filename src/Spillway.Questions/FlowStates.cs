using Spillway.Net.Flows;

namespace Spillway.Questions;

/// <summary>How a flow stands at its end, in words, from the bits of its state.</summary>
public static class FlowStates
{
    private const string Reset = "reset",
        HalfClosed = "half-closed",
        Closed = "closed",
        TimedOut = "timed out",
        Open = "open",
        SynAck = "syn-ack",
        Syn = "syn";

    /// <summary>The words.</summary>
    public static IReadOnlyList<string> All { get; } = [Closed, HalfClosed, Reset, TimedOut, Open, SynAck, Syn];

    /// <summary>What is said of a text that is none; null if it is one.</summary>
    public static string? Complaint(string text) =>
        TryFind(text) is null ? $"'{text}' is no state: give one of {string.Join(", ", All.Select(Nearest.Typed))}" : null;

    /// <summary>The word that somebody means, however written: <c>timed-out</c>, <c>timedout</c>; null if there is none.</summary>
    public static string? TryFind(string text) => All.FirstOrDefault(state => Nearest.Plain(state) == Nearest.Plain(text));

    /// <summary>A connection that both ends have closed is neither timed out nor cut off by the end of the input.</summary>
    public static string Of(FlowState state) =>
        state switch
        {
            _ when Has(state, FlowState.SeenRst) => Reset,
            _ when Has(state, FlowState.SeenFin) => Has(state, FlowState.TimedOut | FlowState.Terminated) ? HalfClosed : Closed,
            _ when Has(state, FlowState.TimedOut) => TimedOut,
            _ when Has(state, FlowState.SeenSynAckAck) => Open,
            _ when Has(state, FlowState.SeenSynAck) => SynAck,
            _ when Has(state, FlowState.SeenSyn) => Syn,
            _ => "",
        };

    /// <summary>The same in SQL.</summary>
    /// <param name="column">The column of bits.</param>
    public static string Sql(string column) =>
        $"""
            (CASE WHEN {Bits(FlowState.SeenRst)} THEN '{Reset}'
                  WHEN {Bits(FlowState.SeenFin)} THEN iif({Bits(FlowState.TimedOut | FlowState.Terminated)}, '{HalfClosed}', '{Closed}')
                  WHEN {Bits(FlowState.TimedOut)} THEN '{TimedOut}'
                  WHEN {Bits(FlowState.SeenSynAckAck)} THEN '{Open}'
                  WHEN {Bits(FlowState.SeenSynAck)} THEN '{SynAck}'
                  WHEN {Bits(FlowState.SeenSyn)} THEN '{Syn}'
                  ELSE '' END)
            """.Replace("{column}", column, StringComparison.Ordinal);

    private static string Bits(FlowState bits) => $"({{column}} & {(int)bits})";

    private static bool Has(FlowState state, FlowState bits) => (state & bits) != 0;
}
