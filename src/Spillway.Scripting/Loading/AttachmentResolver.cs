using System.Text;
using Spillway.Metrics.Groups;
using Spillway.Scripting.Patterns;

namespace Spillway.Scripting.Loading;

/// <summary>A group that a block watches.</summary>
/// <param name="Guid">Canonical GUID; empty for blocks that watch no group.</param>
/// <param name="Title">Its title.</param>
internal readonly record struct Attachment(string Guid, string Title);

/// <summary>
/// Finds the groups that a block of the metrics pipeline watches (script API, section 1.13): by GUID, part of a title, pattern.
/// </summary>
internal static class AttachmentResolver
{
    /// <summary>
    /// The groups, each once; those named by GUID first, in the order of their names, then those found, in the order of their definition.
    /// </summary>
    /// <param name="block">The block's type.</param>
    /// <param name="description">Records of field and text.</param>
    /// <param name="groups">All groups.</param>
    /// <param name="problems">What the author should know.</param>
    public static List<Attachment> Resolve(
        string block,
        List<string[]> description,
        GroupRegistry groups,
        out IReadOnlyList<string> problems
    )
    {
        var found = new List<Attachment>();
        var told = new List<string>();
        problems = told;
        GroupKind? kind = block switch
        {
            "cg_monitor" => GroupKind.Counter,
            "alert_monitor" => GroupKind.Alert,
            "resource_monitor" => GroupKind.Resource,
            "fts_monitor" => GroupKind.Fts,
            "sg_monitor" => GroupKind.Session,
            _ => null,
        };
        if (kind is null)
            return [default];
        IReadOnlyList<Attachment> all = AllOf(kind.Value, groups);
        if (kind == GroupKind.Session && !description.Exists(record => record[1].Length > 0))
            return [.. all.Where(group => group.Guid == WellKnownGuids.IpFlows)];

        foreach (string[] record in description)
        {
            (string field, string text) = (record[0], record[1]);
            if (text.Length == 0)
                continue;
            if (field.EndsWith("_guid", StringComparison.Ordinal))
                AddByGuid(field, text, kind.Value, groups, found, told);
            else if (field.EndsWith("_name_match", StringComparison.Ordinal))
                AddWhere(group => group.Title.Contains(text, StringComparison.OrdinalIgnoreCase));
            else
                AddByPattern(field, text);
        }

        if (found.Count == 0)
            told.Add($"block '{block}' watches no group that exists: it is not loaded");
        return found;

        void AddWhere(Func<Attachment, bool> isWanted)
        {
            foreach (Attachment group in all)
            {
                if (isWanted(group) && !found.Contains(group))
                    found.Add(group);
            }
        }

        void AddByPattern(string field, string pattern)
        {
            int regex = PatternTable.Compile(
                Encoding.UTF8.GetBytes(pattern),
                PatternOptions.Utf8 | PatternOptions.CaseSensitive,
                out string? error
            );
            if (error is not null)
            {
                told.Add($"{block}.{field}: {error}");
                return;
            }

            var spans = new int[2];
            AddWhere(group => PatternTable.Match(regex, Encoding.UTF8.GetBytes(group.Title), full: false, spans) > 0);
        }
    }

    private static void AddByGuid(
        string field,
        string guid,
        GroupKind kind,
        GroupRegistry groups,
        List<Attachment> found,
        List<string> told
    )
    {
        Attachment group = default;
        if (kind == GroupKind.Counter && groups.FindCounterGroup(guid) is { } counter)
            group = new Attachment(counter.Guid, counter.Name);
        else if (kind != GroupKind.Counter && groups.FindNamedGroup(kind, guid) is { } named)
            group = new Attachment(named.Guid, named.Name);
        if (group.Guid is null)
            told.Add($"{field} {guid} names no group: load the script that defines it too");
        else if (!found.Contains(group))
            found.Add(group);
    }

    private static IReadOnlyList<Attachment> AllOf(GroupKind kind, GroupRegistry groups) =>
        kind == GroupKind.Counter
            ? [.. groups.CounterGroups.Select(group => new Attachment(group.Guid, group.Name))]
            : [.. groups.NamedGroups(kind).Select(group => new Attachment(group.Guid, group.Name))];
}
