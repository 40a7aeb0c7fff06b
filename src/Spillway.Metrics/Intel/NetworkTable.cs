using System.Numerics;

namespace Spillway.Metrics.Intel;

/// <summary>
/// Addresses and networks of one version, laid out so that an address is found in a step or two whatever lengths there are: the space of
/// addresses is cut where a network begins or ends, each piece has the smallest network that it is in, and an index of the upper bits says
/// where to look. Immutable; any thread.
/// </summary>
/// <typeparam name="T">An address.</typeparam>
internal sealed class NetworkTable<T>
    where T : struct, IBinaryInteger<T>, IMinMaxValue<T>
{
    private const int IndexBits = 16;
    private const int None = -1;

    private readonly Piece[] _pieces;
    private readonly int[] _index = new int[(1 << IndexBits) + 1];
    private readonly int _shift;

    /// <summary>Lays out networks.</summary>
    /// <param name="networks">Each once: the first address, the bits of the prefix, the number of the entry.</param>
    /// <param name="width">Bits of an address.</param>
    public NetworkTable(List<(T Network, int Bits, int Entry)> networks, int width)
    {
        _shift = width - IndexBits;
        // Of those that begin together the larger come first.
        networks.Sort(static (a, b) => a.Network != b.Network ? a.Network.CompareTo(b.Network) : a.Bits.CompareTo(b.Bits));
        var pieces = new List<Piece>(networks.Count + 1);
        var open = new Stack<(T Last, int Entry)>();
        foreach ((T network, int bits, int entry) in networks)
        {
            CloseBefore(network, isEnd: false);
            Begin(network, entry);
            T size = bits == 0 ? T.Zero : T.One << (width - bits);
            open.Push((network + size - T.One, entry));
        }

        CloseBefore(T.MaxValue, isEnd: true);
        _pieces = pieces.ToArray();
        MakeIndex();

        void CloseBefore(T address, bool isEnd)
        {
            while (open.TryPeek(out (T Last, int Entry) inner) && (isEnd || inner.Last < address))
            {
                open.Pop();
                if (inner.Last != T.MaxValue)
                    Begin(inner.Last + T.One, open.TryPeek(out (T Last, int Entry) outer) ? outer.Entry : None);
            }
        }

        void Begin(T at, int entry)
        {
            if (pieces.Count > 0 && pieces[^1].Begin == at)
                pieces.RemoveAt(pieces.Count - 1);
            pieces.Add(new Piece(at, entry));
        }
    }

    /// <summary>The entry of the smallest network that an address is in; -1 if it is in none.</summary>
    public int Find(T address)
    {
        int prefix = int.CreateTruncating(address >> _shift);
        int low = _index[prefix],
            high = _index[prefix + 1];
        // The last piece that begins at or before the address: it may begin before the prefix.
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_pieces[middle].Begin <= address)
                low = middle + 1;
            else
                high = middle;
        }

        return low == 0 ? None : _pieces[low - 1].Entry;
    }

    private void MakeIndex()
    {
        int at = 0;
        for (int prefix = 0; prefix < 1 << IndexBits; prefix++)
        {
            while (at < _pieces.Length && int.CreateTruncating(_pieces[at].Begin >> _shift) < prefix)
                at++;
            _index[prefix] = at;
        }

        _index[1 << IndexBits] = _pieces.Length;
    }

    // Side by side, so that what is found lies where the search has ended.
    private readonly record struct Piece(T Begin, int Entry);
}
