using System.Buffers.Binary;
using Spillway.Net.Flows;

namespace Spillway.Net.Protocols.Ssh;

/// <summary>
/// The beginning of one SSH connection (RFC 4253): identification and offered methods of both ends. What follows is encrypted.
/// </summary>
public sealed class SshConnection<THandler>(Flow flow, THandler handler, SshObserver observer) : IStreamObserver
    where THandler : ISshHandler
{
    private const byte KeyExchangeOffer = 20;
    private const int LengthBytes = 4,
        CookieEnd = 17; // the number of the message, then 16 random bytes

    private readonly THandler _handler = handler;
    private readonly SshSide _client = new();
    private readonly SshSide _server = new();
    private Reading _fromClient;
    private Reading _fromServer;
    private bool _isReported;

    /// <inheritdoc/>
    public bool IsRecognised { get; private set; }

    /// <inheritdoc/>
    public bool IsDone => _fromClient.IsOver && _fromServer.IsOver;

    /// <inheritdoc/>
    public bool TlsBegins => false;

    /// <inheritdoc/>
    public bool IsReversed => false;

    /// <inheritdoc/>
    public void OnData(StreamDirection direction, ReadOnlySpan<byte> data)
    {
        bool isClient = direction == StreamDirection.ClientToServer;
        ref Reading reading = ref isClient ? ref _fromClient : ref _fromServer;
        SshSide side = isClient ? _client : _server;
        while (!data.IsEmpty && !reading.IsOver)
        {
            if (side.Banner.Length == 0)
                ReadLine(side, ref reading, ref data);
            else
                ReadPacket(side, ref reading, isClient, ref data);
        }

        if (IsDone)
            Close();
    }

    /// <inheritdoc/>
    public void OnGap(StreamDirection direction, long length) => OnEnd(direction);

    /// <inheritdoc/>
    public void OnEnd(StreamDirection direction)
    {
        End(ref direction == StreamDirection.ClientToServer ? ref _fromClient : ref _fromServer);
        if (IsDone)
            Close();
    }

    /// <inheritdoc/>
    public void Close()
    {
        End(ref _fromClient);
        End(ref _fromServer);
        if (!IsRecognised || _isReported)
            return;
        _isReported = true;
        _handler.OnHandshake(flow, _client, _server);
    }

    // A server may send other lines before.
    private void ReadLine(SshSide side, ref Reading reading, ref ReadOnlySpan<byte> data)
    {
        if (!reading.Lines.TryRead(ref data, SshObserver.MaxBannerBytes, observer.Budget, out ReadOnlySpan<byte> line))
            return;
        if (SshSide.IsBanner(line))
        {
            side.TakeBanner(line);
            reading.Lines.Release(observer.Budget);
            reading.Before = 0;
            if (!IsRecognised)
                observer.Connections++;
            IsRecognised = true;
            if (!side.ProtocolVersion.StartsWith("2."u8) && !side.ProtocolVersion.SequenceEqual("1.99"u8))
                End(ref reading); // version 1 offers nothing by name
        }
        else if (++reading.Before > SshObserver.MaxBefore)
        {
            End(ref reading);
        }
    }

    private void ReadPacket(SshSide side, ref Reading reading, bool isClient, ref ReadOnlySpan<byte> data)
    {
        int held = reading.Packet.Length;
        int needed = LengthBytes;
        if (held >= LengthBytes)
            needed = Whole(reading.Packet.Bytes);
        else if (held == 0 && data.Length >= LengthBytes)
            needed = Whole(data);
        if (needed < LengthBytes)
        {
            End(ref reading);
            return;
        }

        if (held == 0 && needed > LengthBytes && data.Length >= needed)
        {
            TakePacket(side, ref reading, isClient, data[..needed]);
            data = data[needed..];
            return;
        }

        int taken = Math.Min(data.Length, needed - held);
        if (!reading.Packet.TryAppend(data[..taken], observer.Budget))
        {
            End(ref reading);
            return;
        }

        data = data[taken..];
        if (needed == LengthBytes || reading.Packet.Length < needed)
            return;
        TakePacket(side, ref reading, isClient, reading.Packet.Bytes);
        reading.Packet.Clear();
    }

    // With its length; 0 if no packet in the clear has it.
    private static int Whole(ReadOnlySpan<byte> packet)
    {
        uint length = BinaryPrimitives.ReadUInt32BigEndian(packet);
        return length is >= 2 and <= SshObserver.MaxPacketBytes ? LengthBytes + (int)length : 0;
    }

    private void TakePacket(SshSide side, ref Reading reading, bool isClient, ReadOnlySpan<byte> packet)
    {
        ReadOnlySpan<byte> payload = packet[(LengthBytes + 1)..];
        int padding = packet[LengthBytes];
        payload = payload[..Math.Max(0, payload.Length - padding)];
        if (payload.Length > CookieEnd && payload[0] == KeyExchangeOffer)
            TakeMethods(side, payload[CookieEnd..], isClient);
        else if (++reading.Before <= SshObserver.MaxBefore)
            return;
        End(ref reading);
    }

    // RFC 4253, section 7.1: key exchange, host keys, then encryption, authentication and compression for each direction, the client's
    // first.
    private static void TakeMethods(SshSide side, ReadOnlySpan<byte> lists, bool isClient)
    {
        Span<byte> methods = new byte[lists.Length];
        int length = 0;
        for (int i = 0; i < 8; i++)
        {
            var reader = new WireReader(lists);
            uint listLength = ((uint)reader.ReadUInt16() << 16) | reader.ReadUInt16();
            if (reader.IsExhausted || listLength > reader.Rest.Length)
                return;
            ReadOnlySpan<byte> list = reader.Rest[..(int)listLength];
            lists = reader.Rest[(int)listLength..];
            if (i == 1 || (i > 1 && (i % 2 == 0) != isClient))
                continue;
            if (i > 0)
                methods[length++] = (byte)';';
            list.CopyTo(methods[length..]);
            length += list.Length;
        }

        side.TakeMethods(methods[..length]);
    }

    private void End(ref Reading reading)
    {
        reading.IsOver = true;
        reading.Lines.Release(observer.Budget);
        reading.Packet.Release(observer.Budget);
    }

    // Where one direction stands.
    private struct Reading
    {
        public LineReader Lines;
        public WireBuffer Packet;
        public int Before;
        public bool IsOver;
    }
}
