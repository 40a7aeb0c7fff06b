namespace Spillway.Async.Files;

/// <summary>When work that failed is repeated: after a pause that is four times as long each time, up to a limit.</summary>
internal static class RetrySchedule
{
    private const int LongestPower = 5;

    /// <summary>The pause after so many attempts.</summary>
    public static TimeSpan Pause(AsyncOptions options, int attempts) =>
        options.RetryDelay * Math.Pow(4, Math.Min(attempts - 1, LongestPower));

    /// <summary>All pauses of so many repeats.</summary>
    public static TimeSpan Total(AsyncOptions options, int retries)
    {
        TimeSpan total = TimeSpan.Zero;
        for (int attempt = 1; attempt <= retries; attempt++)
            total += Pause(options, attempt);
        return total;
    }
}
