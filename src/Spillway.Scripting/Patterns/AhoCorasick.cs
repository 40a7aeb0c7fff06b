using System.Numerics;
using System.Runtime.CompilerServices;

namespace Spillway.Scripting.Patterns;

/// <summary>
/// Finds many byte strings in one pass (A. V. Aho and M. J. Corasick, "Efficient string matching", CACM 18(6), 1975). States are numbered
/// by depth; those near the root, where nearly all bytes of a text are spent, have a complete row of transitions over classes of bytes that
/// the patterns tell apart; deeper ones follow their own edges and failure links. Belongs to one thread.
/// </summary>
internal sealed class AhoCorasick
{
    /// <summary>Most bytes of all patterns together.</summary>
    public const int MaxPatternBytes = 64 << 20;

    private const int MaxTableEntries = 4 << 20; // 16 MiB
    private const int None = -1;

    private readonly byte[] _classOf = new byte[256];
    private readonly int _shift; // a row has 2^_shift entries
    private readonly int _fullRows; // states below have rows
    private readonly int[] _table; // see Entry
    private readonly Trie _trie;
    private readonly int[] _fail;
    private readonly int[] _pattern; // the pattern that ends in the state
    private readonly int[] _output; // the next state on the way of failure links where a pattern ends
    private readonly int[] _seenIn; // by state: the last match that has told what ends there
    private int _matches;

    /// <summary>Builds the automaton.</summary>
    /// <param name="patterns">Not empty, <see cref="MaxPatternBytes"/> at most.</param>
    public AhoCorasick(IReadOnlyList<ReadOnlyMemory<byte>> patterns)
    {
        int classes = AssignClasses(patterns);
        _shift = BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)classes));
        _trie = new Trie(patterns);
        int states = _trie.Count;
        _fail = new int[states];
        _pattern = _trie.Patterns;
        _output = new int[states];
        _seenIn = new int[states];
        LinkFailures();
        _fullRows = Math.Min(states, Math.Max(1, MaxTableEntries >> _shift));
        _table = new int[_fullRows << _shift];
        FillRows();
    }

    /// <summary>Finds patterns in a text.</summary>
    /// <param name="one">Stop after the first.</param>
    /// <param name="hits">Receives pairs: number of the pattern, 1-based position of its last byte where it occurs first. Room for every
    /// pattern.</param>
    /// <returns>Number of pairs.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Match(ReadOnlySpan<byte> text, bool one, Span<int> hits)
    {
        if (++_matches == int.MaxValue)
            StartCountingAgain();
        int count = 0;
        int row = 0;
        int[] table = _table;
        byte[] classOf = _classOf;
        for (int i = 0; i < text.Length; i++)
        {
            // One load leads to the next: a plain entry is the place of the next row itself.
            int next = table[row + classOf[text[i]]];
            if (next >= 0)
            {
                row = next;
                continue;
            }

            int state = ~next;
            Report(state, i + 1, one, hits, ref count);
            while (state >= _fullRows && ++i < text.Length && !(one && count > 0))
            {
                state = Follow(state, text[i]);
                Report(state, i + 1, one, hits, ref count);
            }

            if (state >= _fullRows || (one && count > 0))
                return count;
            row = state << _shift;
        }

        return count;
    }

    private void Report(int state, int position, bool one, Span<int> hits, ref int count)
    {
        for (int at = _pattern[state] >= 0 ? state : _output[state]; at >= 0 && _seenIn[at] != _matches; at = _output[at])
        {
            // What ends with the shorter ones behind it is told with it, so that no state is told twice.
            _seenIn[at] = _matches;
            hits[2 * count] = _pattern[at];
            hits[(2 * count) + 1] = position;
            count++;
            if (one)
                return;
        }
    }

    private void StartCountingAgain()
    {
        Array.Clear(_seenIn);
        _matches = 1;
    }

    // A state below all rows: its own edges, then those of the longest suffix that is a prefix of some pattern.
    private int Follow(int state, byte value)
    {
        while (state >= _fullRows)
        {
            int child = _trie.Child(state, value);
            if (child >= 0)
                return child;
            state = _fail[state];
        }

        int entry = _table[(state << _shift) + _classOf[value]];
        return entry < 0 ? ~entry : entry >> _shift;
    }

    // A state with a row, where nothing ends, is the place of its row; any other is the complement of its number.
    private int Entry(int state) => state < _fullRows && _pattern[state] < 0 && _output[state] < 0 ? state << _shift : ~state;

    private int AssignClasses(IReadOnlyList<ReadOnlyMemory<byte>> patterns)
    {
        Span<bool> used = stackalloc bool[256];
        used.Clear();
        foreach (ReadOnlyMemory<byte> pattern in patterns)
        {
            foreach (byte value in pattern.Span)
                used[value] = true;
        }

        // Class 0 is of the bytes that no pattern has, if there are any.
        int classes = used.Contains(false) ? 1 : 0;
        for (int value = 0; value < 256; value++)
        {
            if (used[value])
                _classOf[value] = (byte)classes++;
        }

        return classes;
    }

    // By depth, so that what a link leads to is done before.
    private void LinkFailures()
    {
        _output[0] = None;
        for (int state = 1; state < _trie.Count; state++)
        {
            int parent = _trie.Parents[state];
            byte value = _trie.Values[state];
            int fail = 0;
            if (parent != 0)
            {
                int at = _fail[parent];
                while ((fail = _trie.Child(at, value)) < 0 && at != 0)
                    at = _fail[at];
                if (fail < 0)
                    fail = 0;
            }

            _fail[state] = fail;
            _output[state] = _pattern[fail] >= 0 ? fail : _output[fail];
        }
    }

    private void FillRows()
    {
        int width = 1 << _shift;
        for (int state = 0; state < _fullRows; state++)
        {
            Span<int> row = _table.AsSpan(state << _shift, width);
            if (state > 0)
                _table.AsSpan(_fail[state] << _shift, width).CopyTo(row);
            for (int child = _trie.FirstChild(state); child >= 0; child = _trie.NextSibling(child))
                row[_classOf[_trie.Values[child]]] = Entry(child);
        }
    }
}
