using System.Text;

namespace Spillway.EndToEnd.Traffic;

/// <summary>
/// <c>examples/traffic.pcap</c>: a little of everything that the examples look for. Made by this program alone, so that anyone can make it
/// again.
/// </summary>
internal static class ExampleTraffic
{
    private const uint Workstation = 0x0A010203; // 10.1.2.3, as TcpConversation has it
    private const uint Resolver = 0xC0000235; // 192.0.2.53
    private const uint Collector = 0x0A010209;
    private const uint Outside = 0xCB007109; // 203.0.113.9

    private const string Browser = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
    private const string Updater = "curl/8.5.0";

    /// <summary>The capture.</summary>
    /// <param name="handshake">Lines of a TLS handshake: C or S, a blank, and the bytes in base 64.</param>
    public static Recording Record(IEnumerable<string> handshake)
    {
        var recording = new Recording();
        LookUp(recording, "www.example.org", 0xC6336407);
        Browse(recording);
        Handshake(recording, handshake);
        Report(recording);
        LookUp(recording, "xq7r9k2wz4t8bn1.example", null);
        Ping(recording);
        recording.Pause(61);
        LookUp(recording, "cdn.malware.example", Outside);
        Upload(recording);
        Tunnel(recording);
        Backup(recording);
        recording.Pause(61);
        recording.Add(Datagram.OfUdp(Workstation, 40_500, Collector, 514, "<30>Nov 14 22:15:23 ws dhclient: renewal in 1790 seconds"u8));
        return recording;
    }

    private static void LookUp(Recording recording, string name, uint? address)
    {
        ushort id = (ushort)(40_000 + recording.Count);
        recording.Add(Datagram.OfUdp(Workstation, id, Resolver, 53, Datagram.Dns(id, name)));
        recording.Add(
            Datagram.OfUdp(Resolver, 53, Workstation, id, address is null ? NoSuchName(id, name) : Datagram.Dns(id, name, address))
        );
    }

    private static byte[] NoSuchName(ushort id, string name)
    {
        byte[] message = Datagram.Dns(id, name);
        (message[2], message[3]) = (0x81, 0x83);
        return message;
    }

    // Two connections: a browser with a page, a picture and a document, and an updater with a program that calls itself a text.
    private static void Browse(Recording recording)
    {
        TcpConversation browser = recording.Connect(50_001);
        browser.ClientSends(Get("/", "www.example.org", Browser));
        browser.ServerSends(
            Http.Ok(Encoding.ASCII.GetBytes("<!doctype html><title>Example</title>" + new string(' ', 900)), "text/html; charset=utf-8")
        );
        browser.ClientSends(Get("/logo.png", "www.example.org", Browser));
        browser.ServerSends(Http.Ok([0x89, .. "PNG\r\n\x1a\n"u8, .. Http.Noise(700)], "image/png"));
        browser.ClientSends(Get("/manual.pdf", "www.example.org", Browser));
        browser.ServerSends(Http.Ok([.. "%PDF-1.7\n"u8, .. Http.Noise(4000, 2)], "application/pdf"));
        browser.Close();

        TcpConversation updater = recording.Connect(50_002);
        updater.ClientSends(Get("/notes.txt", "updates.example.net", Updater));
        updater.ServerSends(Http.Ok([.. "MZ"u8, .. Http.Noise(3000, 3)], "text/plain"));
        updater.ClientSends(Get("/setup", "updates.example.net", Updater));
        updater.ServerSends(Http.Ok([.. "MZ"u8, .. Http.Noise(2000, 4)], "application/octet-stream"));
        updater.ClientSends(Get("/setup.bin", "updates.example.net", Updater));
        updater.ServerSends(Http.Ok([.. "MZ"u8, .. Http.Noise(2000, 5)], "application/pdf"));
        updater.Close();
    }

    private static byte[] Get(string path, string host, string agent) =>
        Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {agent}\r\n\r\n");

    private static void Handshake(Recording recording, IEnumerable<string> lines)
    {
        TcpConversation connection = recording.Connect(50_003, 443);
        foreach (string line in lines.Where(line => !line.StartsWith('#')))
        {
            byte[] data = Convert.FromBase64String(line[2..]);
            if (line[0] == 'C')
                connection.ClientSends(data);
            else
                connection.ServerSends(data);
        }

        connection.Close();
    }

    private static void Report(Recording recording)
    {
        foreach (
            string text in new[]
            {
                "<13>Nov 14 22:13:20 fw kernel: eth0 up",
                "<38>Nov 14 22:13:21 fw sshd[311]: Accepted publickey for ops from 10.1.2.3",
                "<2>Nov 14 22:13:22 fw kernel: CPU0 too hot",
                "<2>Nov 14 22:13:23 fw kernel: CPU0 too hot",
                "<2>Nov 14 22:13:24 fw kernel: CPU0 too hot",
                "<999>no priority",
                "not a message",
            }
        )
        {
            recording.Add(Datagram.OfUdp(Workstation, 40_500, Collector, 514, Encoding.ASCII.GetBytes(text)));
        }
    }

    // What ping(8) sends: the same 56 bytes each time.
    private static void Ping(Recording recording)
    {
        byte[] content = [.. Enumerable.Range(0, 56).Select(i => (byte)i)];
        for (ushort i = 1; i <= 3; i++)
            Echo(recording, Resolver, i, content);
    }

    private static void Tunnel(Recording recording)
    {
        for (ushort i = 1; i <= 12; i++)
            Echo(recording, Outside, i, Http.Noise(480, i));
    }

    private static void Echo(Recording recording, uint other, ushort sequence, byte[] content)
    {
        recording.Add(Datagram.OfEcho(Workstation, other, isReply: false, sequence, content));
        recording.Add(Datagram.OfEcho(other, Workstation, isReply: true, sequence, content));
    }

    private static void Upload(Recording recording)
    {
        TcpConversation connection = recording.Connect(50_004);
        connection.ClientSends(Http.Post("/collect", Http.Noise(30_000, 6)));
        connection.ServerSends(Http.Ok("thanks"u8.ToArray(), "text/plain"));
        connection.Close();
    }

    private static void Backup(Recording recording)
    {
        TcpConversation connection = recording.Connect(50_005, 22);
        connection.ServerSends("SSH-2.0-OpenSSH_9.6\r\n"u8.ToArray());
        connection.ClientSends("SSH-2.0-OpenSSH_9.6\r\n"u8.ToArray());
        connection.ClientSends(Http.Noise(2000, 7));
        connection.Close();
        recording.Connect(50_006, 8443).Close(); // nobody says a word
    }
}
