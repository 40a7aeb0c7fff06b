using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using Spillway.Questions;

namespace Spillway.Configuration;

/// <summary>All options of a command that a configuration file may set, by section.</summary>
internal sealed class OptionCatalog
{
    // About the call, not about what is done.
    private static readonly string[] NotInFiles = ["--help", "--version", "--config"];

    private readonly Dictionary<string, OptionEntry> _byKey;

    /// <summary>The catalog of a command.</summary>
    public OptionCatalog(Command command)
    {
        Dictionary<string, Option> options = command
            .Options.Where(option => !NotInFiles.Contains(option.Name))
            .ToDictionary(option => option.Name);
        Sections =
        [
            .. OptionSections
                .Of(options.Keys)
                .Select(section => (section, section.Options.Select(name => new OptionEntry(options[name], section.Key)).ToArray())),
        ];
        _byKey = Sections.SelectMany(section => section.Entries).ToDictionary(entry => entry.Key);
    }

    /// <summary>The sections in order, each with its options.</summary>
    public IReadOnlyList<(OptionSection Section, OptionEntry[] Entries)> Sections { get; }

    /// <summary>All options.</summary>
    public IEnumerable<OptionEntry> Entries => Sections.SelectMany(section => section.Entries);

    /// <summary>Finds an option by its key.</summary>
    public bool TryGet(string key, [NotNullWhen(true)] out OptionEntry? entry) => _byKey.TryGetValue(key, out entry);

    /// <summary>The key that is most like one that is unknown; null if none is alike.</summary>
    public string? NearestKey(string key) => NearestOf(key, _byKey.Keys);

    /// <summary>The section that is most like one that is unknown; null if none is alike.</summary>
    public string? NearestSection(string key) => NearestOf(key, Sections.Select(section => section.Section.Key));

    private static string? NearestOf(string word, IEnumerable<string> words) =>
        Nearest.To(word, words, most: 1) is [var near] ? near : null;
}
