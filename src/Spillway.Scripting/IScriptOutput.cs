namespace Spillway.Scripting;

/// <summary>Levels of T.log (script API, section 2.2).</summary>
public enum ScriptLogLevel
{
    /// <summary>The system is unusable.</summary>
    Emergency = 0,

    /// <summary>The program cannot go on.</summary>
    Fatal = 1,

    /// <summary>Action must be taken at once.</summary>
    Alert = 2,

    /// <summary>A critical condition.</summary>
    Critical = 3,

    /// <summary>An error.</summary>
    Error = 4,

    /// <summary>A warning.</summary>
    Warning = 5,

    /// <summary>Normal but significant.</summary>
    Notice = 6,

    /// <summary>For information.</summary>
    Information = 7,

    /// <summary>For debugging; the default of T.log.</summary>
    Debug = 8,
}

/// <summary>Where scripts' words go. Called from lanes and workers at once: implementations synchronise.</summary>
public interface IScriptOutput
{
    /// <summary>A <c>print</c>: bytes with the line's end.</summary>
    void Print(string script, ReadOnlySpan<byte> line);

    /// <summary>What a script writes to <c>io.stderr</c>: bytes as they are.</summary>
    void PrintError(string script, ReadOnlySpan<byte> text);

    /// <summary>Brings what was printed to its destination: a command that the script starts may write there too.</summary>
    void Flush();

    /// <summary>A line of T.log.</summary>
    void Log(string script, ScriptLogLevel level, string message);

    /// <summary>A script could not be loaded, or a part of it could not.</summary>
    void LoadFailure(string script, string message);

    /// <summary>A script that runs is told something about its form. Once per cause.</summary>
    void Problem(string script, string message);

    /// <summary>
    /// A callback or task raised. The text holds message and traceback. Called for the first errors of a kind only;
    /// <paramref name="repeats"/> tells how many of the kind were counted without being told since the last call.
    /// </summary>
    void Error(string script, string callback, string text, long repeats);

    /// <summary>A host function failed: a bug of ours.</summary>
    void Fault(string script, Exception exception);
}
