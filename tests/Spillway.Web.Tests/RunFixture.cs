using System.Net;
using System.Text.RegularExpressions;
using Spillway.EndToEnd.Running;
using Spillway.Shared.Web;
using Spillway.Web.Security;

namespace Spillway.Web.Tests;

/// <summary>A run with its pages: all tests look at the same.</summary>
public sealed partial class RunFixture : IAsyncLifetime
{
    private WebServer? _server;

    internal Workspace Workspace { get; } = new();

    /// <summary>The server, whose visitors are let in by the token.</summary>
    internal WebServer Server => _server!;

    /// <summary>Somebody who was let in.</summary>
    internal HttpClient Client { get; private set; } = new();

    public async ValueTask InitializeAsync()
    {
        HostileTraffic.Record().Save(Workspace.PathOf("a.pcap"));
        Workspace.Write("bad.txt", "198.51.100.7\n");
        string[] line =
        [
            "run",
            "-r",
            "a.pcap",
            "-q",
            "-o",
            "out",
            "--packets",
            "out/packets",
            "--extract",
            "out/files",
            "--documents",
            "all",
            "--resources",
            "all",
            "--intel",
            "bad.txt",
        ];
        (await Probe.Command(Workspace, line)).MustExit(0);
        _server = Start(new WebOptions());
        Client = await Enter(_server);
    }

    public ValueTask DisposeAsync()
    {
        Client.Dispose();
        _server?.Dispose();
        Workspace.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>A server of the run.</summary>
    internal WebServer Start(WebOptions options) =>
        WebServer.Start(
            options with
            {
                Place = Workspace.PathOf("out"),
                Packets = Workspace.PathOf("out/packets"),
                Files = Workspace.PathOf("out/files"),
            }
        );

    /// <summary>Lets somebody in by the token.</summary>
    internal static async Task<HttpClient> Enter(WebServer server)
    {
        HttpClient client = Stranger(server);
        using HttpResponseMessage entered = await client.GetAsync(new Uri(server.Url), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, entered.StatusCode);
        return client;
    }

    /// <summary>Somebody who is not let in yet, and keeps cookies.</summary>
    internal static HttpClient Stranger(WebServer server) =>
        new(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }, disposeHandler: true)
        {
            BaseAddress = new Uri($"http://127.0.0.1:{server.Address.Port}"),
        };

    /// <summary>A file of two users.</summary>
    internal string WriteUsers()
    {
        string path = Workspace.Write(
            "users",
            $"# two\n{Users.Line("ada", Role.Admin, "difference engine")}\n{Users.Line("bob", Role.Reader, "only to look")}\n"
        );
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    /// <summary>The token that a page's forms carry.</summary>
    internal static string FormTokenOf(string page) => FormToken().Match(page).Groups[1].Value;

    [GeneratedRegex("name=\"form\" value=\"([0-9a-f]{64})\"")]
    private static partial Regex FormToken();
}
