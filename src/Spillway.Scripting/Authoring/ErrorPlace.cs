using System.Globalization;
using System.Text.RegularExpressions;
using Spillway.Scripting.Blocks;

namespace Spillway.Scripting.Authoring;

/// <summary>Where a Lua error is: in the script, or in a module that it requires.</summary>
internal static partial class ErrorPlace
{
    /// <summary>Turns an error into a finding at its file and line, with the line itself.</summary>
    /// <param name="what">What goes before the message, such as <c>onload raised: </c>.</param>
    /// <param name="error">The message, which mostly begins with its place, and a traceback.</param>
    public static ScriptFinding Find(ProbedScript probed, string what, string error, FindingSeverity severity, string remedy)
    {
        int traceback = error.IndexOf("stack traceback:", StringComparison.Ordinal);
        string[] lines = (traceback < 0 ? error : error[..traceback]).Split(
            '\n',
            StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries
        );

        // A module that does not compile has its place in the second line, below the name of the module.
        for (int i = 0; i < lines.Length; i++)
        {
            if (Place().Match(lines[i]) is not { Success: true } place)
                continue;
            string message = lines[i][place.Length..];
            if (i > 0)
                message = $"{lines[0].TrimEnd(':')}: {message}";
            return At(probed, place, what + message, severity, remedy);
        }

        string first = what + (lines.Length > 0 ? lines[0] : error);
        Match? frame =
            traceback < 0
                ? null
                : Frame().Matches(error[traceback..]).FirstOrDefault(match => IsOf(probed.Path, match.Groups["file"].Value));
        return frame is null ? new ScriptFinding(severity, 0, first, remedy) : At(probed, frame, first, severity, remedy);
    }

    private static ScriptFinding At(ProbedScript probed, Match place, string message, FindingSeverity severity, string remedy)
    {
        string file = place.Groups["file"].Value;
        if (!int.TryParse(place.Groups["line"].ValueSpan, CultureInfo.InvariantCulture, out int line))
            line = 0;
        bool isScript = IsOf(probed.Path, file);
        string[] source = isScript ? probed.Text.Split('\n') : TryRead(file);
        string shown = line > 0 && line <= source.Length ? source[line - 1].Trim() : "";
        return new ScriptFinding(severity, line, shown.Length > 0 ? $"{message}\n    {line} | {shown}" : message, remedy)
        {
            File = isScript ? null : file,
        };
    }

    // Lua shows the end of a long path only, behind three dots.
    private static bool IsOf(string path, string shown) =>
        shown == path || (shown.StartsWith("...", StringComparison.Ordinal) && path.EndsWith(shown[3..], StringComparison.Ordinal));

    private static string[] TryRead(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return []; // a long path, of which only the end is known
        }
    }

    [GeneratedRegex(@"\A(?<file>[^\n]*?\.lua):(?<line>[0-9]+): ?")]
    private static partial Regex Place();

    [GeneratedRegex(@"^\s*(?<file>[^\n]*?\.lua):(?<line>[0-9]+): in ", RegexOptions.Multiline)]
    private static partial Regex Frame();
}
