using System.Runtime.InteropServices;
using Spillway.Net.Capture;
using Spillway.Net.Packets;

namespace Spillway.Net.Ip;

/// <summary>
/// Puts fragmented IPv4 and IPv6 datagrams together. A complete one comes out as a packet like any other: the headers of its first
/// fragment, without the marks of fragmentation, then the whole payload. Belongs to one lane; the clock is packet time.
/// </summary>
/// <remarks>
/// Works inside tags and tunnels, whose headers are kept. The result may be a fragment again, of an outer or inner datagram: decode it and
/// offer it again, until it is none or nothing comes out.
/// </remarks>
public sealed class IpDefragmenter
{
    private readonly IpDefragmenterOptions _options;
    private readonly long _timeoutNs;
    private readonly Dictionary<DatagramKey, FragmentedDatagram> _datagrams = [];
    private readonly Stack<FragmentedDatagram> _unused = new();

    // Pinned, for scripts look at packets in place.
    private readonly byte[] _result = GC.AllocateUninitializedArray<byte>(
        FragmentedDatagram.MaxHeaderLength + FragmentedDatagram.MaxPayloadLength,
        pinned: true
    );
    private IpDefragmenterCounters _counters;
    private FragmentedDatagram? _oldest;
    private FragmentedDatagram? _newest;
    private long _memory;

    /// <summary>Creates a defragmenter.</summary>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A limit is out of its range.</exception>
    public IpDefragmenter(IpDefragmenterOptions? options = null)
    {
        _options = options ?? new IpDefragmenterOptions();
        _options.Validate();
        _timeoutNs = _options.Timeout.Ticks * 100;
    }

    /// <summary>What has been done so far.</summary>
    public IpDefragmenterCounters Counters => _counters;

    /// <summary>Incomplete datagrams at this moment.</summary>
    public int Pending => _datagrams.Count;

    /// <summary>Bytes held for incomplete datagrams at this moment.</summary>
    public long MemoryBytes => _memory;

    /// <summary>Takes a fragment.</summary>
    /// <param name="packet">The packet it came in. May be a result of this object.</param>
    /// <param name="info">What <see cref="PacketDecoder"/> made of the packet, of kind <see cref="PacketKind.Fragment"/>.</param>
    /// <param name="datagram">The whole datagram, if this was its last missing piece: in pinned memory, valid until the next call. It has
    /// the time of this packet, and its own length for <see cref="CapturedPacket.WireLength"/>.</param>
    /// <returns>True if the datagram is complete.</returns>
    public bool TryComplete(scoped in CapturedPacket packet, scoped in PacketInfo info, out CapturedPacket datagram)
    {
        datagram = default;
        _counters.Fragments++;
        Expire(info.TimestampNs);
        if (!IsSound(info))
            return false;

        FragmentedDatagram target = Find(info);
        if (target.IsDiscarded)
            return false;

        int before = target.MemoryBytes;
        FragmentResult result = target.Add(packet, info, _options.FragmentsPerDatagram);
        _memory += target.MemoryBytes - before;
        switch (result)
        {
            case FragmentResult.Duplicate:
                _counters.Duplicates++;
                return false;
            case FragmentResult.Malformed:
                _counters.Malformed++;
                return false;
            case FragmentResult.TooMany:
                _counters.DroppedByLimit++;
                Discard(target);
                return false;
            case FragmentResult.Overlap:
                _counters.Overlaps++;
                if (target.Key.Version == 6)
                {
                    Discard(target);
                    return false;
                }

                break;
        }

        bool isComplete = target.IsComplete;
        if (isComplete)
        {
            int length = target.Assemble(_result);
            if (length > 0)
            {
                _counters.Reassembled++;
                datagram = new CapturedPacket(_result.AsSpan(0, length), info.TimestampNs, length, target.LinkType);
            }
            else
            {
                _counters.Malformed++;
                isComplete = false;
            }

            Remove(target);
        }

        while (_memory > _options.MemoryBytes && _oldest is { } oldest)
        {
            _counters.DroppedByLimit++;
            Remove(oldest);
        }

        return isComplete;
    }

    /// <summary>Gives up all incomplete datagrams, at the end of input.</summary>
    public void Clear()
    {
        while (_oldest is { } oldest)
            GiveUp(oldest);
    }

    // Checks what can be checked without the other fragments.
    private bool IsSound(in PacketInfo info)
    {
        if (info.Error == DecodeError.None && info.PayloadLength < info.PayloadWireLength)
        {
            _counters.CutBySnapLength++;
            return false;
        }

        bool isSound =
            info is { Kind: PacketKind.Fragment, Error: DecodeError.None, PayloadLength: > 0 }
            && info.FragmentOffset + info.PayloadLength <= FragmentedDatagram.MaxPayloadLength // else the "ping of death"
            && (!info.MoreFragments || info.PayloadLength % 8 == 0) // offsets count in units of 8 bytes
            && info.IpPayloadOffset <= FragmentedDatagram.MaxHeaderLength;
        if (!isSound)
            _counters.Malformed++;
        return isSound;
    }

    private FragmentedDatagram Find(in PacketInfo info)
    {
        var key = new DatagramKey(info);
        ref FragmentedDatagram? slot = ref CollectionsMarshal.GetValueRefOrAddDefault(_datagrams, key, out bool exists);
        if (exists)
            return slot!;
        FragmentedDatagram datagram = _unused.TryPop(out FragmentedDatagram? unused) ? unused : new FragmentedDatagram();
        slot = datagram;
        datagram.Begin(key, info.TimestampNs);
        _memory += datagram.MemoryBytes;
        datagram.Older = _newest;
        if (_newest is null)
            _oldest = datagram;
        else
            _newest.Newer = datagram;
        _newest = datagram;

        if (_datagrams.Count > _options.Datagrams)
        {
            _counters.DroppedByLimit++;
            Remove(_oldest!);
        }

        return datagram;
    }

    private void Expire(long nowNs)
    {
        while (_oldest is { } oldest && nowNs - oldest.FirstNs > _timeoutNs)
            GiveUp(oldest);
    }

    private void GiveUp(FragmentedDatagram datagram)
    {
        if (!datagram.IsDiscarded)
            _counters.TimedOut++;
        Remove(datagram);
    }

    // Keeps the key until its time is over, so that later pieces are recognised, and nothing else.
    private void Discard(FragmentedDatagram datagram)
    {
        int before = datagram.MemoryBytes;
        datagram.Discard();
        _memory += datagram.MemoryBytes - before;
    }

    private void Remove(FragmentedDatagram datagram)
    {
        const int keep = 64;
        _datagrams.Remove(datagram.Key);
        _memory -= datagram.MemoryBytes;
        if (datagram.Older is null)
            _oldest = datagram.Newer;
        else
            datagram.Older.Newer = datagram.Newer;
        if (datagram.Newer is null)
            _newest = datagram.Older;
        else
            datagram.Newer.Older = datagram.Older;
        datagram.Reset();
        if (_unused.Count < keep)
            _unused.Push(datagram);
    }
}
