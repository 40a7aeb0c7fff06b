using System.Diagnostics;
using System.Net;
using Spillway.Shared.Web;
using Spillway.Web.Security;

namespace Spillway.Web.Tests;

/// <summary>Who gets in, what may be changed, and what browsers are told.</summary>
public sealed class SafetyTests(RunFixture run) : IClassFixture<RunFixture>
{
    private static CancellationToken End => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/")]
    [InlineData("/flows")]
    [InlineData("/api/v1/flows")]
    [InlineData("/api/v1/live")]
    [InlineData("/api/v1/openapi.json")]
    public async Task Stranger_SeesNothing(string path)
    {
        using HttpClient stranger = RunFixture.Stranger(run.Server);
        using HttpResponseMessage response = await stranger.GetAsync(path, End);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.DoesNotContain("10.1.2.3", await response.Content.ReadAsStringAsync(End), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_LetsInByACookieThatOnlyOurPagesGet()
    {
        using HttpClient stranger = RunFixture.Stranger(run.Server);
        using HttpResponseMessage wrong = await stranger.GetAsync("/?token=0123", End);
        using HttpResponseMessage right = await stranger.GetAsync(new Uri(run.Server.Url), End);

        Assert.Equal(HttpStatusCode.Forbidden, wrong.StatusCode);
        string cookie = right.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains($"spillway-{run.Server.Address.Port}=", cookie, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_AllowNoScriptButOurs()
    {
        using HttpResponseMessage page = await run.Client.GetAsync("/", End);

        string policy = page.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", page.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("DENY", page.Headers.GetValues("X-Frame-Options").Single());
        string text = await page.Content.ReadAsStringAsync(End);
        Assert.DoesNotContain(" style=", text, StringComparison.Ordinal);
        Assert.DoesNotContain(" onclick=", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("evil.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("evil.example:80", HttpStatusCode.MisdirectedRequest)]
    [InlineData("localhost", HttpStatusCode.OK)]
    [InlineData("127.0.0.1:1234", HttpStatusCode.OK)]
    public async Task NameOfARequest_ThatIsAnothers_IsRefused(string host, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health");
        request.Headers.Host = host;
        using HttpResponseMessage response = await run.Client.SendAsync(request, End);

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task Change_WithoutAFormOfOurs_IsRefused()
    {
        string page = await run.Client.GetStringAsync("/alerts?signature=198.51.100.7", End);
        string token = RunFixture.FormTokenOf(page);

        Assert.Equal(HttpStatusCode.Forbidden, await Note(run.Client, "0000", null));
        Assert.Equal(HttpStatusCode.Forbidden, await Note(run.Client, token, "cross-site"));
        Assert.Equal(HttpStatusCode.SeeOther, await Note(run.Client, token, "same-origin"));
        Assert.Contains("seen &lt;b&gt;", await run.Client.GetStringAsync("/alerts?signature=198.51.100.7", End), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Users_LookAndChangeByTheirRoles()
    {
        using WebServer server = run.Start(new WebOptions { Users = run.WriteUsers() });
        Assert.DoesNotContain("token", server.Url, StringComparison.Ordinal);
        using HttpClient ada = RunFixture.Stranger(server),
            bob = RunFixture.Stranger(server);

        Assert.Equal(HttpStatusCode.Unauthorized, await LogIn(ada, "ada", "a guess"));
        Assert.Equal(HttpStatusCode.OK, await LogIn(ada, "ada", "difference engine"));
        Assert.Equal(HttpStatusCode.OK, await LogIn(bob, "bob", "only to look"));
        string hers = RunFixture.FormTokenOf(await ada.GetStringAsync("/alerts?signature=198.51.100.7", End)),
            his = RunFixture.FormTokenOf(await bob.GetStringAsync("/alerts?signature=198.51.100.7", End));
        Assert.Equal(HttpStatusCode.SeeOther, await Note(ada, hers, "same-origin"));
        Assert.Equal(HttpStatusCode.Forbidden, await Note(bob, his, "same-origin"));
    }

    [Fact]
    public async Task Login_AfterManyFailures_IsRefusedThoughItIsRight()
    {
        using WebServer server = run.Start(new WebOptions { Users = run.WriteUsers() });
        using HttpClient ada = RunFixture.Stranger(server);
        for (int i = 0; i < LoginLimit.MaxFailuresOfAddress; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, await LogIn(ada, "ada", "a guess"));

        Assert.Equal(HttpStatusCode.Unauthorized, await LogIn(ada, "ada", "difference engine"));
    }

    [Fact]
    public void LoginLimit_ForgetsAfterAMinute()
    {
        long now = 1;
        var limit = new LoginLimit(() => now);
        for (int i = 0; i < LoginLimit.MaxFailuresOfAddress; i++)
            limit.Failed(IPAddress.Loopback);

        Assert.False(limit.MayTry(IPAddress.Loopback));
        Assert.True(limit.MayTry(IPAddress.IPv6Loopback));
        now += 61 * Stopwatch.Frequency;
        Assert.True(limit.MayTry(IPAddress.Loopback));
    }

    [Theory]
    [InlineData(false, false, "a certificate and a list of users")]
    [InlineData(false, true, "needs a certificate:")]
    [InlineData(true, false, "needs a list of users:")]
    public void BeyondThisMachine_WithoutTlsAndUsers_IsRefusedWithTheWayOut(bool hasCertificate, bool hasUsers, string expected)
    {
        WebException refused = Assert.Throws<WebException>(() =>
            run.Start(
                new WebOptions
                {
                    Address = new IPEndPoint(IPAddress.Any, 0),
                    Certificate = hasCertificate ? "cert.pem" : null,
                    Users = hasUsers ? "users" : null,
                }
            )
        );

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.Contains("ssh -L", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BeyondThisMachine_WithTlsAndUsers_IsServed()
    {
        string certificate = WriteCertificate();
        using WebServer server = run.Start(
            new WebOptions
            {
                Address = new IPEndPoint(IPAddress.Any, 0),
                Certificate = certificate,
                Users = run.WriteUsers(),
            }
        );
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true };
        using var client = new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{server.Address.Port}") };

        using HttpResponseMessage response = await client.GetAsync("/", End);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains("Password", await response.Content.ReadAsStringAsync(End), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/host?address=10.1.2.3")]
    [InlineData("/flows")]
    [InlineData("/names?kind=http")]
    [InlineData("/names")]
    [InlineData("/certificates")]
    [InlineData("/files")]
    [InlineData("/search?search=%3Cscript%3Ehit()%3C/script%3E")]
    [InlineData("/counters?group=%3Cimg%20src%3Dx%3E")]
    [InlineData("/nothing")]
    public async Task NamesFromTheWire_AreText(string path)
    {
        using HttpResponseMessage response = await run.Client.GetAsync(path, End);
        string page = await response.Content.ReadAsStringAsync(End);

        foreach (string markup in (string[])["<img", "<svg/", "<b on", "<i>subject", "<u>agent", "<script>hit"])
            Assert.DoesNotContain(markup, page, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(1, page.Split("<script").Length - 1);
    }

    [Fact]
    public async Task Names_AreOnThePagesAsTheyWere()
    {
        Assert.Contains(
            WebUtility.HtmlEncode(HostileTraffic.Host),
            await run.Client.GetStringAsync("/names?kind=http", End),
            StringComparison.Ordinal
        );
        Assert.Contains("&lt;i&gt;subject", await run.Client.GetStringAsync("/certificates", End), StringComparison.Ordinal);
    }

    private string WriteCertificate()
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest(
            "CN=localhost",
            key,
            System.Security.Cryptography.HashAlgorithmName.SHA256
        );
        using System.Security.Cryptography.X509Certificates.X509Certificate2 certificate = request.CreateSelfSigned(
            DateTimeOffset.UnixEpoch,
            DateTimeOffset.UnixEpoch.AddYears(100)
        );
        return run.Workspace.Write("cert.pem", certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    private static async Task<HttpStatusCode> Note(HttpClient client, string token, string? site)
    {
        string page = await client.GetStringAsync("/api/v1/alert-groups", End);
        string group = (string)System.Text.Json.Nodes.JsonNode.Parse(page)!["rows"]![0]!["group_guid"]!;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/alerts/note")
        {
            Content = new FormUrlEncodedContent(
                new Dictionary<string, string>
                {
                    ["form"] = token,
                    ["group"] = group,
                    ["signature"] = "198.51.100.7",
                    ["note"] = "seen <b>",
                    ["until"] = "9000000000000000000",
                    ["do"] = "acknowledge",
                    ["back"] = "/alerts",
                }
            ),
        };
        if (site is not null)
            request.Headers.Add("Sec-Fetch-Site", site);
        using HttpResponseMessage response = await client.SendAsync(request, End);
        return response.StatusCode;
    }

    private static async Task<HttpStatusCode> LogIn(HttpClient client, string name, string password)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["name"] = name, ["password"] = password });
        using HttpResponseMessage response = await client.PostAsync("/login", form, End);
        return response.StatusCode;
    }
}
