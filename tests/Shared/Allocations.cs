namespace Spillway.Tests.Shared;

/// <summary>Managed bytes that the calling thread allocates for a piece of work.</summary>
internal static class Allocations
{
    private const int MaxRounds = 4;

    /// <summary>
    /// The least of up to a few rounds, the first of which that allocates nothing ends it: what the runtime itself allocates once on the
    /// way (a type that is loaded late, a static that is made when a method is compiled again) is no cost of the work, and what the work
    /// costs is in every round.
    /// </summary>
    /// <param name="work">The work, warmed up before.</param>
    /// <param name="rounds">How often it was done.</param>
    public static long InSteadyState(Action work, out int rounds)
    {
        long least = long.MaxValue;
        for (rounds = 1; ; rounds++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            if (least == 0 || rounds == MaxRounds)
                return least;
        }
    }
}
