namespace Spillway.Async.Queues;

/// <summary>
/// Whether watching before a sleep has paid lately. Where it never does (nothing comes for long, or other programs have the processor that
/// would bring it) it only uses up the thread's share of its own processor, so it is left out but for a try now and then.
/// </summary>
internal struct SpinHabit
{
    private const int MissesBeforeRest = 4;
    private const int TryEvery = 16;

    private int _misses;

    public readonly bool IsWorthwhile => _misses < MissesBeforeRest || _misses % TryEvery == 0;

    public void Note(bool paid) => _misses = paid ? 0 : (_misses + 1) & int.MaxValue;
}
