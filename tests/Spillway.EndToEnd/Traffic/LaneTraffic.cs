using System.Buffers.Binary;
using System.Text;

namespace Spillway.EndToEnd.Traffic;

/// <summary>
/// Many hosts with what makes it hard to deal packets out: fragments, tunnels, FTP with its data, time that steps back by a little
/// and by a lot.
/// </summary>
internal static class LaneTraffic
{
    private const uint Network = 0x0A020300; // 10.2.3.0, the clients
    private const uint Server = 0xC6336400; // 198.51.100.0
    private const uint Resolver = 0xC0000235; // 192.0.2.53
    private const int Hosts = 12;

    /// <summary>Two rounds of traffic in a row, and one that is older than both.</summary>
    public static Recording Record()
    {
        var recording = new Recording();
        Round(recording, 0);
        recording.Pause(61);
        Round(recording, 1);
        recording.Pause(-400);
        Round(recording, 2);
        return recording;
    }

    private static void Round(Recording recording, int round)
    {
        for (uint host = 1; host <= Hosts; host++)
        {
            uint client = Network + host,
                server = Server + (host % 5) + 1;
            var port = (ushort)(50_000 + (100 * round) + host);
            // One name for each address: of two, the last to be seen is the label, and lanes see them in another order.
            LookUp(recording, client, port, $"host{server & 255}.example.org", server);
            Browse(recording, client, port, server, round);
            if (host % 3 == 0)
                recording.Pause(2);
            if (host % 4 == 0)
                recording.Pause(-1);
            Shake(recording, client, (ushort)(port + 20), server, $"secure{host}.example.net");
            Tunnel(recording, host, client, port, server);
            Fragments(recording, client, port, server);
            if (host % 2 == 0)
                Transfer(recording, client, port, server);
            recording.Add(Datagram.OfEcho(client, server, isReply: false, (ushort)host, Http.Noise(56)));
            recording.Add(Datagram.OfEcho(server, client, isReply: true, (ushort)host, Http.Noise(56)));
        }
    }

    private static void LookUp(Recording recording, uint client, ushort port, string name, uint address)
    {
        recording.Add(Datagram.OfUdp(client, port, Resolver, 53, Datagram.Dns(port, name)));
        recording.Add(Datagram.OfUdp(Resolver, 53, client, port, Datagram.Dns(port, name, address)));
    }

    private static void Browse(Recording recording, uint client, ushort port, uint server, int round)
    {
        TcpConversation connection = recording.Connect(client, port, server, 80);
        connection.ClientSends(Http.Get($"/page{port}"));
        connection.ServerSends(Http.ChunkedGzip(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat($"<p>{port}</p>", 200)))));
        connection.ClientSends(Http.Get($"/file{port}"));
        connection.ServerSends(Http.Ok([.. "MZ"u8, .. Http.Noise(3000, port)], "text/plain"));
        connection.ClientSends(Http.Post("/collect", Http.Noise(2000, port + 1)));
        connection.ServerSends(Http.Ok("thanks"u8.ToArray(), "text/plain"));
        if (round != 1 || port % 2 == 0)
            connection.Close(); // some last until the end
    }

    private static void Shake(Recording recording, uint client, ushort port, uint server, string name)
    {
        TcpConversation connection = recording.Connect(client, port, server, 443);
        connection.ClientSends(Tls.ClientHello(name, "h2"));
        connection.Close();
    }

    // VXLAN (RFC 7348) between two switches: who speaks inside decides.
    private static void Tunnel(Recording recording, uint host, uint client, ushort port, uint server)
    {
        byte[] inner = Datagram.OfUdp(client, (ushort)(port + 40), server, 4000, Http.Noise(200, (int)host));
        recording.Add(Datagram.OfUdp(0x0A0A0001, (ushort)(40_000 + host), 0x0A0A0002, 4789, [8, 0, 0, 0, 0, 0, 5, 0, .. inner]));
    }

    // A datagram in three fragments, the last one first.
    private static void Fragments(Recording recording, uint client, ushort port, uint server)
    {
        const int ethernet = 14,
            header = 20,
            piece = 512,
            moreFragments = 0x2000;
        byte[] whole = Datagram.OfUdp(client, (ushort)(port + 60), server, 5000, Http.Noise(3 * piece - 100, port));
        for (int i = 2; i >= 0; i--)
        {
            ReadOnlySpan<byte> content = whole.AsSpan(ethernet + header)[(i * piece)..];
            if (i < 2)
                content = content[..piece];
            byte[] frame = [.. whole.AsSpan(0, ethernet + header), .. content];
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(ethernet + 2), (ushort)(header + content.Length));
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(ethernet + 4), port);
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(ethernet + 6), (ushort)((i * piece / 8) | (i < 2 ? moreFragments : 0)));
            recording.Add(frame);
        }
    }

    private static void Transfer(Recording recording, uint client, ushort port, uint server)
    {
        TcpConversation control = recording.Connect(client, (ushort)(port + 70), server, 21);
        control.ServerSends("220 ready\r\n"u8.ToArray());
        control.ClientSends("PASV\r\n"u8.ToArray());
        control.ServerSends(Encoding.ASCII.GetBytes($"227 Entering Passive Mode (198,51,100,{server & 255},200,10).\r\n"));
        control.ClientSends("RETR report.bin\r\n"u8.ToArray());
        TcpConversation data = recording.Connect(client, (ushort)(port + 80), server, (200 * 256) + 10);
        data.ServerSends(Http.Noise(4000, port));
        data.Close();
        control.ServerSends("226 done\r\n"u8.ToArray());
        control.ClientSends("QUIT\r\n"u8.ToArray());
        control.Close();
    }
}
