using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spillway.Life;
using Spillway.LuaJit;
using Spillway.Run;
using Spillway.Scripting.Authoring;
using Spillway.Scripting.Blocks;
using Spillway.Scripting.Loading;

namespace Spillway.CommandLine;

/// <summary><c>spillway scripts check</c>: what a run would not tell an author, or too late.</summary>
internal static partial class ScriptsCheckCommand
{
    private static readonly Argument<string[]> Paths = new("FILE")
    {
        Description = "Scripts, or directories that are searched with all below them",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON" };

    private static readonly Option<bool> NoLoad = new("--no-onload")
    {
        Description = "Run the main chunk only, neither onload nor onunload",
    };

    private static readonly Option<string> Arguments = new("--args")
    {
        Description = "Text for scripts, as T.args",
        HelpName = "TEXT",
        DefaultValueFactory = _ => "",
    };

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command(
            "check",
            "Load scripts and look for mistakes: names that nobody knows, GUIDs, what cannot work on a worker, ..."
        )
        {
            Paths,
            Json,
            NoLoad,
            Arguments,
        };
        command.SetAction(result =>
            Execute(result.GetValue(Paths)!, result.GetValue(Json), !result.GetValue(NoLoad), result.GetValue(Arguments)!)
        );
        return command;
    }

    private static int Execute(string[] paths, bool json, bool runsLoad, string arguments)
    {
        var files = new ScriptFiles();
        foreach (string path in paths)
        {
            bool isThere = files.TryAdd(path, out string message);
            if (message.Length > 0)
                Console.Error.WriteLine($"{(isThere ? "warning" : "error")}: {message}");
            if (!isThere)
                return ExitCodes.Usage;
        }

        // What onload writes below App>DBRoot goes when the check is over.
        DirectoryInfo directory = Directory.CreateTempSubdirectory("spillway-check-");
        try
        {
            var options = new RunOptions { Output = directory.FullName, Arguments = arguments };
            using var inspector = new ScriptInspector(ProbeConfiguration.Create(options, directory.FullName));
            List<(string Path, IReadOnlyList<ScriptFinding> Findings)> checks =
            [
                .. new ScriptChecker(inspector).Check(files.Found, runsLoad),
            ];
            if (json)
                Console.Out.WriteLine(
                    JsonSerializer.Serialize(
                        checks.Select(check => new File(check.Path, check.Findings)),
                        CheckJson.Default.IEnumerableFile
                    )
                );
            else
                Write(checks);
            return checks.Exists(check => check.Findings.Any(IsSerious)) ? ExitCodes.ScriptErrors : ExitCodes.Good;
        }
        catch (LuaException exception)
        {
            Console.Error.WriteLine("error: " + exception.Message);
            return ExitCodes.Failed;
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    // One line for the fact, in the form that editors jump from, and one for the remedy.
    private static void Write(List<(string Path, IReadOnlyList<ScriptFinding> Findings)> checks)
    {
        int errors = 0,
            warnings = 0;
        foreach ((string path, IReadOnlyList<ScriptFinding> findings) in checks)
        {
            foreach (ScriptFinding finding in findings)
            {
                if (finding.Severity == FindingSeverity.Error)
                    errors++;
                if (finding.Severity == FindingSeverity.Warning)
                    warnings++;
                string place = finding.Line > 0 ? FormattableString.Invariant($"{finding.File ?? path}:{finding.Line}") : path;
                Console.Out.WriteLine(SafeText.Clean($"{place}: {NameOf(finding.Severity)}: {finding.Message.Split('\n')[0]}"));
                foreach (string more in finding.Message.Split('\n').Skip(1))
                    Console.Out.WriteLine(SafeText.Clean(more));
                Console.Out.WriteLine(SafeText.Clean($"    {finding.Remedy}"));
            }
        }

        Console.Out.WriteLine(
            $"{Units.Count(checks.Count, "file")} checked: {Units.Count(errors, "error")}, {Units.Count(warnings, "warning")}"
        );
    }

    private static bool IsSerious(ScriptFinding finding) => finding.Severity != FindingSeverity.Note;

    private static string NameOf(FindingSeverity severity) =>
        severity switch
        {
            FindingSeverity.Error => "error",
            FindingSeverity.Warning => "warning",
            _ => "note",
        };

    private sealed record File(string Path, IReadOnlyList<ScriptFinding> Findings);

    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        UseStringEnumConverter = true
    )]
    [JsonSerializable(typeof(IEnumerable<File>))]
    private sealed partial class CheckJson : JsonSerializerContext;
}
