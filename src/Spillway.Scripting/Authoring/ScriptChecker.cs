using Spillway.Scripting.Authoring.Rules;
using Spillway.Scripting.Blocks;

namespace Spillway.Scripting.Authoring;

/// <summary>
/// Checks scripts for what a run would not tell, or too late: see <c>docs/script-api/checking.md</c>. A script is loaded as the loader does
/// it (main chunk, onload, onunload; T.async has no effect), and its source is read.
/// </summary>
public sealed class ScriptChecker
{
    private readonly ScriptInspector _inspector;
    private readonly KnownGuids _guids = new();

    /// <summary>Creates a checker that loads scripts by an inspector.</summary>
    public ScriptChecker(ScriptInspector inspector) => _inspector = inspector;

    /// <summary>Checks files. What one declares, the others may use; so may what scripts in the same directories declare.</summary>
    /// <param name="files">Paths, each with whether it was named; what was only found need not be a script.</param>
    /// <param name="runsLoad">Whether onload and onunload run.</param>
    /// <returns>Each file with its findings in the order of lines.</returns>
    public IEnumerable<(string Path, IReadOnlyList<ScriptFinding> Findings)> Check(
        IReadOnlyList<(string Path, bool Named)> files,
        bool runsLoad
    )
    {
        var declared = new HashSet<string>();
        var seen = new HashSet<string>();
        foreach ((string path, _) in files)
            DeclaredGuids.AddAround(path, declared, seen);
        foreach ((string path, bool named) in files)
        {
            IReadOnlyList<ScriptFinding> findings;
            try
            {
                findings = [.. CheckOne(path, named, declared, runsLoad).Distinct().OrderBy(finding => finding.Line)];
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                findings =
                [
                    new ScriptFinding(
                        FindingSeverity.Error,
                        0,
                        $"cannot be read: {exception.Message}",
                        "give the path of a file that can be read"
                    ),
                ];
            }

            yield return (path, findings);
        }
    }

    private IEnumerable<ScriptFinding> CheckOne(string path, bool named, HashSet<string> declared, bool runsLoad)
    {
        ProbedScript probed = _inspector.Probe(path, named, runsLoad);
        if (probed.MainError is { } error)
        {
            // Tools lie among scripts that need what only they are given; the loader leaves them alone too.
            if (probed.Kind == ScriptFileKind.Helper && !named)
                yield return ErrorPlace.Find(
                    probed,
                    "",
                    error,
                    FindingSeverity.Note,
                    "it has no TrisulPlugin and is not loaded as a script"
                );
            else
                yield return ErrorPlace.Find(probed, "", error, FindingSeverity.Error, "the script is not loaded until this is mended");
            yield break;
        }

        if (probed.Description is not { } description)
        {
            yield return new ScriptFinding(
                FindingSeverity.Note,
                0,
                "has no TrisulPlugin table: it is a module or a tool and is not loaded as a script",
                "a script sets TrisulPlugin = { id = { name = \"...\" }, ... }"
            );
            yield break;
        }

        var script = new CheckedScript(probed, _inspector.Api, _guids, declared);
        if (description.Fatal is { } fatal)
            yield return new ScriptFinding(
                FindingSeverity.Error,
                script.Chunk.LineOf(fatal.StartsWith("request", StringComparison.Ordinal) ? "request_async_workers" : "TrisulPlugin"),
                fatal,
                "the script is not loaded until this is mended"
            );
        if (probed.LoadError is { } raised)
            yield return ErrorPlace.Find(
                probed,
                "onload raised: ",
                raised,
                FindingSeverity.Error,
                "the script does not run until this is mended"
            );
        else if (probed.Vetoed)
            yield return new ScriptFinding(
                FindingSeverity.Note,
                0,
                "onload returned false: here the script does not want to run",
                "see what onload asks for; spillway run --log-level info tells it too"
            );
        if (probed.UnloadError is { } unloading)
            yield return ErrorPlace.Find(
                probed,
                "onunload raised: ",
                unloading,
                FindingSeverity.Warning,
                "the script runs; what onunload has to do at its end is left undone"
            );
        foreach (ScriptFinding finding in script.Probed.Shape is { } shape ? FieldRules.Check(shape, script.Chunk) : [])
            yield return finding;
        foreach (ScriptFinding finding in DeclarationRules.Check(script))
            yield return finding;
        foreach (ScriptFinding finding in GuidRules.Check(script))
            yield return finding;
        foreach (ScriptFinding finding in MemberRules.Check(script))
            yield return finding;
        foreach (ScriptFinding finding in WorkerRules.Check(script))
            yield return finding;
        foreach (ScriptFinding finding in BlockingRules.Check(script))
            yield return finding;
    }
}
