using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>TLS handshakes as scripts and the store see them.</summary>
public sealed class TlsTests
{
    [Fact]
    public async Task Handshake_GivesAttributesToScripts()
    {
        using var workspace = new Workspace();
        Outcome run = (await Probe.Run(workspace, "-r", Capture(workspace, 4433), "-s", Probe.Script("tls.lua"), "--json")).MustExit(0);

        Assert.Equal(
            [
                "hello 1 whole",
                "TLS:SNI=certauth.idrix.fr",
                "TLS:JA4=t13d1715h2_5b57614c22b0_3d5424432f57",
                "TLS:ALPN=h2,http/1.1",
                "hello 2 whole",
                "TLS:CIPHER=C030",
                "TLS:ALPN:SERVER=http/1.1",
                "TLS:SUBJECT=CN=certauth.idrix.fr",
                "TLS:ISSUER=C=US, O=Let's Encrypt, CN=R3",
                "TLS:SAN=certauth.idrix.fr",
                "TLS:O=certauth.idrix.fr",
                "TLS:CA:INTER=R3",
                "TLS:CA:INTER=ISRG Root X1",
                "TLS:CA:ROOT=DST Root CA X3",
            ],
            run.Prints
        );
        Assert.Equal(1, (int)run.Json["details"]!["tls.connections"]!);
    }

    [Fact]
    public async Task Certificates_AreResources_WhenAskedFor()
    {
        using var workspace = new Workspace();
        (await Probe.Run(workspace, "-r", Capture(workspace, 443), "--resources", "tls", "--json")).MustExit(0);

        string row = Assert.Single(Store.Ask(workspace, "SELECT uri, label FROM resources"));
        Assert.StartsWith("SHA1:aeae9d28724cf52cb8121c7aada7ec12784a2a64\nNAME:/", row, StringComparison.Ordinal);
        Assert.Equal(3, row.Split("-----BEGIN CERTIFICATE-----\n").Length - 1);
    }

    [Fact]
    public async Task RequestsAndFiles_AreResources_WhenAskedFor()
    {
        using var workspace = new Workspace();
        byte[] body = Http.Noise(100);
        string capture = Recording.Of(Http.Get("/a?b=1"), Http.Ok(body, "text/plain")).Save(workspace.PathOf("a.pcap"));
        (await Probe.Run(workspace, "-r", capture, "--resources", "url", "--resources", "files", "--json")).MustExit(0);

        IReadOnlyList<string> rows = Store.Ask(workspace, "SELECT uri, label FROM resources ORDER BY uri");
        Assert.Equal(2, rows.Count);
        Assert.Matches(@"^GET www\.example\.org /a\?b=1 HTTP/1\.1\|status:200 usec:\d+$", rows[0]);
#pragma warning disable CA5351 // identifies, protects nothing
        Assert.StartsWith(
            "MD5:" + Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(body)) + "|",
            rows[1],
            StringComparison.Ordinal
        );
#pragma warning restore CA5351
    }

    [Fact]
    public async Task Request_ThatNobodyAnswers_IsAResourceToo()
    {
        using var workspace = new Workspace();
        var recording = new Recording();
        TcpConversation connection = recording.Connect();
        connection.ClientSends(Http.Get("/beacon"));
        connection.Close();
        (await Probe.Run(workspace, "-r", recording.Save(workspace.PathOf("a.pcap")), "--resources", "url", "--json")).MustExit(0);

        Assert.Equal(
            "GET www.example.org /beacon HTTP/1.1|status:0 usec:0",
            Assert.Single(Store.Ask(workspace, "SELECT uri, label FROM resources"))
        );
    }

    private static string Capture(Workspace workspace, ushort port)
    {
        var recording = new Recording();
        TcpConversation connection = recording.Connect(serverPort: port);
        foreach (
            string line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Captured", "server-chain.txt"))
                .Where(line => !line.StartsWith('#'))
        )
        {
            byte[] data = Convert.FromBase64String(line[2..]);
            if (line[0] == 'C')
                connection.ClientSends(data);
            else
                connection.ServerSends(data);
        }

        connection.Close();
        return recording.Save(workspace.PathOf("tls.pcap"));
    }
}
