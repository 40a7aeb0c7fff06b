using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;
using Spillway.Life;

namespace Spillway.CommandLine;

/// <summary><c>--version</c>: the program's name and version, and the commit that it was built from.</summary>
internal static class ProgramVersion
{
    /// <summary>The version with its commit, as <c>0.2.0+1a2b3c...</c>.</summary>
    public static string Text { get; } =
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    /// <summary>The option.</summary>
    public static Option Option() => new VersionOption { Action = new Print() };

    private sealed class Print : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine($"spillway {Text}");
            return ExitCodes.Good;
        }
    }
}
