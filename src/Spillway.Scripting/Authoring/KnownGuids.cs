using Spillway.Metrics.Groups;
using Spillway.Scripting.Blocks;

namespace Spillway.Scripting.Authoring;

/// <summary>The GUIDs that a script may name, by what they stand for: the same GUID may mean two things of different kinds.</summary>
public sealed class KnownGuids
{
    private const int MaxSlips = 3;

    private readonly List<(string Kind, string Guid, string Name)> _all = [];

    /// <summary>Gathers those of every probe and of published scripts.</summary>
    public KnownGuids()
    {
        var registry = new GroupRegistry();
        foreach (CounterGroup group in registry.CounterGroups)
            _all.Add(("counter", group.Guid, group.Name));
        AddNamed("alert", GroupKind.Alert);
        AddNamed("resource", GroupKind.Resource);
        AddNamed("fts", GroupKind.Fts);
        AddNamed("session", GroupKind.Session);
        _all.Add(("counter", "{9807E97A-6CD2-442F-BB18-8C104C8EB204}", "HostsIPv6")); // the alias that all scripts use
        using Stream stream = typeof(KnownGuids).Assembly.GetManifestResourceStream("published-guids.tsv")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line is ['#', ..] or "")
                continue;
            string[] columns = line.Split('\t');
            _all.Add((columns[0], columns[1], columns[2]));
        }

        void AddNamed(string kind, GroupKind group)
        {
            foreach (NamedGroup named in registry.NamedGroups(group))
                _all.Add((kind, named.Guid, named.Name));
        }
    }

    /// <summary>All of them: kind (protocol, counter, alert, resource, fts, session), GUID in upper case, title.</summary>
    public IReadOnlyList<(string Kind, string Guid, string Name)> All => _all;

    /// <summary>A GUID in the form that every API function takes: braces, any case.</summary>
    internal static bool IsGuid(string text) => Guid.TryParseExact(text, "B", out _);

    /// <summary>The title of a GUID of a kind; null if it is not known.</summary>
    internal string? TitleOf(string kind, string guid) =>
        _all.Find(known => known.Kind == kind && known.Guid.Equals(guid, StringComparison.OrdinalIgnoreCase)).Name;

    /// <summary>
    /// What a GUID stands for if it is of another kind, such as <c>the counter group Hosts</c>; null if it is not known at all.
    /// </summary>
    internal string? OtherMeaning(string guid)
    {
        (string kind, _, string name) = _all.Find(known => known.Guid.Equals(guid, StringComparison.OrdinalIgnoreCase));
        return name is null ? null : $"the {Describe(kind)} {name}";
    }

    /// <summary>The known GUID of a kind that may have been meant: one with few other digits.</summary>
    internal (string Guid, string Name)? Nearest(string kind, string guid)
    {
        (string, string)? nearest = null;
        int limit = MaxSlips;
        foreach ((string knownKind, string knownGuid, string name) in _all)
        {
            if (knownKind != kind)
                continue;
            int distance = Spelling.Distance(guid, knownGuid, limit);
            if (distance == 0 || distance > limit)
                continue;
            (nearest, limit) = ((knownGuid, name), distance - 1);
        }

        return nearest;
    }

    /// <summary>A kind in words.</summary>
    internal static string Describe(string kind) =>
        kind switch
        {
            "protocol" => "protocol",
            "fts" => "full-text group",
            _ => kind + " group",
        };
}
