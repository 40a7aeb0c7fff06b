using Spillway.Async.Native;

namespace Spillway.Async.Commands;

/// <summary>Where commands and C code of scripts write: the process's standard output, which they take without asking.</summary>
public static class CommandOutput
{
    private const int Output = 1;
    private const int Error = 2;

    /// <summary>
    /// From here on that is standard error, for the process and all that it starts. A stream that was opened before keeps its file.
    /// </summary>
    /// <returns>False if standard error is closed: then all stays as it is.</returns>
    public static bool LeadToError() => Libc.Duplicate(Error, Output) >= 0;
}
