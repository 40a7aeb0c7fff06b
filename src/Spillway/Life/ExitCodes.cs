namespace Spillway.Life;

/// <summary>Exit codes of the program.</summary>
internal static class ExitCodes
{
    /// <summary>All went well.</summary>
    public const int Good = 0;

    /// <summary>The run failed, or a part of it: an input could not be read, results could not be kept.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>The run is complete, but a script had errors.</summary>
    public const int ScriptErrors = 3;

    /// <summary>
    /// SIGINT ended a run over captures before its end; what had begun was finished. As a shell says it: 128 and the signal's number.
    /// </summary>
    public const int Interrupted = 130;

    /// <summary>The same by SIGTERM.</summary>
    public const int Terminated = 143;
}
