namespace Spillway.Net.Packets;

/// <summary>
/// Numbers the paths of tags that are part of flow keys: the same path has the same number in all lanes of a run. Any thread.
/// </summary>
public sealed class FlowScopes
{
    /// <summary>Paths that have a number of their own, 65,534; all others share one more.</summary>
    public const int MaxPaths = ushort.MaxValue - 1;

    private readonly Lock _lock = new();
    private readonly Dictionary<FlowPath, ushort> _numbers = [];

    /// <summary>Paths that were seen and have a number of their own.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _numbers.Count;
        }
    }

    internal ushort NumberOf(in FlowPath path)
    {
        lock (_lock)
        {
            if (_numbers.TryGetValue(path, out ushort number))
                return number;
            if (_numbers.Count >= MaxPaths)
                return ushort.MaxValue;
            number = (ushort)(_numbers.Count + 1);
            _numbers.Add(path, number);
            return number;
        }
    }
}

/// <summary>Makes tags a part of the keys of a lane's packets. One thread.</summary>
/// <param name="tags">Which.</param>
/// <param name="scopes">Numbers them for all lanes.</param>
public sealed class FlowScoper(FlowTags tags, FlowScopes scopes)
{
    private readonly Dictionary<FlowPath, ushort> _known = [];
    private FlowPath _lastPath;
    private ushort _lastNumber;

    /// <summary>Sets the scope of a packet's key. Nothing is allocated for a path that the lane knows.</summary>
    /// <param name="info">What the decoder made of it.</param>
    /// <param name="data">Its bytes.</param>
    public void Apply(ref PacketInfo info, ReadOnlySpan<byte> data)
    {
        if (info.Key.IsNone)
            return;
        FlowPath path = default;
        ReadOnlySpan<LayerInfo> layers = ((ReadOnlySpan<LayerInfo>)info.Layers)[..info.LayerCount];
        foreach (ref readonly LayerInfo layer in layers)
        {
            if ((tags & FlowTags.Vlan) != 0 && LayerNumbers.VlanOf(in layer, data) is > 0 and int vlan)
                path.Add(FlowPath.Vlan, vlan);
            else if ((tags & FlowTags.Vni) != 0 && LayerNumbers.NetworkOf(in layer, data) is >= 0 and int network)
                path.Add(FlowPath.Network, network);
        }

        if (!path.IsEmpty)
            info.Key = info.Key.WithScope(NumberOf(in path));
    }

    private ushort NumberOf(in FlowPath path)
    {
        if (path.Equals(_lastPath))
            return _lastNumber;
        if (!_known.TryGetValue(path, out ushort number))
        {
            number = scopes.NumberOf(in path);
            if (number != ushort.MaxValue)
                _known.Add(path, number);
        }

        (_lastPath, _lastNumber) = (path, number);
        return number;
    }
}

/// <summary>Up to eight tags, the outermost first; further ones do not count.</summary>
internal struct FlowPath : IEquatable<FlowPath>
{
    public const int Vlan = 1,
        Network = 2;

    private const int BitsEach = 32,
        Places = 8;

    private UInt128 _first;
    private UInt128 _second;
    private int _count;

    public readonly bool IsEmpty => _count == 0;

    public void Add(int kind, int number)
    {
        uint tag = ((uint)kind << 24) | (uint)number;
        if (_count >= Places)
            return;
        if (_count++ < Places / 2)
            _first = (_first << BitsEach) | tag;
        else
            _second = (_second << BitsEach) | tag;
    }

    public readonly bool Equals(FlowPath other) => _first == other._first && _second == other._second;

    public override readonly bool Equals(object? obj) => obj is FlowPath other && Equals(other);

    public override readonly int GetHashCode() =>
        (int)WireHash.Of((ulong)_first, (ulong)(_first >> 64), (ulong)_second, (ulong)(_second >> 64), 0, 0);
}
