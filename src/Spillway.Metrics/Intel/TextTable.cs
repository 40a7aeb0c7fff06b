using System.Text;
using Spillway.Metrics.Counters;

namespace Spillway.Metrics.Intel;

/// <summary>
/// Texts of entries, to be looked up by bytes off the wire. Nearly nothing that is looked up is there: a filter that stays in the
/// processor's cache says so without a look at the table. Filled by one thread, then read by any.
/// </summary>
internal sealed class TextTable
{
    private const int FilterBitsPerSlot = 4; // eight or more for each text
    private const int BytesOnStack = 512;

    private Slot[] _slots = new Slot[64];
    private ulong[] _filter = new ulong[64 * FilterBitsPerSlot / 64];
    private int _count;

    /// <summary>Texts in it.</summary>
    public int Count => _count;

    /// <summary>Adds a text, unless it is there.</summary>
    /// <param name="text">The text.</param>
    /// <param name="entry">The number of its entry.</param>
    /// <param name="texts">Gives the text of an entry.</param>
    public bool TryAdd(string text, int entry, Func<int, string> texts)
    {
        int most = Encoding.UTF8.GetMaxByteCount(text.Length);
        Span<byte> utf8 = most <= BytesOnStack ? stackalloc byte[BytesOnStack] : new byte[most];
        utf8 = utf8[..Encoding.UTF8.GetBytes(text, utf8)];
        ulong hash = KeyHash.Compute(utf8);
        if (Find(utf8, hash, texts) >= 0)
            return false;
        if (_count >= _slots.Length / 2)
            Grow();
        Place(new Slot((uint)hash, entry + 1));
        AddToFilter((uint)hash);
        _count++;
        return true;
    }

    /// <summary>The number of the entry of a text; -1 if there is none.</summary>
    /// <param name="text">The text as bytes.</param>
    /// <param name="texts">Gives the text of an entry.</param>
    public int Find(ReadOnlySpan<byte> text, Func<int, string> texts) => Find(text, KeyHash.Compute(text), texts);

    private int Find(ReadOnlySpan<byte> text, ulong hash, Func<int, string> texts)
    {
        uint tag = (uint)hash;
        if (!MayHave(tag))
            return -1;
        int mask = _slots.Length - 1;
        for (int i = (int)tag & mask; _slots[i].Entry != 0; i = (i + 1) & mask)
        {
            if (_slots[i].Tag == tag && Is(texts(_slots[i].Entry - 1), text))
                return _slots[i].Entry - 1;
        }

        return -1;
    }

    private static bool Is(string text, ReadOnlySpan<byte> bytes)
    {
        if (Ascii.Equals(bytes, text))
            return true;
        return !Ascii.IsValid(text) && Encoding.UTF8.GetBytes(text).AsSpan().SequenceEqual(bytes);
    }

    private bool MayHave(uint tag)
    {
        uint bit = BitOf(tag);
        return (_filter[bit >> 6] & (1UL << (int)(bit & 63))) != 0;
    }

    private void AddToFilter(uint tag)
    {
        uint bit = BitOf(tag);
        _filter[bit >> 6] |= 1UL << (int)(bit & 63);
    }

    private uint BitOf(uint tag) => tag & (uint)((_slots.Length * FilterBitsPerSlot) - 1);

    private void Grow()
    {
        Slot[] old = _slots;
        _slots = new Slot[old.Length * 2];
        _filter = new ulong[_slots.Length * FilterBitsPerSlot / 64];
        foreach (Slot slot in old)
        {
            if (slot.Entry == 0)
                continue;
            Place(slot);
            AddToFilter(slot.Tag);
        }
    }

    private void Place(Slot slot)
    {
        int mask = _slots.Length - 1;
        int i = (int)slot.Tag & mask;
        while (_slots[i].Entry != 0)
            i = (i + 1) & mask;
        _slots[i] = slot;
    }

    // Of an entry 1 more than its number: 0 is free.
    private readonly record struct Slot(uint Tag, int Entry);
}
