using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Spillway.EndToEnd.Traffic;

namespace Spillway.Shared.Web;

/// <summary>A little traffic in which every name that reaches a page is markup.</summary>
internal static class HostileTraffic
{
    public const string Host = "<img src=x onerror=hit()>";
    public const string Path = "/<script>hit()</script>?\"'><svg/onload=hit()>";
    public const string Query = "<b onclick=hit()>name</b>";
    public const string Subject = "<i>subject</i>";
    public const string Agent = "Mozilla <u>agent</u>";

    /// <summary>The content of the file that is carried.</summary>
    public static byte[] Content { get; } = [.. "<html><script>hit()</script>"u8, .. Http.Noise(3000)];

    /// <summary>The capture: an HTTP exchange, a name that is asked for, a handshake with a certificate, and some quiet flows.</summary>
    public static Recording Record()
    {
        var recording = new Recording();
        TcpConversation web = recording.Connect();
        web.ClientSends(Http.Get(Path.Replace(' ', '+'), Host, $"User-Agent: {Agent}\r\n"));
        web.ServerSends(Http.Ok(Content, "text/html"));
        web.Close();
        recording.Pause(30);
        recording.Add(Datagram.OfUdp(0x0A010203, 40_000, 0xC6336435, 53, Datagram.Dns(7, Query)));
        recording.Add(Datagram.OfUdp(0xC6336435, 53, 0x0A010203, 40_000, Datagram.Dns(7, Query, 0xC6336407)));
        TcpConversation secure = recording.Connect(49_200, 443);
        secure.ClientSends(Tls.ClientHello("secure.example.org", "h2"));
        secure.ServerSends([.. Tls.ServerHello(0xC030, "h2"), .. Tls.Certificates(Certificate())]);
        secure.Close();
        for (ushort i = 0; i < 20; i++)
        {
            recording.Pause(20);
            TcpConversation quiet = recording.Connect(0x0A010210u + i, (ushort)(50_000 + i), 0xC6336409, 80);
            quiet.ClientSends(Http.Get($"/page/{i}", "quiet.example.org"));
            quiet.ServerSends(Http.Ok(Http.Noise(200 + (i * 100)), "text/plain"));
            quiet.Close();
        }

        return recording;
    }

    private static byte[] Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName(Subject);
        var request = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(
            DateTimeOffset.UnixEpoch.AddYears(50),
            DateTimeOffset.UnixEpoch.AddYears(60)
        );
        return certificate.RawData;
    }
}
