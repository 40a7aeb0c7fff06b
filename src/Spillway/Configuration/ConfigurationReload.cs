using System.Collections;
using System.CommandLine;
using System.CommandLine.Parsing;

namespace Spillway.Configuration;

/// <summary>What came of looking at a configuration file again.</summary>
/// <param name="IsRefused">Whether it is wrong, and nothing of it is taken.</param>
/// <param name="Lines">What there is to say, line by line.</param>
internal sealed record ReloadOutcome(bool IsRefused, IReadOnlyList<string> Lines);

/// <summary>
/// Looks at the configuration file of a run that goes on. A wrong one is refused as a whole and changes nothing. Of a good one, each key
/// that has changed is named, with what became of it: some are taken at once, the others take a restart. Lists, thresholds and backend
/// scripts need no word: the run sees itself that those change.
/// </summary>
/// <param name="command">The run's command.</param>
/// <param name="file">Its file.</param>
/// <param name="environment">Its variables.</param>
/// <param name="line">What was typed, which goes before the file: parsed, and as it was.</param>
internal sealed class ConfigurationReload(
    Command command,
    string file,
    IDictionary environment,
    (CommandResult Parsed, string[] Args)? line
)
{
    private readonly Dictionary<string, Setting> _held = ByName(EffectiveSettings.Gather(command, file, environment).Settings);

    /// <summary>What can be taken while the run goes on: for a key, what takes its new value; null for its default.</summary>
    public Dictionary<string, Action<string?>> Live { get; } = [];

    /// <summary>Looks.</summary>
    public ReloadOutcome Look()
    {
        var now = EffectiveSettings.Gather(command, file, environment);
        string[] errors = [.. now.Errors];
        // What goes together is a matter of the whole.
        if (errors.Length == 0)
            errors = [.. FlawsOfTheWhole().Select(error => $"{file}: {error.TrimEnd('.')}")];
        if (errors.Length > 0)
        {
            return new ReloadOutcome(
                true,
                [.. errors, $"{file} is refused as a whole, and the run goes on as it is; to check it: spillway config check {file}"]
            );
        }

        Dictionary<string, Setting> after = ByName(now.Settings);
        string[] changed = [.. _held.Keys.Union(after.Keys).Where(name => TextOf(_held, name) != TextOf(after, name)).Order()];
        if (changed.Length == 0)
            return new ReloadOutcome(false, [$"{file} is as it was"]);
        string[] lines = [.. changed.Select(name => Take(name, after))];
        return new ReloadOutcome(false, lines);
    }

    private IEnumerable<string> FlawsOfTheWhole()
    {
        var whole = EffectiveSettings.Gather(command, file, environment, line?.Parsed);
        return command.Parse([.. whole.Arguments, .. line?.Args ?? []]).Errors.Select(error => error.Message);
    }

    private string Take(string name, Dictionary<string, Setting> after)
    {
        string key = name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..];
        string change = $"{name} is {Shown(after, name)} now, was {Shown(_held, name)}";
        if (
            line is { } typed
            && command.Options.Any(option => option.Name == "--" + key && typed.Parsed.GetResult(option) is { Implicit: false })
        )
            return $"{file}: {change}: the command line says otherwise";
        if (!Live.TryGetValue(key, out Action<string?>? take))
            return $"{file}: {change}: a restart takes that";
        take(after.TryGetValue(name, out Setting? setting) ? setting.Values[0] : null);
        if (setting is null)
            _held.Remove(name);
        else
            _held[name] = setting;
        return $"{file}: {change}: taken";
    }

    private static string Shown(Dictionary<string, Setting> settings, string name) =>
        settings.TryGetValue(name, out Setting? setting) ? $"'{string.Join(", ", setting.Values)}'" : "left out";

    private static string? TextOf(Dictionary<string, Setting> settings, string name) =>
        settings.TryGetValue(name, out Setting? setting) ? string.Join('\0', setting.Values) : null;

    // With the entries of this command: those of another reading are other objects.
    private static Dictionary<string, Setting> ByName(IReadOnlyList<Setting> settings) => settings.ToDictionary(setting => setting.Name);
}
