using Spillway.Net.Packets;

namespace Spillway.Net.Flows;

/// <summary>
/// The hash index of a flow table: extendible hashing, after R. Fagin, J. Nievergelt, N. Pippenger and H. R. Strong, "Extendible hashing: a
/// fast access method for dynamic files", ACM TODS 4(3), 1979. The upper bits of a hash choose a page. A full page splits in two, two
/// sparse ones become one, and the others stay as they are: memory follows the flows both ways, and no packet pays for the growth of the
/// whole.
/// </summary>
/// <remarks>
/// What hashes that are alike can cost has a bound: there is at most one entry for each flow, and where a page cannot split for that reason
/// it holds <see cref="FlowTablePage.MostFlows"/>. Hashes that are drawn by chance come nowhere near either.
/// </remarks>
internal sealed class FlowTableIndex
{
    // More are never needed: 16 million flows take 18.
    private const int MaxBits = 24;

    // By the upper bits of a hash, as many as the page that has most; a page that has fewer is there several times.
    private FlowTablePage[] _pages = [new FlowTablePage(0)];
    private int _bits;

    public int Count { get; private set; }

    public int PageCount { get; private set; } = 1;

    public Flow? Find(in FlowKey key, int hash) => _pages[EntryOf(hash)].Find(in key, hash);

    /// <summary>Makes room for a flow; returns the one that has to leave first. There is none unless hashes are alike.</summary>
    public Flow? MakeRoom(int hash)
    {
        while (_pages[EntryOf(hash)] is { IsFull: true } full && CanSplit(full))
            Split(full, hash);
        FlowTablePage page = _pages[EntryOf(hash)];
        return page.IsCrowded ? page.LeastRecentlyUsed() : null;
    }

    /// <summary>Adds a flow whose key is not in the index, after <see cref="MakeRoom"/>.</summary>
    public void Add(Flow flow, int hash)
    {
        _pages[EntryOf(hash)].Add(flow, hash);
        Count++;
    }

    public void Remove(Flow flow, int hash)
    {
        FlowTablePage page = _pages[EntryOf(hash)];
        page.Remove(flow, hash);
        Count--;
        if (page.IsSparse)
            Join(page, hash);
    }

    // In 64 bits, where no bits at all are a shift by 32.
    private int EntryOf(int hash) => (int)((ulong)(uint)hash >> (32 - _bits));

    private bool CanSplit(FlowTablePage page) => page.Bits < _bits || (_bits < MaxBits && _pages.Length < Count);

    /// <summary>The entries of a page: the first, and how many.</summary>
    private (int First, int Count) EntriesOf(FlowTablePage page, int hash)
    {
        int count = 1 << (_bits - page.Bits);
        return (EntryOf(hash) & ~(count - 1), count);
    }

    private void Split(FlowTablePage page, int hash)
    {
        if (page.Bits == _bits)
            Double();
        (int first, int count) = EntriesOf(page, hash);
        _pages.AsSpan(first + (count / 2), count / 2).Fill(page.Split());
        PageCount++;
    }

    private void Join(FlowTablePage page, int hash)
    {
        if (page.Bits == 0)
            return;
        (int first, int count) = EntriesOf(page, hash);
        FlowTablePage neighbour = _pages[first ^ count];
        if (neighbour.Bits != page.Bits || !neighbour.IsSparse)
            return;
        page.Join(neighbour);
        _pages.AsSpan(first ^ count, count).Fill(page);
        PageCount--;
    }

    private void Double()
    {
        var pages = new FlowTablePage[_pages.Length * 2];
        for (int i = 0; i < pages.Length; i++)
            pages[i] = _pages[i / 2];
        _pages = pages;
        _bits++;
    }
}
