using Microsoft.Data.Sqlite;
using Spillway.Metrics.Groups;

namespace Spillway.Metrics.Stores;

/// <summary>Enters groups and meters into the store when they are first used, and knows their ids there.</summary>
internal sealed class GroupWriter(SqliteConnection connection) : IDisposable
{
    private readonly Dictionary<(GroupKind Kind, string Guid), long> _ids = [];

    // The name of the run that came last is the one shown.
    private readonly Statement _group = new(
        connection,
        """
        INSERT INTO groups VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT DO UPDATE SET name = excluded.name, description = excluded.description, bucket_seconds = excluded.bucket_seconds,
            resolver_guid = excluded.resolver_guid
        RETURNING group_id
        """
    );

    private readonly Statement _meter = new(connection, "INSERT OR REPLACE INTO meters VALUES (?1, ?2, ?3, ?4, ?5, ?6)");

    public long IdOf(CounterGroup group)
    {
        if (_ids.TryGetValue((GroupKind.Counter, group.Guid), out long id))
            return id;
        id = Enter("counter", group.Guid, group.Name, group.Description, group.BucketSeconds, group.ResolverGuid);
        foreach (Meter? meter in group.Meters)
        {
            if (meter is not null)
                _meter.Execute(id, meter.Id, meter.Name, meter.Type.ToString(), meter.Units, meter.Description);
        }

        _ids.Add((GroupKind.Counter, group.Guid), id);
        return id;
    }

    public long IdOf(NamedGroup group)
    {
        if (_ids.TryGetValue((group.Kind, group.Guid), out long id))
            return id;
        string kind = group.Kind switch
        {
            GroupKind.Alert => "alert",
            GroupKind.Resource => "resource",
            GroupKind.Fts => "document",
            _ => throw new ArgumentException($"no records have groups of kind {group.Kind}", nameof(group)),
        };
        id = Enter(kind, group.Guid, group.Name, group.Description, null, null);
        _ids.Add((group.Kind, group.Guid), id);
        return id;
    }

    /// <summary>Forgets all ids: the transaction that gave them out was taken back.</summary>
    public void Forget() => _ids.Clear();

    public void Dispose()
    {
        _group.Dispose();
        _meter.Dispose();
    }

    private long Enter(string kind, string guid, string name, string description, int? bucketSeconds, string? resolver)
    {
        _group[0] = kind;
        _group[1] = guid;
        _group[2] = name;
        _group[3] = description;
        _group[4] = bucketSeconds;
        _group[5] = resolver;
        return _group.ExecuteNumber();
    }
}
