using Spillway.Async.Commands;

namespace Spillway.Life;

/// <summary>
/// Standard output where another program reads it: with <c>--json</c> and <c>--eve -</c> it has nothing but that. Once reserved, what
/// scripts, the commands they start, and C code of theirs write to standard output goes to standard error. Before scripts are loaded, on
/// one thread.
/// </summary>
internal static class StandardOutput
{
    private static Stream? _reserved;

    /// <summary>
    /// Keeps the stream for <see cref="Open"/> and leads all others to standard error. Where either is closed, all stays as it is.
    /// </summary>
    public static void Reserve()
    {
        if (_reserved is not null)
            return;
        _ = Console.IsOutputRedirected; // remembered, before the stream of that number is another
        try
        {
            _reserved = Console.OpenStandardOutput(); // a descriptor of its own
            CommandOutput.LeadToError();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Who writes there is told when he does.
        }
    }

    /// <summary>The stream; not to be closed.</summary>
    public static Stream Open() => _reserved is null ? StandardStreams.OpenOutput() : StandardStreams.ToOutput(_reserved);
}
