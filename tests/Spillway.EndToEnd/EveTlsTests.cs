using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>A handshake of TLS 1.2 in which both sides show a certificate.</summary>
public sealed class EveTlsTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task MutualHandshake_ShowsBothCertificatesAndProtocols()
    {
        byte[] server = Certificate("CN=server.example", "server.example", IPAddress.Parse("192.0.2.7"));
        byte[] client = Certificate("CN=device 7, O=Example", "device7.example", address: null);
        var recording = new Recording();
        TcpConversation connection = recording.Connect(serverPort: 8443);
        connection.ClientSends(Tls.ClientHello("server.example", "h2"));
        connection.ServerSends([.. Tls.ServerHello(0xC02F, "h2"), .. Tls.Certificates(server)]);
        connection.ClientSends([.. Tls.Certificates(client), .. Tls.ChangeCipherSpec]);
        connection.ServerSends(Tls.ChangeCipherSpec);
        connection.Close();
        recording.Save(_workspace.PathOf("m.pcap"));
        (await Probe.Run(_workspace, ["-r", "m.pcap", "-q", "--eve", "eve.json", "--eve-types", "tls", "--eve-chains"])).MustExit(0);
        JsonNode tls = JsonNode.Parse(Assert.Single(File.ReadLines(_workspace.PathOf("eve.json"))))!["tls"]!;

        Assert.Equal("CN=server.example", (string?)tls["subject"]);
        Assert.Equal("""["server.example","192.0.2.7"]""", tls["subjectaltname"]!.ToJsonString());
        Assert.Equal("""["h2"] ["h2"]""", $"{tls["client_alpns"]!.ToJsonString()} {tls["server_alpns"]!.ToJsonString()}");
        Assert.Matches("^t12d0102h2_[0-9a-f]{12}_[0-9a-f]{12}$|^t12d0102h2_[0-9a-f]{12}_0{12}$", (string?)tls["ja4"]);
        Assert.Equal(Convert.ToBase64String(server), (string?)Assert.Single(tls["chain"]!.AsArray()));
        JsonNode other = tls["client"]!;
        Assert.Equal("O=Example, CN=device 7", (string?)other["subject"]);
        Assert.Equal("""["device7.example"]""", other["subjectaltname"]!.ToJsonString());
        Assert.Equal(Convert.ToBase64String(client), (string?)Assert.Single(other["chain"]!.AsArray()));
        Assert.Equal(
            [
                "ALPN|h2",
                "ALPN:SERVER|h2",
                "CLIENT:ISSUER|O=Example, CN=device 7",
                "CLIENT:SUBJECT|O=Example, CN=device 7",
                "ISSUER|CN=server.example",
                $"JA4|{tls["ja4"]}",
                "SNI|server.example",
                "SUBJECT|CN=server.example",
            ],
            Store.Ask(_workspace, "SELECT name, value FROM flow_attributes ORDER BY name")
        );
    }

    private static byte[] Certificate(string subject, string name, IPAddress? address)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        if (address is not null)
            names.AddIpAddress(address);
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset begin = new(2024, 1, 5, 0, 0, 0, TimeSpan.Zero);
        using X509Certificate2 certificate = request.CreateSelfSigned(begin, begin.AddYears(1));
        return certificate.RawData;
    }
}
