namespace Spillway.Scripting.Blocks;

/// <summary>How much a finding matters.</summary>
public enum FindingSeverity
{
    /// <summary>Good to know; the script does what it says.</summary>
    Note,

    /// <summary>A part of the script probably does not do what was meant.</summary>
    Warning,

    /// <summary>The script does not load.</summary>
    Error,
}

/// <summary>Something a script's author should know.</summary>
/// <param name="Line">Line in the file, from 1; 0 if there is none.</param>
/// <param name="Message">What is the case.</param>
/// <param name="Remedy">What to do about it.</param>
public sealed record ScriptFinding(FindingSeverity Severity, int Line, string Message, string Remedy)
{
    /// <summary>The file that the line is in, if that is a module that the script requires; null for the script itself.</summary>
    public string? File { get; init; }
}
