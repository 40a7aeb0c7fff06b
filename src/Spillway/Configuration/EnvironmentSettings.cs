using System.Collections;

namespace Spillway.Configuration;

/// <summary>What variables of the environment set: <c>SPILLWAY_ASYNC_MEMORY=128M</c>. Lists are separated by commas.</summary>
internal static class EnvironmentSettings
{
    /// <summary>The variable that names the configuration file.</summary>
    public const string FileVariable = "SPILLWAY_CONFIG";

    /// <summary>The settings; problems go to <paramref name="errors"/>.</summary>
    public static IReadOnlyList<Setting> Read(OptionCatalog catalog, IDictionary environment, List<string> errors)
    {
        var settings = new List<Setting>();
        foreach (OptionEntry entry in catalog.Entries)
        {
            if (environment[entry.Variable] is not string { Length: > 0 } text)
                continue;
            if (!entry.IsFlag)
                settings.Add(new Setting(entry, entry.IsList ? text.Split(',') : [text], entry.Variable));
            else if (ConfigurationFile.ToFlag(text) is { } flag)
                settings.Add(new Setting(entry, [flag ? "true" : "false"], entry.Variable));
            else
                errors.Add($"{entry.Variable}: '{text}' is neither true nor false");
        }

        return settings;
    }
}
