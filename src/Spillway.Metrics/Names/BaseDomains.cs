using Spillway.Metrics.Counters;

namespace Spillway.Metrics.Names;

/// <summary>
/// Finds the registrable domain of names that come again and again. What is known of a name is kept in one of some thousand places by its
/// hash;
/// of two names that meet there the later stays. One thread.
/// </summary>
internal sealed class BaseDomains(PublicSuffixList? list)
{
    private const int Places = 4096;

    // The list and the places are made when a name is first asked for: a run without names never has them.
    private PublicSuffixList? _list = list;
    private Known[] _known = [];

    /// <summary>The registrable domain: a part of the name.</summary>
    /// <param name="name">In lower case, with or without a dot at the end.</param>
    /// <returns>Empty for addresses, single labels, public suffixes and what has an empty label at its end.</returns>
    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> name)
    {
        if (name.Length is 0 or > ushort.MaxValue)
            return default;
        if (_known.Length == 0)
            _known = new Known[Places];
        ulong hash = KeyHash.Compute(name);
        ref Known known = ref _known[hash & (Places - 1)];
        // Two names with one hash are as good as impossible; the length keeps the part within the name whatever it is.
        if (known.Hash != hash || known.NameLength != name.Length)
            known = Find(name, hash);
        return name.Slice(known.Start, known.Length);
    }

    private Known Find(ReadOnlySpan<byte> name, ulong hash)
    {
        ReadOnlySpan<byte> bare = name[^1] == (byte)'.' ? name[..^1] : name;
        int start = IsAddress(bare) ? -1 : (_list ??= PublicSuffixList.BuiltIn).FindRegistrable(bare);
        return start < 0
            ? new Known(hash, (ushort)name.Length, 0, 0)
            : new Known(hash, (ushort)name.Length, (ushort)start, (ushort)(bare.Length - start));
    }

    // No top-level domain is a number, so a name that ends with one is an IPv4 address or meant as one.
    private static bool IsAddress(ReadOnlySpan<byte> name) =>
        name.Contains((byte)':')
        || name.IsEmpty
        || name[0] == (byte)'['
        || !name[(name.LastIndexOf((byte)'.') + 1)..].ContainsAnyExceptInRange((byte)'0', (byte)'9');

    private record struct Known(ulong Hash, ushort NameLength, ushort Start, ushort Length);
}
