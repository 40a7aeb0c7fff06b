using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Spillway.EndToEnd.Running;
using Spillway.Shared.Web;

namespace Spillway.Web.Browser.Tests;

/// <summary>The pages in a real browser, on a real run.</summary>
public sealed partial class PageTests(BrowserFixture browser) : IClassFixture<BrowserFixture>
{
    public static TheoryData<string, string> Pages =>
        new()
        {
            { "overview", "/" },
            { "host", "/host?address=10.1.2.3" },
            { "flows", "/flows" },
            { "alerts", "/alerts" },
            { "alert", "/alerts?signature=198.51.100.7" },
            { "files", "/files" },
            { "names-dns", "/names" },
            { "names-http", "/names?kind=http" },
            { "names-tls", "/names?kind=tls" },
            { "certificates", "/certificates" },
            { "counters", "/counters" },
            { "counters-hosts", "/counters?group=Hosts" },
            { "counters-compare", "/counters?group=Hosts&compare=1" },
            { "scripts", "/scripts" },
            { "health", "/health" },
            { "search", "/search?search=example" },
            { "empty", "/flows?q=host:192.0.2.99" },
            { "wrong", "/flows?q=colour:red" },
        };

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Page_AtAnyWidth_IsWhole(string name, string path)
    {
        Window wide = await browser.Shared(isPhone: false);
        await wide.Go(path);
        await MustBeWhole(wide, name);
        Window phone = await browser.Shared(isPhone: true);
        await phone.Go(path);
        await MustBeWhole(phone, name + "-phone");
    }

    [Fact]
    public async Task NamesFromTheWire_AreTextAndNothingElse()
    {
        await using Window window = await browser.Enter();
        await window.Go("/names?kind=http");
        Assert.True(await window.Page.GetByText(HostileTraffic.Host, new() { Exact = true }).First.IsVisibleAsync());
        await window.MustBeQuiet();
        await window.Go("/scripts");
        Assert.True(await window.Page.GetByText("<img src=x onerror=hit()> is no number").First.IsVisibleAsync());
        await window.MustBeQuiet();
        await window.Go("/certificates");
        Assert.True(await window.Page.GetByText(HostileTraffic.Subject).First.IsVisibleAsync());
        await window.MustBeQuiet();
    }

