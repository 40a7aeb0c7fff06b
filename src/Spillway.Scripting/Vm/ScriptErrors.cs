using System.Text.RegularExpressions;

namespace Spillway.Scripting.Vm;

/// <summary>
/// Counts a script's errors in full and tells them sparingly: of each kind (callback and message) the first, then the 10th, the 100th, ...
/// so that a callback that raises on every packet neither hides nor floods.
/// </summary>
internal sealed partial class ScriptErrors(string script, IScriptOutput output)
{
    private const int MaxKinds = 64;

    private readonly Dictionary<(string, string), Kind> _kinds = [];

    /// <summary>All errors.</summary>
    public long Count { get; private set; }

    /// <summary>The first one's message, without traceback.</summary>
    public string? First { get; private set; }

    /// <summary>The first one with its traceback.</summary>
    public string? FirstText { get; private set; }

    /// <summary>Adds an error with its traceback.</summary>
    /// <param name="same">What errors of its kind have in common; null if the first line says it.</param>
    /// <returns>Whether it was told.</returns>
    public bool Add(string callback, string text, string? same = null)
    {
        Count++;
        text = WithoutOurFrames(OurPlace().Replace(text, ""));
        int end = text.IndexOf('\n', StringComparison.Ordinal);
        string message = end < 0 ? text : text[..end];
        First ??= $"{callback}: {message}";
        FirstText ??= text;

        // Messages that differ in every case (an address, a counter in them) share the last kind.
        (string, string) key = (callback, same ?? message);
        if (_kinds.Count >= MaxKinds && !_kinds.ContainsKey(key))
            key = ("", "");
        if (!_kinds.TryGetValue(key, out Kind? kind))
            _kinds.Add(key, kind = new Kind());
        kind.Count++;
        if (kind.Count < kind.TellAt)
            return false;
        output.Error(script, callback, text, kind.Count - kind.Told - 1);
        kind.Told = kind.Count;
        kind.TellAt *= 10;
        return true;
    }

    // A traceback shows the script's own functions; a line of ours would lead nowhere.
    private static string WithoutOurFrames(string text)
    {
        const string Title = "stack traceback:";
        int title = text.IndexOf(Title, StringComparison.Ordinal);
        if (title < 0)
            return text;
        string[] frames = text[(title + Title.Length)..].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        IEnumerable<string> kept = frames.Where(frame => !frame.TrimStart().StartsWith("(spillway ", StringComparison.Ordinal));
        string rest = string.Join('\n', kept);
        return rest.Length == 0 ? text[..title].TrimEnd('\n') : $"{text[..title]}{Title}\n{rest}";
    }

    // A function that the callback calls last has no caller but ours: `return text:format(1)`.
    [GeneratedRegex(@"\A\(spillway [^)]*\):[0-9]+: ")]
    private static partial Regex OurPlace();

    private sealed class Kind
    {
        public long Count { get; set; }
        public long Told { get; set; }
        public long TellAt { get; set; } = 1;
    }
}
