namespace Spillway.Async.Inspection;

/// <summary>
/// The rules that scripts scan with: compiled when they are first used, and kept until the program ends, with their errors. Any thread.
/// </summary>
internal static class RuleSets
{
    /// <summary>Different sets of rules that a program may use.</summary>
    public const int MaxSets = 64;

    private static readonly Dictionary<string, Lazy<(YaraRules? Rules, string Error)>> Known = new(StringComparer.Ordinal);
    private static readonly Lock Gate = new();

    /// <summary>The rules; null if they cannot be compiled.</summary>
    /// <param name="text">Rules, if there is a brace in it, as in every rule; else the path of a file or a directory of rules.</param>
    /// <param name="error">Why not, in one line.</param>
    public static YaraRules? Find(string text, out string error)
    {
        Lazy<(YaraRules? Rules, string Error)>? set;
        lock (Gate)
        {
            if (!Known.TryGetValue(text, out set))
            {
                if (Known.Count >= MaxSets)
                {
                    error = $"more than {MaxSets} different sets of rules";
                    return null;
                }

                set = new(() => Compile(text));
                Known.Add(text, set);
            }
        }

        error = set.Value.Error;
        return set.Value.Rules;
    }

    private static (YaraRules?, string) Compile(string text)
    {
        if (YaraRules.FindFlaw() is { } flaw)
            return (null, flaw);
        try
        {
            IReadOnlyList<YaraMessage> messages;
            YaraRules? rules;
            if (text.Contains('{', StringComparison.Ordinal))
            {
                rules = YaraRules.Compile(text, out messages);
            }
            else
            {
                IReadOnlyList<YaraSource> files = YaraFiles.Find(text);
                if (files.Count == 0)
                    return (null, Directory.Exists(text) ? $"no .yar or .yara file in {text}" : $"no such file of rules: {text}");
                rules = YaraRules.Compile(files, out messages);
            }

            YaraMessage? error = messages.FirstOrDefault(message => message.IsError);
            return (rules, rules is not null ? "" : error?.ToString() ?? "the rules cannot be compiled");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (null, exception.Message);
        }
    }
}
