using Microsoft.Data.Sqlite;
using Spillway.Metrics.Counters;
using Spillway.Metrics.Records;

namespace Spillway.Metrics.Stores;

/// <summary>
/// The ids of keys in the store. Those in use are remembered, so that a key that comes in every window is looked up in memory;
/// at <see cref="MaxRemembered"/> all are forgotten at once and come back from the store one by one.
/// </summary>
internal sealed class KeyIds : IDisposable
{
    /// <summary>Keys in memory: 12 MB and their bytes.</summary>
    public const int MaxRemembered = 393_216;

    /// <summary>
    /// How many slices later a key may be used without a note of it in its row. The same number in the condition of
    /// <see cref="Retention"/> makes sure that no key in use is removed, not even by another process.
    /// </summary>
    public const int NotedEvery = 10_000;

    private const int MinSlots = 1024;

    private readonly Statement _add;
    private readonly Statement _note;
    private KeyArena _keys = new();
    private Entry[] _slots = new Entry[MinSlots];
    private int _count;

    /// <summary>Prepares the look-up.</summary>
    public KeyIds(SqliteConnection connection)
    {
        _add = new Statement(
            connection,
            """
            INSERT INTO keys (group_id, key, last_slice) VALUES (?1, ?2, ?3)
            ON CONFLICT DO UPDATE SET last_slice = max(last_slice, excluded.last_slice)
            RETURNING key_id
            """
        );
        _note = new Statement(connection, "UPDATE keys SET last_slice = ?2 WHERE key_id = ?1 RETURNING key_id");
    }

    /// <summary>The id of a key that is used in a slice; it is entered if need be.</summary>
    public long IdOf(long group, ReadOnlySpan<byte> key, long slice)
    {
        ulong hash = KeyHash.Combine(KeyHash.Compute(key), (ulong)group);
        int slot = Find(group, key, hash);
        ref Entry entry = ref _slots[slot];
        if (entry.Id != 0)
        {
            if ((uint)slice - entry.NotedSlice <= NotedEvery)
                return entry.Id;
            entry.NotedSlice = (uint)slice;
            _note.Bind(0, entry.Id);
            _note.Bind(1, slice);
            if (_note.ExecuteNumber() != 0)
                return entry.Id;
            return entry.Id = Enter(group, key, slice);
        }

        if (_count == MaxRemembered)
        {
            Forget();
            slot = Find(group, key, hash);
        }

        long id = Enter(group, key, slice);
        _slots[slot] = new Entry
        {
            Hash = (uint)hash,
            Id = id,
            NotedSlice = (uint)slice,
            Group = (int)group,
            Key = _keys.Add(key),
        };
        if (++_count > _slots.Length / 4 * 3 && _count < MaxRemembered)
            Grow();
        return id;
    }

    /// <summary>Forgets all: the transaction that gave them out was taken back.</summary>
    public void Forget()
    {
        _slots = new Entry[MinSlots];
        _keys = new KeyArena();
        _count = 0;
    }

    public void Dispose()
    {
        _add.Dispose();
        _note.Dispose();
    }

    private long Enter(long group, ReadOnlySpan<byte> key, long slice)
    {
        _add.Bind(0, group);
        _add[1] = WireText.Decode(key);
        _add.Bind(2, slice);
        return _add.ExecuteNumber();
    }

    private int Find(long group, ReadOnlySpan<byte> key, ulong hash)
    {
        int mask = _slots.Length - 1;
        for (int slot = (int)hash & mask; ; slot = (slot + 1) & mask)
        {
            ref Entry entry = ref _slots[slot];
            if (entry.Id == 0 || (entry.Hash == (uint)hash && entry.Group == group && _keys[entry.Key].SequenceEqual(key)))
                return slot;
        }
    }

    private void Grow()
    {
        Entry[] old = _slots;
        _slots = new Entry[old.Length * 2];
        int mask = _slots.Length - 1;
        foreach (Entry entry in old)
        {
            if (entry.Id == 0)
                continue;
            int slot = (int)entry.Hash & mask;
            while (_slots[slot].Id != 0)
                slot = (slot + 1) & mask;
            _slots[slot] = entry;
        }
    }

    // Of hash and slice the lower halves: enough to tell keys apart as a rule, and how many slices have passed.
    private struct Entry
    {
        public long Id;
        public uint Hash;
        public uint NotedSlice;
        public int Group;
        public int Key;
    }
}
