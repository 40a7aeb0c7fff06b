namespace Spillway.Scripting.Patterns;

/// <summary>The prefixes of a set of byte strings as a tree; nodes are numbered by depth, the root is 0. Immutable.</summary>
internal sealed class Trie
{
    private const int None = -1;

    private readonly int[] _firstChild;
    private readonly int[] _nextSibling;

    /// <summary>Builds the tree.</summary>
    public Trie(IReadOnlyList<ReadOnlyMemory<byte>> patterns)
    {
        // Sorted patterns make the tree a walk: what two neighbours share is a path that is there already.
        int[] order = [.. Enumerable.Range(0, patterns.Count)];
        Array.Sort(order, (a, b) => patterns[a].Span.SequenceCompareTo(patterns[b].Span));
        var depthCounts = new List<int> { 1 };
        ReadOnlySpan<byte> before = default;
        foreach (int number in order)
        {
            ReadOnlySpan<byte> pattern = patterns[number].Span;
            for (int depth = before.CommonPrefixLength(pattern) + 1; depth <= pattern.Length; depth++)
            {
                if (depth == depthCounts.Count)
                    depthCounts.Add(0);
                depthCounts[depth]++;
            }

            before = pattern;
        }

        int[] next = new int[depthCounts.Count];
        for (int depth = 1; depth < next.Length; depth++)
            next[depth] = next[depth - 1] + depthCounts[depth - 1];
        Count = depthCounts.Sum();
        Parents = new int[Count];
        Values = new byte[Count];
        Patterns = new int[Count];
        _firstChild = new int[Count];
        _nextSibling = new int[Count];
        Array.Fill(Patterns, None);
        Array.Fill(_firstChild, None);
        Array.Fill(_nextSibling, None);
        Fill(patterns, order, next);
    }

    /// <summary>Number of nodes.</summary>
    public int Count { get; }

    /// <summary>Parent by node.</summary>
    public int[] Parents { get; }

    /// <summary>The byte on the edge from the parent, by node.</summary>
    public byte[] Values { get; }

    /// <summary>The pattern that ends in a node; negative for none.</summary>
    public int[] Patterns { get; }

    /// <summary>The first child; negative for none.</summary>
    public int FirstChild(int node) => _firstChild[node];

    /// <summary>The next child of the same parent; negative for none.</summary>
    public int NextSibling(int node) => _nextSibling[node];

    /// <summary>The child by a byte; negative for none.</summary>
    public int Child(int node, byte value)
    {
        int child = _firstChild[node];
        while (child >= 0 && Values[child] != value)
            child = _nextSibling[child];
        return child;
    }

    private void Fill(IReadOnlyList<ReadOnlyMemory<byte>> patterns, int[] order, int[] next)
    {
        int[] path = new int[next.Length]; // by depth: the node of the pattern before
        ReadOnlySpan<byte> before = default;
        foreach (int number in order)
        {
            ReadOnlySpan<byte> pattern = patterns[number].Span;
            for (int depth = before.CommonPrefixLength(pattern) + 1; depth <= pattern.Length; depth++)
            {
                int node = next[depth]++;
                int parent = path[depth - 1];
                Parents[node] = parent;
                Values[node] = pattern[depth - 1];
                _nextSibling[node] = _firstChild[parent];
                _firstChild[parent] = node;
                path[depth] = node;
            }

            Patterns[path[pattern.Length]] = number;
            before = pattern;
        }
    }
}
