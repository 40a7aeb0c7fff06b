using System.Collections;
using System.CommandLine;
using System.CommandLine.Parsing;

namespace Spillway.Configuration;

/// <summary>
/// What a command is to do, by configuration file, environment and command line, of which each goes before the one in front of it. What the
/// first two say becomes arguments, so that an option means the same wherever it is set.
/// </summary>
internal sealed class EffectiveSettings
{
    // What to read is one decision: who makes it on the command line does not mean what the file says of it.
    private static readonly string[] Sources = ["--read", "--interface", "--input"];
    private static readonly string[] OfInterfaces = ["--snaplen", "--buffer", "--no-promisc", "--fanout", "--user", "--duration"];

    private readonly List<string> _errors = [];

    private EffectiveSettings(Command command) => Catalog = new OptionCatalog(command);

    /// <summary>What can be set.</summary>
    public OptionCatalog Catalog { get; }

    /// <summary>What is set by file and environment and not by the command line.</summary>
    public IReadOnlyList<Setting> Settings { get; private set; } = [];

    /// <summary>What is wrong, each with its place.</summary>
    public IReadOnlyList<string> Errors => _errors;

    /// <summary>The arguments that mean what file and environment say.</summary>
    public IEnumerable<string> Arguments => Settings.SelectMany(setting => setting.Arguments);

    /// <summary>Gathers them.</summary>
    /// <param name="command">The command whose options are set.</param>
    /// <param name="file">The configuration file; null for none.</param>
    /// <param name="environment">The process's variables.</param>
    /// <param name="line">What the command line says; null for nothing.</param>
    public static EffectiveSettings Gather(Command command, string? file, IDictionary environment, CommandResult? line = null)
    {
        var effective = new EffectiveSettings(command);
        var byOption = new Dictionary<OptionEntry, Setting>();
        if (file is not null)
        {
            ConfigurationFile read = ConfigurationFile.Read(file, effective.Catalog);
            effective._errors.AddRange(read.Errors);
            foreach (Setting setting in read.Settings)
                byOption[setting.Entry] = setting;
        }

        foreach (Setting setting in EnvironmentSettings.Read(effective.Catalog, environment, effective._errors))
            byOption[setting.Entry] = setting;
        foreach (Setting setting in byOption.Values)
            effective.Check(setting);
        effective.Settings =
        [
            .. byOption.Values.Where(setting => line is null || !IsDecided(setting.Entry.Option, line, effective.Catalog)),
        ];
        return effective;
    }

    private static bool IsDecided(Option option, CommandResult line, OptionCatalog catalog)
    {
        if (IsGiven(option))
            return true;
        bool isOfSources = Sources.Contains(option.Name) || OfInterfaces.Contains(option.Name);
        return isOfSources
            && catalog.Entries.Any(entry => Sources.Contains(entry.Option.Name) && IsGiven(entry.Option))
            && !(OfInterfaces.Contains(option.Name) && catalog.TryGet("interface", out OptionEntry? name) && IsGiven(name.Option));

        bool IsGiven(Option which) => line.GetResult(which) is { Implicit: false };
    }

    // By itself, so that what is wrong is said of its place and not of the whole line.
    private void Check(Setting setting)
    {
        foreach (string flaw in setting.Entry.Flaws(setting.Values))
            _errors.Add($"{setting.Origin}: {flaw.Replace(setting.Entry.Option.Name, setting.Name, StringComparison.Ordinal)}");
    }
}