    [Fact]
    public async Task Times_AreOfTheReadersZoneAndUtcByHovering()
    {
        await using Window window = await browser.Enter();
        await window.Go("/flows?q=host:10.1.2.3+sort:start&reverse=1");
        ILocator time = window.Page.Locator("td time").First;

        // 1,700,000,000 is 22:13:20 UTC, and in Tokyo the next morning.
        Assert.StartsWith("2023-11-15 07:13:20", await time.TextContentAsync(), StringComparison.Ordinal);
        Assert.StartsWith("2023-11-14 22:13:20", await time.GetAttributeAsync("title"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Filter_CompletesNarrowsAndPivots()
    {
        await using Window window = await browser.Enter();
        IPage page = window.Page;
        await window.Go("/flows");
        ILocator filter = page.Locator(".flows input[name=q]");
        await filter.ClickAsync();
        await filter.PressSequentiallyAsync("-ser");
        await page.Locator(".choices li", new() { HasText = "-service:" }).ClickAsync();
        await page.Locator(".choices li", new() { HasText = "-service:dns" }).ClickAsync();
        await filter.PressSequentiallyAsync("host:10.1.2.3");
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync(url => url.Contains("q=-service", StringComparison.Ordinal));
        Assert.Equal(2, await page.Locator("#flows tbody tr").CountAsync());

        await page.Locator("#flows a.pivot", new() { HasText = "443" }).First.ClickAsync();
        await page.WaitForURLAsync(url => url.Contains("port%3A443", StringComparison.Ordinal));
        Assert.Equal(1, await page.Locator("#flows tbody tr").CountAsync());
        Assert.Equal("-service:dns host:10.1.2.3 port:443", await page.Locator(".flows input[name=q]").InputValueAsync());
        await window.MustBeQuiet();
    }

    [Fact]
    public async Task Columns_AreThoseThatWereChosen()
    {
        await using Window window = await browser.Enter();
        await window.Go("/flows");
        await window.Page.Locator("summary").ClickAsync();
        await window.Page.Locator("input[value=duration]").UncheckAsync();
        await window.Page.Locator("input[value=history]").CheckAsync();
        await window.Page.GetByText("Show these").ClickAsync();
        await window.Page.WaitForURLAsync(url => url.Contains("cols=", StringComparison.Ordinal));
        string[] titles = [.. await window.Page.Locator("#flows th").AllTextContentsAsync()];

        Assert.Contains("History", titles);
        Assert.DoesNotContain("Lasted", titles);
    }

    [Fact]
    public async Task Heading_SortsTheTable()
    {
        await using Window window = await browser.Enter();
        await window.Go("/flows?q=port:80");
        await window.Page.Locator("#flows th button", new() { HasText = "Received" }).ClickAsync();
        string[] values =
        [
            .. await window.Page.EvaluateAsync<string[]>(
                "[...document.querySelectorAll('#flows tbody tr')].map(row => [...row.querySelectorAll('[data-v]')].at(-1).dataset.v)"
            ),
        ];
        long[] bytes = [.. values.Select(value => long.Parse(value, System.Globalization.CultureInfo.InvariantCulture))];

        Assert.Equal(bytes.OrderDescending(), bytes);
    }

    [Fact]
    public async Task SearchBox_ByKeyboard_FindsAHost()
    {
        await using Window window = await browser.Enter();
        await window.Go("/alerts");
        await window.Page.Keyboard.PressAsync("/");
        await window.Page.Keyboard.TypeAsync("10.1.2.3");
        await window.Page.Keyboard.PressAsync("Enter");
        await window.Page.WaitForURLAsync(url => url.Contains("/host?address=10.1.2.3", StringComparison.Ordinal));

        Assert.Equal("Host 10.1.2.3", await window.Page.Locator("h1").TextContentAsync());
        await window.MustBeQuiet();
    }

    [Fact]
    public async Task File_IsShownInHexAndSavedAsItWas()
    {
        await using Window window = await browser.Enter();
        await window.Go("/files?type=html");
        await window.Page.Locator("#files td a[href^='/file?']").First.ClickAsync();
        await window.Page.WaitForURLAsync(FilePath());
        Assert.Contains("3c 68 74 6d 6c 3e", await window.Page.Locator(".hex").TextContentAsync(), StringComparison.Ordinal);
        await window.MustBeQuiet();
        IDownload download = await window.Page.RunAndWaitForDownloadAsync(() => window.Page.Locator(".warning .button").ClickAsync());
        string path = browser.Workspace.PathOf("saved");
        await download.SaveAsAsync(path);

        Assert.Equal(HostileTraffic.Content, await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Flow_GivesItsPackets()
    {
        await using Window window = await browser.Enter();
        await window.Go("/flows?q=port:443");
        await window.Page.Locator("#flows td a.plain").First.ClickAsync();
        await window.Page.Locator("#tls tbody tr").First.WaitForAsync();
        IDownload download = await window.Page.RunAndWaitForDownloadAsync(() => window.Page.GetByText("packets (pcap)").ClickAsync());
        string path = browser.Workspace.PathOf("flow.pcap");
        await download.SaveAsAsync(path);

        Assert.True(new FileInfo(path).Length > 500);
    }

    [Fact]
    public async Task Alert_IsAcknowledgedWithANote()
    {
        await using Window window = await browser.Enter();
        await window.Go("/alerts?signature=198.51.100.7");
        await window.Page.Locator("textarea").FillAsync("known <script>hit()</script>");
        await window.Page.GetByText("Acknowledge all up to now").ClickAsync();
        await window.Go("/alerts");

        Assert.True(await window.Page.Locator(".done").First.IsVisibleAsync());
        Assert.True(await window.Page.GetByText("known <script>hit()</script>").First.IsVisibleAsync());
        await window.MustBeQuiet();
    }

    [Fact]
    public async Task Theme_StaysAsItWasChosen()
    {
        await using Window window = await browser.Enter();
        await window.Page.Locator(".theme").ClickAsync();
        await window.Page.Locator(".theme").ClickAsync();
        await window.Go("/health");

        Assert.Equal("dark", await window.Page.EvaluateAsync<string>("document.documentElement.dataset.theme"));
    }

    [Fact]
    public async Task Figures_ChangeWhileACaptureIsRead()
    {
        await using Window window = await browser.Open();
        string pipe = browser.Workspace.PathOf("pipe.pcap");
        (await Probe.Shell(browser.Workspace, $"mkfifo {pipe}")).MustExit(0);
        using RunningProbe probe = Probe.Start(browser.Workspace, ["run", "-r", pipe, "-q", "-o", "live", "--web", "0"]);
        string capture = HostileTraffic.Record().Save(browser.Workspace.PathOf("slow.pcap"));
        byte[] bytes = await File.ReadAllBytesAsync(capture, TestContext.Current.CancellationToken);
        await using (var writer = new FileStream(pipe, FileMode.Open, FileAccess.Write))
        {
            await writer.WriteAsync(bytes.AsMemory(0, bytes.Length / 2), TestContext.Current.CancellationToken);
            await writer.FlushAsync(TestContext.Current.CancellationToken);
            await window.Page.GotoAsync(BrowserFixture.AddressIn(await probe.Line("pages at ")).ToString());
            await window.Page.WaitForURLAsync(url => !url.Contains("token", StringComparison.Ordinal));
            await window.Go("/health");
            ILocator packets = window.Page.Locator("#figures tr", new() { HasText = "packets_total" }).First.Locator("td.number");
            string before = (await packets.TextContentAsync())!;
            await writer.WriteAsync(bytes.AsMemory(bytes.Length / 2), TestContext.Current.CancellationToken);
            await writer.FlushAsync(TestContext.Current.CancellationToken);
            await Assertions.Expect(packets).Not.ToHaveTextAsync(before, new() { Timeout = 30_000 });
            await Assertions.Expect(window.Page.Locator(".state")).ToContainTextAsync("reading pipe.pcap");
        }

        (await probe.End()).MustExit(0);
        await window.MustBeQuiet();
    }

    [Fact]
    public async Task Login_WithAListOfUsers_TakesThePassword()
    {
        await using Window window = await browser.Open();
        string users = browser.Workspace.PathOf("users");
        string pipe = browser.Workspace.PathOf("idle.pcap");
        Outcome made = await Probe.Shell(
            browser.Workspace,
            $"mkfifo {pipe}; umask 077; echo 'difference engine' | $spillway web-user --admin ada >{users}"
        );
        made.MustExit(0);
        using RunningProbe probe = Probe.Start(
            browser.Workspace,
            ["run", "-r", pipe, "-q", "-o", "idle", "--web", "0", "--web-users", users]
        );
        await using var writer = new FileStream(pipe, FileMode.Open, FileAccess.Write);
        byte[] capture = await File.ReadAllBytesAsync(browser.Workspace.PathOf("hostile.pcap"), TestContext.Current.CancellationToken);
        await writer.WriteAsync(capture.AsMemory(0, 1000), TestContext.Current.CancellationToken);
        await writer.FlushAsync(TestContext.Current.CancellationToken);
        Uri address = BrowserFixture.AddressIn(await probe.Line("pages at "));
        Assert.Equal("", address.Query);

        await window.Page.GotoAsync(new Uri(address, "/health").ToString());
        await window.Page.Locator("[name=name]").FillAsync("ada");
        await window.Page.Locator("[name=password]").FillAsync("a guess");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        await Assertions.Expect(window.Page.Locator("[role=alert]")).ToHaveTextAsync("name or password is wrong");
        await window.Page.Locator("[name=name]").FillAsync("ada");
        await window.Page.Locator("[name=password]").FillAsync("difference engine");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        await Assertions.Expect(window.Page.Locator("h1")).ToHaveTextAsync(new Regex("Health|Nothing yet"));
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Log out" }).ClickAsync();
        await Assertions.Expect(window.Page.Locator("[name=password]")).ToBeVisibleAsync();
    }

    private static async Task MustBeWhole(Window window, string name)
    {
        await Assertions.Expect(window.Page.Locator("h1")).ToBeVisibleAsync();
        await window.Page.ScreenshotAsync(
            new PageScreenshotOptions { Path = Path.Combine(BrowserFixture.Shots, name + ".png"), FullPage = true }
        );
        await window.MustBeQuiet();
        int beyond = await window.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        Assert.True(beyond <= 1, $"{name} is {beyond} px wider than the window");
    }

    [GeneratedRegex("/file\\?")]
    private static partial Regex FilePath();
}
