using System.Collections;
using System.CommandLine;

namespace Spillway.Configuration;

/// <summary>
/// Looks at the configuration file of a run that goes on. A wrong one is refused as a whole and changes nothing; what is different in a
/// good one is named, since it takes a restart. Lists, thresholds and backend scripts need no word: the run sees itself that those change.
/// </summary>
internal sealed class ConfigurationReload(Command command, string file, IDictionary environment)
{
    private readonly IReadOnlyList<Setting> _held = EffectiveSettings.Gather(command, file, environment).Settings;

    /// <summary>What there is to say, line by line.</summary>
    public IEnumerable<string> Look()
    {
        var now = EffectiveSettings.Gather(command, file, environment);
        if (now.Errors.Count > 0)
        {
            return now
                .Errors.Select(error => $"warning: {error}")
                .Append($"warning: {file} is refused as a whole, and the run goes on as it is; to check it: spillway config check {file}");
        }

        Dictionary<string, string> before = TextOf(_held);
        Dictionary<string, string> after = TextOf(now.Settings);
        string[] changed =
        [
            .. before.Keys.Union(after.Keys).Where(key => before.GetValueOrDefault(key) != after.GetValueOrDefault(key)).Order(),
        ];
        return changed.Length == 0
            ? [$"{file} is as it was"]
            : [$"{file} has changed ({string.Join(", ", changed)}): a restart takes that; until then the run goes on as it is"];
    }

    // With the entries of this command: those of another reading are other objects.
    private static Dictionary<string, string> TextOf(IReadOnlyList<Setting> settings) =>
        settings.ToDictionary(setting => setting.Name, setting => string.Join('\0', setting.Values));
}
