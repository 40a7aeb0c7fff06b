namespace Spillway.Logging;

/// <summary>Whether standard error is the journal of systemd, which takes priorities in front of lines (systemd.exec(5)).</summary>
internal static class JournalStream
{
    /// <summary>Whether it is, by the variable that systemd sets: device and inode of the stream.</summary>
    public static bool IsStandardError()
    {
        string? stream = Environment.GetEnvironmentVariable("JOURNAL_STREAM");
        if (stream?.Split(':') is not [_, { Length: > 0 } inode])
            return false;
        try
        {
            return File.ResolveLinkTarget("/proc/self/fd/2", returnFinalTarget: false)?.Name == $"socket:[{inode}]";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
