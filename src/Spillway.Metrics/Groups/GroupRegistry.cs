namespace Spillway.Metrics.Groups;

/// <summary>
/// All groups, by kind. Those that every probe knows are read at the first look-up; scripts add theirs while they load.
/// Thread-safe; the packet path caches the index that a look-up returns and never comes here.
/// </summary>
public sealed class GroupRegistry
{
    /// <summary>The index of an unknown group: updates for it are ignored.</summary>
    public const int Unknown = -1;

    // Look-ups of unknown GUIDs that are remembered, so that each is reported once.
    private const int MaxRememberedUnknown = 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, CounterGroup> _countersByGuid = [];
    private readonly List<CounterGroup> _counters = [];
    private readonly Dictionary<string, NamedGroup>[] _namedByGuid =
    [
        [],
        [],
        [],
        [],
        [],
    ];
    private readonly List<NamedGroup>[] _named =
    [
        [],
        [],
        [],
        [],
        [],
    ];
    private readonly List<(CounterGroup Group, string Key, string Label)> _keyLabels = [];

    // The kind's digit before the GUID: a set of strings needs no compilation at start-up, a set of pairs does.
    private readonly HashSet<string> _unknown = [];
    private bool _loaded;

    /// <summary>Called once for each GUID that nobody defined, with its canonical form; for a line in the log.</summary>
    public Action<GroupKind, string>? UnknownGroupSeen { get; set; }

    /// <summary>A copy of the counter groups, by index.</summary>
    public IReadOnlyList<CounterGroup> CounterGroups
    {
        get
        {
            lock (_lock)
            {
                Load();
                return [.. _counters];
            }
        }
    }

    /// <summary>A copy of the key labels that definitions brought along, from the one with that number on.</summary>
    public IReadOnlyList<(CounterGroup Group, string Key, string Label)> KeyLabelsFrom(int first)
    {
        lock (_lock)
            return first >= _keyLabels.Count ? [] : _keyLabels[first..];
    }

    /// <summary>A copy of the groups of a kind other than counter groups, by index.</summary>
    public IReadOnlyList<NamedGroup> NamedGroups(GroupKind kind)
    {
        lock (_lock)
        {
            Load();
            return [.. _named[(int)kind]];
        }
    }

    /// <summary>
    /// Takes over a script's definition. If the GUID exists the first script's definition stays, and gets the meters that it lacks; a
    /// well-known group that traffic does not feed is the script's from now on.
    /// Tables know new meters from the next window on, so scripts define their groups before the first packet.
    /// </summary>
    /// <exception cref="ArgumentException">The definition contradicts itself; the message is meant for the script's author.</exception>
    public CounterGroup Add(CounterGroupDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        foreach (Meter meter in definition.Meters)
        {
            if (meter.Id is < 0 or > Meter.MaxId)
                throw new ArgumentException(
                    $"counter group \"{definition.Name}\": meter id {meter.Id} is outside 0 to {Meter.MaxId}.",
                    nameof(definition)
                );
            if (!MeterTypes.IsKnown((int)meter.Type))
                throw new ArgumentException(
                    $"counter group \"{definition.Name}\": meter {meter.Id} has no type of T.K.vartype.",
                    nameof(definition)
                );
        }

        definition = definition with
        {
            Guid = GroupGuid.Canonical(definition.Guid),
            ResolverGuid = string.IsNullOrWhiteSpace(definition.ResolverGuid) ? null : GroupGuid.Canonical(definition.ResolverGuid),
        };
        lock (_lock)
        {
            Load();
            return AddLocked(definition, isScriptDefined: true);
        }
    }

    /// <summary>Adds an alert, resource, full-text or session group; of two with one GUID the first counts.</summary>
    public NamedGroup Add(GroupKind kind, string guid, string name, string description)
    {
        ArgumentOutOfRangeException.ThrowIfEqual((int)kind, (int)GroupKind.Counter);
        string canonical = GroupGuid.Canonical(guid);
        lock (_lock)
        {
            Load();
            return AddNamed(kind, canonical, name, description);
        }
    }

