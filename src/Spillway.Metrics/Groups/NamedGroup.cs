namespace Spillway.Metrics.Groups;

/// <summary>The kinds of group that a GUID may name besides counter groups. GUIDs are scoped by kind.</summary>
public enum GroupKind : byte
{
    /// <summary>Counter groups.</summary>
    Counter,

    /// <summary>Alert groups.</summary>
    Alert,

    /// <summary>Resource groups.</summary>
    Resource,

    /// <summary>Full-text document groups.</summary>
    Fts,

    /// <summary>Session (flow) groups.</summary>
    Session,
}

/// <summary>An alert, resource, full-text or session group.</summary>
/// <param name="Index">Position among the groups of its kind.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Guid">Canonical GUID.</param>
/// <param name="Name">Title.</param>
/// <param name="Description">Longer text, or empty.</param>
public sealed record NamedGroup(int Index, GroupKind Kind, string Guid, string Name, string Description);
