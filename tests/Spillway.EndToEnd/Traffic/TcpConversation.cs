using System.Buffers.Binary;

namespace Spillway.EndToEnd.Traffic;

/// <summary>Both ends of a TCP connection: what they send becomes frames, acknowledged by the other end.</summary>
public sealed class TcpConversation
{
    private const int SegmentSize = 1400;
    private const byte Fin = 0x01,
        Syn = 0x02,
        Push = 0x08,
        Ack = 0x10;

    private readonly Recording _recording;
    private readonly End _client;
    private readonly End _server;

    internal TcpConversation(Recording recording, uint client, ushort clientPort, uint server, ushort serverPort)
    {
        _recording = recording;
        _client = new End(BytesOf(client), clientPort) { Next = 1000 };
        _server = new End(BytesOf(server), serverPort) { Next = 0xFFFF_FFFF - 5000 }; // wraps on the way
        Send(_client, _server, Syn, []);
        Send(_server, _client, Syn | Ack, []);
        Send(_client, _server, Ack, []);
    }

    public void ClientSends(byte[] data) => SendAll(_client, _server, data);

    public void ServerSends(byte[] data) => SendAll(_server, _client, data);

    public void Close()
    {
        Send(_client, _server, Fin | Ack, []);
        Send(_server, _client, Fin | Ack, []);
        Send(_client, _server, Ack, []);
    }

    private static byte[] BytesOf(uint address) => [(byte)(address >> 24), (byte)(address >> 16), (byte)(address >> 8), (byte)address];

    private void SendAll(End from, End to, byte[] data)
    {
        foreach (byte[] segment in data.Chunk(SegmentSize))
            Send(from, to, Push | Ack, segment);
        Send(to, from, Ack, []);
    }

    private void Send(End from, End to, byte flags, byte[] payload)
    {
        byte[] frame = new byte[14 + 20 + 20 + payload.Length];
        byte[] addresses = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0];
        addresses.CopyTo(frame, 0);

        Span<byte> ip = frame.AsSpan(14);
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(frame.Length - 14));
        BinaryPrimitives.WriteUInt16BigEndian(ip[4..], (ushort)_recording.Count);
        ip[8] = 64;
        ip[9] = 6;
        from.Address.CopyTo(ip[12..]);
        to.Address.CopyTo(ip[16..]);

        Span<byte> tcp = ip[20..];
        BinaryPrimitives.WriteUInt16BigEndian(tcp, from.Port);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], to.Port);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], from.Next);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[8..], (flags & Ack) != 0 ? to.Next : 0);
        tcp[12] = 0x50;
        tcp[13] = flags;
        BinaryPrimitives.WriteUInt16BigEndian(tcp[14..], 64240);
        payload.CopyTo(tcp[20..]);

        from.Next += (uint)payload.Length + ((flags & (Fin | Syn)) != 0 ? 1u : 0);
        _recording.Add(frame);
    }

    private sealed class End(byte[] address, ushort port)
    {
        public byte[] Address { get; } = address;

        public ushort Port { get; } = port;

        public uint Next { get; set; }
    }
}
