using System.Runtime.InteropServices;

namespace Spillway.Metrics.Intel;

/// <summary>
/// All entries of some lists, to be looked up by what comes off the wire, without a string for each. Immutable once it is read; any thread.
/// </summary>
public sealed class IntelSet
{
    private const int MaxNameBytes = 255;
    private const int MaxUrlBytes = 2048;

    private readonly List<string> _lists = [];
    private readonly List<(IntelKind Kind, int List, string Text, string Note)> _entries = [];
    private readonly Dictionary<(UInt128 Address, byte Version), int> _addresses = [];
    private readonly Dictionary<string, int> _domains = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _urls = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _hashes = new(StringComparer.Ordinal);

    // By version and length of the prefix; only lengths that occur are looked at.
    private readonly SortedDictionary<(byte Version, int Bits), Dictionary<UInt128, int>> _networks = [];
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _domainsBySpan;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _urlsBySpan;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _hashesBySpan;

    /// <summary>Makes an empty set.</summary>
    public IntelSet()
    {
        _domainsBySpan = _domains.GetAlternateLookup<ReadOnlySpan<char>>();
        _urlsBySpan = _urls.GetAlternateLookup<ReadOnlySpan<char>>();
        _hashesBySpan = _hashes.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Entries, each once.</summary>
    public int Count => _entries.Count;

    /// <summary>Whether addresses or networks are in it.</summary>
    public bool HasAddresses => _addresses.Count > 0 || _networks.Count > 0;

    /// <summary>Whether hashes are in it.</summary>
    public bool HasHashes => _hashes.Count > 0;

    /// <summary>Looks an address up: itself first, then the smallest network it is in.</summary>
    /// <param name="address">The address; of version 4 its 32-bit value.</param>
    /// <param name="version">4 or 6.</param>
    /// <param name="entry">The entry.</param>
    public bool TryFindAddress(UInt128 address, byte version, out IntelEntry entry)
    {
        if (_addresses.TryGetValue((address, version), out int index))
            return Found(index, out entry);
        entry = default;
        int width = version == 6 ? 128 : 32,
            longest = -1;
        foreach (((byte of, int bits), Dictionary<UInt128, int> networks) in _networks)
        {
            if (of == version && networks.TryGetValue(Masked(address, width - bits), out int network))
                longest = network; // lengths come in order
        }

        return longest >= 0 && Found(longest, out entry);
    }

    /// <summary>Looks a name up: itself, then each domain that it is below.</summary>
    /// <param name="name">The name, any case, with or without a dot at its end.</param>
    /// <param name="entry">The entry.</param>
    public bool TryFindName(ReadOnlySpan<byte> name, out IntelEntry entry)
    {
        entry = default;
        name = name.TrimEnd((byte)'.');
        if (name.IsEmpty || name.Length > MaxNameBytes || _domains.Count == 0)
            return false;
        Span<char> text = stackalloc char[name.Length];
        Lower(name, text);
        ReadOnlySpan<char> rest = text;
        while (!rest.IsEmpty)
        {
            if (_domainsBySpan.TryGetValue(rest, out int index))
                return Found(index, out entry);
            int dot = rest.IndexOf('.');
            if (dot < 0)
                return false;
            rest = rest[(dot + 1)..];
        }

        return false;
    }

    /// <summary>Looks a URL up: as it is, then without its query.</summary>
    /// <param name="host">Host of the request; a port of 80 or 443 is left out.</param>
    /// <param name="target">Target of the request.</param>
    /// <param name="entry">The entry.</param>
    public bool TryFindUrl(ReadOnlySpan<byte> host, ReadOnlySpan<byte> target, out IntelEntry entry)
    {
        entry = default;
        if (_urls.Count == 0 || host.IsEmpty || host.Length > MaxNameBytes || target.Length > MaxUrlBytes)
            return false;
        if (host.EndsWith(":80"u8))
            host = host[..^3];
        Span<char> text = stackalloc char[host.Length + target.Length];
        Lower(host, text);
        for (int i = 0; i < target.Length; i++)
            text[host.Length + i] = (char)target[i];
        if (_urlsBySpan.TryGetValue(text, out int index))
            return Found(index, out entry);
        int query = text.IndexOf('?');
        return query > 0 && _urlsBySpan.TryGetValue(text[..query], out index) && Found(index, out entry);
    }

    /// <summary>Looks a hash up.</summary>
    /// <param name="hex">Hex, lower case.</param>
    /// <param name="entry">The entry.</param>
    public bool TryFindHash(ReadOnlySpan<char> hex, out IntelEntry entry)
    {
        entry = default;
        return _hashesBySpan.TryGetValue(hex, out int index) && Found(index, out entry);
    }

    /// <summary>Names a list whose entries come next.</summary>
    internal int AddList(string name)
    {
        _lists.Add(name);
        return _lists.Count - 1;
    }

    /// <summary>Adds an address.</summary>
    internal void AddAddress(UInt128 address, byte version, int list, string text, string note)
    {
        if (!_addresses.ContainsKey((address, version)))
            _addresses.Add((address, version), Note(IntelKind.Address, list, text, note));
    }

    /// <summary>Adds a network; bits behind its prefix do not matter.</summary>
    internal void AddNetwork(UInt128 address, byte version, int bits, int list, string text, string note)
    {
        UInt128 network = Masked(address, (version == 6 ? 128 : 32) - bits);
        if (!_networks.TryGetValue((version, bits), out Dictionary<UInt128, int>? networks))
            _networks.Add((version, bits), networks = []);
        if (!networks.ContainsKey(network))
            networks.Add(network, Note(IntelKind.Network, list, text, note));
    }

    /// <summary>Adds a domain, lower case.</summary>
    internal void AddDomain(string name, int list, string note) => Add(_domains, IntelKind.Domain, name, list, note);

    /// <summary>Adds a URL without scheme, its host in lower case.</summary>
    internal void AddUrl(string url, int list, string note) => Add(_urls, IntelKind.Url, url, list, note);

    /// <summary>Adds a hash, lower case.</summary>
    internal void AddHash(string hex, int list, string note) => Add(_hashes, IntelKind.Hash, hex, list, note);

    private void Add(Dictionary<string, int> entries, IntelKind kind, string text, int list, string note)
    {
        ref int index = ref CollectionsMarshal.GetValueRefOrAddDefault(entries, text, out bool isKnown);
        if (!isKnown)
            index = Note(kind, list, text, note);
    }

    private int Note(IntelKind kind, int list, string text, string note)
    {
        _entries.Add((kind, list, text, note));
        return _entries.Count - 1;
    }

    private bool Found(int index, out IntelEntry entry)
    {
        (IntelKind kind, int list, string text, string note) = _entries[index];
        entry = new IntelEntry(kind, text, _lists[list], note);
        return true;
    }

    // A shift by all bits would shift by none.
    private static UInt128 Masked(UInt128 address, int hostBits) => hostBits == 128 ? 0 : address >> hostBits << hostBits;

    private static void Lower(ReadOnlySpan<byte> bytes, Span<char> text)
    {
        for (int i = 0; i < bytes.Length; i++)
            text[i] = (char)(bytes[i] is >= (byte)'A' and <= (byte)'Z' ? bytes[i] | 0x20 : bytes[i]);
    }
}