    /// <summary>The counter group with that GUID, in any case, or null.</summary>
    public CounterGroup? FindCounterGroup(string guid)
    {
        lock (_lock)
        {
            Load();
            return _countersByGuid.GetValueOrDefault(guid.Trim().ToUpperInvariant());
        }
    }

    /// <summary>The group of another kind with that GUID, in any case, or null.</summary>
    public NamedGroup? FindNamedGroup(GroupKind kind, string guid)
    {
        lock (_lock)
        {
            Load();
            return _namedByGuid[(int)kind].GetValueOrDefault(guid.Trim().ToUpperInvariant());
        }
    }

    /// <summary>The index of a group, or <see cref="Unknown"/>. Does not allocate for groups that exist.</summary>
    public int Find(GroupKind kind, ReadOnlySpan<byte> guid)
    {
        Span<char> buffer = stackalloc char[GroupGuid.MaxLength];
        ReadOnlySpan<char> canonical = buffer[..GroupGuid.Canonicalize(guid, buffer)];
        bool isNew;
        lock (_lock)
        {
            Load();
            if (kind == GroupKind.Counter)
            {
                if (_countersByGuid.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(canonical, out CounterGroup? group))
                    return group.Index;
            }
            else if (_namedByGuid[(int)kind].GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(canonical, out NamedGroup? group))
            {
                return group.Index;
            }

            isNew = _unknown.Count < MaxRememberedUnknown && _unknown.Add($"{(int)kind}{canonical}");
        }

        if (isNew)
            UnknownGroupSeen?.Invoke(kind, canonical.ToString());
        return Unknown;
    }

    /// <summary>The counter group with that index.</summary>
    public CounterGroup CounterGroup(int index)
    {
        lock (_lock)
            return _counters[index];
    }

    /// <summary>The group of another kind with that index.</summary>
    public NamedGroup NamedGroup(GroupKind kind, int index)
    {
        lock (_lock)
            return _named[(int)kind][index];
    }

    /// <summary>Adds the label of a key of a known counter group.</summary>
    internal void AddKeyLabel(string guid, string key, string label)
    {
        lock (_lock)
        {
            Load();
            _keyLabels.Add((_countersByGuid[guid], key, label));
        }
    }

    internal void AddWellKnown(CounterGroupDefinition definition) => AddLocked(definition, isScriptDefined: false);

    internal void AddAlias(string alias, string guid) => _countersByGuid.Add(alias, _countersByGuid[guid]);

    internal NamedGroup AddNamed(GroupKind kind, string guid, string name, string description)
    {
        if (_namedByGuid[(int)kind].TryGetValue(guid, out NamedGroup? existing))
            return existing;
        var group = new NamedGroup(_named[(int)kind].Count, kind, guid, name, description);
        _named[(int)kind].Add(group);
        _namedByGuid[(int)kind].Add(guid, group);
        return group;
    }

    private CounterGroup AddLocked(CounterGroupDefinition definition, bool isScriptDefined)
    {
        if (_countersByGuid.TryGetValue(definition.Guid, out CounterGroup? group))
        {
            // A script that feeds a group knows its meters better than the list that every probe brings; traffic's own groups stay as they
            // are.
            if (isScriptDefined && group is { IsScriptDefined: false } && !group.IsHeld && !TrafficGroups.Feeds(group.Guid))
                group.TakeOver(definition);
            else
                group.AddMissingMeters(definition.Meters);
        }
        else
        {
            group = new CounterGroup(_counters.Count, definition) { IsScriptDefined = isScriptDefined };
            _counters.Add(group);
            _countersByGuid.Add(definition.Guid, group);
        }

        foreach ((string key, string label) in definition.KeyLabels)
            _keyLabels.Add((group, key, label));
        return group;
    }

    private void Load()
    {
        if (_loaded)
            return;
        _loaded = true;
        WellKnownGroups.AddTo(this);
    }
}
