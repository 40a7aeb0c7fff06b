using System.Buffers.Binary;
using System.Text;
using Spillway.Net.Packets;

namespace Spillway.Benchmarks.Worst;

/// <summary>Frames of TCP connections of clients with a server, one after the other, as a capture of both directions has them.</summary>
/// <param name="port">The server's port.</param>
internal sealed class WorstTalk(ushort port)
{
    /// <summary>Payload of a usual segment.</summary>
    public const int FullSegment = 1400;

    private const int IpOffset = 14,
        TcpOffset = 34;

    private int _client;
    private uint _fromClient,
        _fromServer;

    /// <summary>The frames so far.</summary>
    public List<byte[]> Frames { get; } = [];

    /// <summary>Begins another connection.</summary>
    public WorstTalk Connect()
    {
        _client++;
        (_fromClient, _fromServer) = (1000, 2000);
        Send(isClient: true, TcpFlags.Syn, []);
        _fromClient++;
        Send(isClient: false, TcpFlags.Syn | TcpFlags.Ack, []);
        _fromServer++;
        Send(isClient: true, TcpFlags.Ack, []);
        return this;
    }

    /// <summary>The client sends.</summary>
    public WorstTalk Ask(ReadOnlySpan<byte> data, int segment = FullSegment) => SendAll(isClient: true, data, segment);

    /// <summary>The client sends text; line feeds become line ends.</summary>
    public WorstTalk Ask(string text, int segment = FullSegment) => Ask(Bytes(text), segment);

    /// <summary>The server sends.</summary>
    public WorstTalk Answer(ReadOnlySpan<byte> data, int segment = FullSegment) => SendAll(isClient: false, data, segment);

    /// <summary>The server sends text; line feeds become line ends.</summary>
    public WorstTalk Answer(string text, int segment = FullSegment) => Answer(Bytes(text), segment);

    /// <summary>Frames of the server's next bytes, which are sent in an order of the caller's.</summary>
    /// <param name="offset">Where in them the segment begins.</param>
    /// <param name="data">The segment.</param>
    public void AnswerAt(int offset, ReadOnlySpan<byte> data)
    {
        uint before = _fromServer;
        _fromServer += (uint)offset;
        Send(isClient: false, TcpFlags.Ack, data);
        _fromServer = before;
    }

    /// <summary>Nothing of the server's bytes is missing any more.</summary>
    public void Advance(int bytes) => _fromServer += (uint)bytes;

    /// <summary>Both ends close.</summary>
    public WorstTalk Close()
    {
        Send(isClient: true, TcpFlags.Fin | TcpFlags.Ack, []);
        _fromClient++;
        Send(isClient: false, TcpFlags.Fin | TcpFlags.Ack, []);
        _fromServer++;
        Send(isClient: true, TcpFlags.Ack, []);
        return this;
    }

    /// <summary>Text with line ends of the network.</summary>
    public static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text.Replace("\n", "\r\n", StringComparison.Ordinal));

    /// <summary>The same text again and again.</summary>
    public static string Repeat(string text, int times) => new StringBuilder(text.Length * times).Insert(0, text, times).ToString();

    private WorstTalk SendAll(bool isClient, ReadOnlySpan<byte> data, int segment)
    {
        while (!data.IsEmpty)
        {
            int length = Math.Min(segment, data.Length);
            Send(isClient, TcpFlags.Ack | TcpFlags.Psh, data[..length]);
            (isClient ? ref _fromClient : ref _fromServer) += (uint)length;
            data = data[length..];
        }

        return this;
    }

    private void Send(bool isClient, TcpFlags flags, ReadOnlySpan<byte> payload)
    {
        uint sequence = isClient ? _fromClient : _fromServer,
            acknowledged = isClient ? _fromServer : _fromClient;
        byte[] frame = isClient
            ? Traffic.Segment(_client, sequence, flags, payload, acknowledged)
            : Traffic.Answer(_client, sequence, acknowledged, flags, payload);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(isClient ? TcpOffset + 2 : TcpOffset), port);
        frame[IpOffset + 6] = 0x40; // no fragment
        WorstChecksum.FillTcp(frame.AsSpan(IpOffset));
        Frames.Add(frame);
    }
}
