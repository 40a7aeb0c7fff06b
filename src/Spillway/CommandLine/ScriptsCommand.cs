using System.CommandLine;

namespace Spillway.CommandLine;

/// <summary><c>spillway scripts</c>: what authors of scripts do with them besides running them.</summary>
internal static class ScriptsCommand
{
    /// <summary>Builds the command with its sub-commands.</summary>
    public static Command Create() =>
        new("scripts", "List, check and begin scripts")
        {
            ScriptsListCommand.Create(),
            ScriptsCheckCommand.Create(),
            ScriptsNewCommand.Create(),
            ScriptsGuidsCommand.Create(),
        };
}
