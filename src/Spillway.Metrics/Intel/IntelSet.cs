using System.Buffers;
using System.Text;

namespace Spillway.Metrics.Intel;

/// <summary>
/// All entries of some lists, to be looked up by what comes off the wire, without a string for each. Immutable once it is read; any thread.
/// </summary>
public sealed class IntelSet
{
    private const int MaxNameBytes = 255;
    private const int MaxUrlBytes = 2048;
    private const int HashLength = 64; // SHA-256

    private readonly List<string> _lists = [];
    private readonly List<(IntelKind Kind, int List, string Text, string Note)> _entries = [];
    private readonly List<(uint Network, int Bits, int Entry)> _networks4 = [];
    private readonly List<(UInt128 Network, int Bits, int Entry)> _networks6 = [];
    private readonly HashSet<ulong> _seen4 = [];
    private readonly HashSet<(UInt128, int)> _seen6 = [];
    private readonly TextTable _domains = new();
    private readonly TextTable _urls = new();
    private readonly TextTable _hashes = new();
    private readonly Lock _lock = new();
    private readonly Func<int, string> _texts;
    private AddressTables? _tables;

    /// <summary>Makes an empty set.</summary>
    public IntelSet() => _texts = entry => _entries[entry].Text;

    /// <summary>Entries, each once.</summary>
    public int Count => _entries.Count;

    /// <summary>Whether addresses or networks are in it.</summary>
    public bool HasAddresses => _networks4.Count > 0 || _networks6.Count > 0;

    /// <summary>Whether hashes are in it.</summary>
    public bool HasHashes => _hashes.Count > 0;

    /// <summary>Looks an address up: itself first, then the smallest network it is in.</summary>
    /// <param name="address">The address; of version 4 its 32-bit value.</param>
    /// <param name="version">4 or 6.</param>
    /// <param name="entry">The entry.</param>
    public bool TryFindAddress(UInt128 address, byte version, out IntelEntry entry)
    {
        AddressTables tables = Volatile.Read(ref _tables) ?? Complete();
        int index = version == 6 ? tables.V6.Find(address) : tables.V4.Find((uint)address);
        entry = default;
        return index >= 0 && Found(index, out entry);
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
        Span<byte> text = stackalloc byte[name.Length];
        Lower(name, text);
        ReadOnlySpan<byte> rest = text;
        while (true)
        {
            // A domain of a list has a dot.
            int dot = rest.IndexOf((byte)'.');
            if (dot < 0)
                return false;
            if (_domains.Find(rest, _texts) is >= 0 and var index)
                return Found(index, out entry);
            rest = rest[(dot + 1)..];
        }
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
        Span<byte> text = stackalloc byte[host.Length + target.Length];
        Lower(host, text);
        target.CopyTo(text[host.Length..]);
        if (_urls.Find(text, _texts) is >= 0 and var index)
            return Found(index, out entry);
        int query = text.IndexOf((byte)'?');
        return query > 0 && (index = _urls.Find(text[..query], _texts)) >= 0 && Found(index, out entry);
    }

    /// <summary>Looks a hash up.</summary>
    /// <param name="hex">Hex, lower case.</param>
    /// <param name="entry">The entry.</param>
    public bool TryFindHash(ReadOnlySpan<char> hex, out IntelEntry entry)
    {
        entry = default;
        Span<byte> text = stackalloc byte[HashLength];
        if (hex.Length > HashLength || Ascii.FromUtf16(hex, text, out int length) != OperationStatus.Done)
            return false;
        return _hashes.Find(text[..length], _texts) is >= 0 and var index && Found(index, out entry);
    }

    /// <summary>
    /// Lays addresses out, once all are there; else the first look-up does it. Any thread.
    /// </summary>
    internal AddressTables Complete()
    {
        lock (_lock)
        {
            AddressTables tables = _tables ?? new(new(_networks4, 32), new(_networks6, 128));
            Volatile.Write(ref _tables, tables);
            return tables;
        }
    }

    /// <summary>Names a list whose entries come next.</summary>
    internal int AddList(string name)
    {
        _lists.Add(name);
        return _lists.Count - 1;
    }

    /// <summary>Adds an address.</summary>
    internal void AddAddress(UInt128 address, byte version, int list, string text, string note) =>
        AddNetwork(IntelKind.Address, address, version, version == 6 ? 128 : 32, list, text, note);

    /// <summary>Adds a network; bits behind its prefix do not matter.</summary>
    internal void AddNetwork(UInt128 address, byte version, int bits, int list, string text, string note) =>
        AddNetwork(IntelKind.Network, address, version, bits, list, text, note);

    /// <summary>Adds a domain, lower case.</summary>
    internal void AddDomain(string name, int list, string note) => Add(_domains, IntelKind.Domain, name, list, note);

    /// <summary>Adds a URL without scheme, its host in lower case.</summary>
    internal void AddUrl(string url, int list, string note) => Add(_urls, IntelKind.Url, url, list, note);

    /// <summary>Adds a hash, lower case.</summary>
    internal void AddHash(string hex, int list, string note) => Add(_hashes, IntelKind.Hash, hex, list, note);

    private void AddNetwork(IntelKind kind, UInt128 address, byte version, int bits, int list, string text, string note)
    {
        UInt128 network = Masked(address, (version == 6 ? 128 : 32) - bits);
        if (version == 6)
        {
            if (_seen6.Add((network, bits)))
                _networks6.Add((network, bits, Note(kind, list, text, note)));
        }
        else if (_seen4.Add(((ulong)network << 8) | (uint)bits))
        {
            _networks4.Add(((uint)network, bits, Note(kind, list, text, note)));
        }

        _tables = null;
    }

    private void Add(TextTable table, IntelKind kind, string text, int list, string note)
    {
        if (table.TryAdd(text, _entries.Count, _texts))
            Note(kind, list, text, note);
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

    /// <summary>Addresses and networks as they are looked up.</summary>
    internal sealed record AddressTables(NetworkTable<uint> V4, NetworkTable<UInt128> V6);

    private static void Lower(ReadOnlySpan<byte> bytes, Span<byte> text)
    {
        for (int i = 0; i < bytes.Length; i++)
            text[i] = bytes[i] is >= (byte)'A' and <= (byte)'Z' ? (byte)(bytes[i] | 0x20) : bytes[i];
    }
}
