using Microsoft.Playwright;
using Spillway.EndToEnd.Running;
using Spillway.Shared.Web;

namespace Spillway.Web.Browser.Tests;

/// <summary>Debian's Chromium, and the pages of a run of hostile traffic, opened by <c>spillway open</c>.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private RunningProbe? _probe;
    private Window? _wide;
    private Window? _phone;

    internal Workspace Workspace { get; } = new();

    /// <summary>The address that was printed.</summary>
    internal Uri Address { get; private set; } = new("http://127.0.0.1/");

    /// <summary>Where screenshots are kept.</summary>
    internal static string Shots { get; } =
        Directory
            .CreateDirectory(
                Environment.GetEnvironmentVariable("SPILLWAY_SCREENSHOTS") is { Length: > 0 } given
                    ? given
                    : Path.Combine(AppContext.BaseDirectory, "screenshots")
            )
            .FullName;

    private static string? Chromium => Places.FirstOrDefault(File.Exists);

    public async ValueTask InitializeAsync()
    {
        if (Chromium is not { } program)
            return;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions { ExecutablePath = program, Args = ["--no-sandbox", "--disable-gpu"] }
        );
        HostileTraffic.Record().Save(Workspace.PathOf("hostile.pcap"));
        Workspace.Write("bad.txt", "198.51.100.7\n");
        Workspace.Write("broken.lua", Broken);
        string[] line =
        [
            "open",
            "hostile.pcap",
            "--no-browser",
            "-o",
            "out",
            "-s",
            Path.Combine(AppContext.BaseDirectory, "demo", "sha1.lua"),
            "-s",
            "broken.lua",
            "--documents",
            "all",
            "--resources",
            "all",
            "--intel",
            "bad.txt",
        ];
        _probe = Probe.Start(Workspace, line);
        Address = AddressIn(await _probe.Line("pages at "));
        await _probe.Says("results are in");
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        _probe?.Dispose();
        Workspace.Dispose();
    }

    /// <summary>A window of a browser that knows nothing yet; skips the test where there is no Chromium.</summary>
    internal async Task<Window> Open(int width = 1280, int height = 900, bool isDark = false)
    {
        Assert.SkipUnless(_browser is not null, "Chromium is not to be had: apt-get install chromium");
        IBrowserContext context = await _browser!.NewContextAsync(
            new BrowserNewContextOptions
            {
                ViewportSize = new ViewportSize { Width = width, Height = height },
                ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light,
                TimezoneId = "Asia/Tokyo",
                AcceptDownloads = true,
            }
        );
        return new Window(context, await context.NewPageAsync());
    }

    /// <summary>A window that was let in.</summary>
    internal async Task<Window> Enter(int width = 1280, int height = 900, bool isDark = false)
    {
        Window window = await Open(width, height, isDark);
        await window.Page.GotoAsync(Address.ToString());
        await window.Page.WaitForURLAsync(url => !url.Contains("token", StringComparison.Ordinal));
        return window;
    }

    /// <summary>A window that tests share which only look: of a desk, light, or of a phone, dark.</summary>
    internal async Task<Window> Shared(bool isPhone) =>
        isPhone ? _phone ??= await Enter(width: 390, height: 844, isDark: true) : _wide ??= await Enter();

    /// <summary>The address in a line such as <c>pages at http://127.0.0.1:1234/?token=...</c>.</summary>
    internal static Uri AddressIn(string line) => new(line[line.IndexOf("http", StringComparison.Ordinal)..].Split(' ')[0]);

    private const string Broken = """
        TrisulPlugin = {
          id = { name = "<b>broken</b>", description = "raises an error" },
          simplecounter = {
            protocol_guid = "{0A2C724B-5B9F-4BA6-9C97-B05080558574}",
            onpacket = function(engine, layer) error("<img src=x onerror=hit()> is no number") end,
          },
        }
        """;
}

/// <summary>A window, and what went wrong in it.</summary>
internal sealed class Window : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _complaints = [];

    public Window(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                _complaints.Add($"console: {message.Text}");
        };
        page.PageError += (_, error) => _complaints.Add($"script: {error}");
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith("http://127.0.0.1:", StringComparison.Ordinal))
                _complaints.Add($"a request to {request.Url}");
        };
        page.Dialog += (_, dialog) => _complaints.Add($"a dialog: {dialog.Message}");
    }

    public IPage Page { get; }

    /// <summary>Goes to a page of the same site.</summary>
    public Task<IResponse?> Go(string path) => Page.GotoAsync(new Uri(new Uri(Page.Url), path).ToString());

    /// <summary>Nothing was complained of, no other machine was asked, and nothing from the wire ran.</summary>
    public async Task MustBeQuiet()
    {
        Assert.True(_complaints.Count == 0, string.Join('\n', _complaints));
        Assert.Equal(1, await Page.EvaluateAsync<int>("document.scripts.length"));
        Assert.Equal(
            0,
            await Page.EvaluateAsync<int>(
                "document.querySelectorAll('main img, main b, main i, main u, [onerror], [onload], [onclick]').length"
            )
        );
    }

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
