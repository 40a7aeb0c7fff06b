using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Spillway.Net.Capture;

/// <summary>
/// Mirrored traffic that comes to a UDP socket: the Ethernet frame in each datagram of VXLAN (RFC 7348) or, on port 6081, GENEVE (RFC 8926)
/// is a packet.
/// Needs no privileges. Packet time is when the datagram was read.
/// </summary>
public sealed class UdpSource : LiveSource
{
    private const int GenevePort = 6081;
    private const int HeaderBytes = 8;

    private static readonly TimeSpan UpkeepInterval = TimeSpan.FromMilliseconds(250);

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(65_536, pinned: true);
    private readonly Socket _socket;
    private readonly PacketFilter? _filter;
    private readonly bool _isGeneve;
    private readonly int _snapLength;
    private readonly byte[] _memory = new byte[36]; // SO_MEMINFO: nine numbers of 32 bits
    private long _refused;
    private long _drops;
    private long _left;
    private uint _lastDrops;
    private long _stoppedAt;
    private long _upkeepAt = Stopwatch.GetTimestamp();
    private volatile bool _isStopped;

    /// <summary>Opens the socket.</summary>
    /// <param name="place">ADDRESS:PORT; an IPv6 address in brackets.</param>
    /// <param name="options">Its buffer, snap length and filter.</param>
    /// <exception cref="CaptureException">The address is none, or not of this machine, or the port is taken.</exception>
    public UdpSource(string place, LiveOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Name = "udp:" + place;
        if (!IPEndPoint.TryParse(place, out IPEndPoint? end) || end.Port == 0)
            throw new CaptureException($"'{Name}' is no UDP socket: give udp:ADDRESS:PORT, such as udp:0.0.0.0:4789");
        if (!string.IsNullOrWhiteSpace(options.Filter))
        {
            _filter =
                PacketFilter.TryCompile(options.Filter, LinkType.Ethernet, out string? flaw)
                ?? throw new CaptureException($"the filter '{options.Filter}' does not fit the frames of '{Name}': {flaw}");
        }

        _snapLength = options.SnapLength;
        _isGeneve = end.Port == GenevePort;
        _socket = new Socket(end.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            _socket.ReceiveBufferSize = options.BufferBytes; // the kernel gives what net.core.rmem_max allows
            _socket.Bind(end);
        }
        catch (SocketException failure)
        {
            _socket.Dispose();
            _filter?.Dispose();
            throw new CaptureException($"'{Name}' cannot be listened to: {failure.Message}", failure);
        }
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override SourceEvent Read(out CapturedPacket packet)
    {
        while (true)
        {
            bool isThere = _socket.Poll(_isStopped ? TimeSpan.Zero : IdleInterval, SelectMode.SelectRead) && !IsOver();
            if (Stopwatch.GetElapsedTime(_upkeepAt) >= UpkeepInterval)
                Count();
            if (!isThere)
                break;
            if (TryReceive(out packet))
            {
                Packets++;
                return SourceEvent.Packet;
            }
        }

        packet = default;
        Count();
        IdleNs = Now();
        return _isStopped ? SourceEvent.End : SourceEvent.Idle;
    }

    /// <inheritdoc/>
    public override void Settle()
    {
        CountLeft();
        Count();
    }

    /// <inheritdoc/>
    public override void Stop() => _isStopped = true; // seen within the idle interval

    /// <inheritdoc/>
    public override void Dispose()
    {
        _socket.Dispose();
        _filter?.Dispose();
    }

    private static long Now() => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    // What the kernel had at the stop is still taken, unless more comes all the time.
    private bool IsOver()
    {
        if (!_isStopped)
            return false;
        if (_stoppedAt == 0)
            _stoppedAt = Stopwatch.GetTimestamp();
        return Stopwatch.GetElapsedTime(_stoppedAt) >= StopPatience;
    }

    // False if it is no frame, or does not pass the filter.
    private unsafe bool TryReceive(out CapturedPacket packet)
    {
        packet = default;
        int length = _socket.Receive(_buffer);
        int start = FrameStart(_buffer.AsSpan(0, length), _isGeneve);
        if (start < 0)
        {
            _refused++;
            return false;
        }

        int wireLength = length - start;
        fixed (byte* frame = &_buffer[start]) // pinned already; libpcap's filter wants the address
        {
            if (_filter is not null && !_filter.Passes(new PcapPacket((nint)frame, wireLength, wireLength, 0)))
                return false;
        }

        packet = new CapturedPacket(_buffer.AsSpan(start, Math.Min(wireLength, _snapLength)), Now(), wireLength, LinkType.Ethernet);
        return true;
    }

    // Where the Ethernet frame begins; -1 if there is none.
    private static int FrameStart(ReadOnlySpan<byte> datagram, bool isGeneve)
    {
        const int ethernetHeader = 14;
        const ushort transparentEthernet = 0x6558;
        const byte hasVni = 8;
        if (datagram.Length < HeaderBytes)
            return -1;
        int start = HeaderBytes;
        if (!isGeneve)
            return (datagram[0] & hasVni) != 0 && datagram.Length >= start + ethernetHeader ? start : -1;
        start += (datagram[0] & 0x3f) * 4;
        return
            datagram[0] >> 6 == 0
            && BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]) == transparentEthernet
            && datagram.Length >= start + ethernetHeader
            ? start
            : -1;
    }

    // What is left in the socket's buffer when there was no time to take it: unread, but not unknown.
    private void CountLeft()
    {
        const int room = 1 << 18;
        while (_left < room && _socket.Poll(TimeSpan.Zero, SelectMode.SelectRead))
        {
            _socket.Receive(_buffer);
            _left++;
        }
    }

    private void Count()
    {
        const int socketLevel = 1,
            socketMemory = 55,
            drops = 8;
        _upkeepAt = Stopwatch.GetTimestamp();
        if (_socket.GetRawSocketOption(socketLevel, socketMemory, _memory) == _memory.Length)
        {
            uint now = BitConverter.ToUInt32(_memory, drops * sizeof(uint));
            _drops += unchecked(now - _lastDrops);
            _lastDrops = now;
        }

        Counts = new CaptureCounts(Packets + _drops + _refused + _left, Packets, _drops, 0) { Refused = _refused };
    }
}
