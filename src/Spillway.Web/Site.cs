using System.Globalization;
using Microsoft.AspNetCore.Http;
using Spillway.Questions;
using Spillway.Web.Api;
using Spillway.Web.Data;
using Spillway.Web.Html;
using Spillway.Web.Live;
using Spillway.Web.Pages;
using Spillway.Web.Security;

namespace Spillway.Web;

/// <summary>From a request to its answer: who asks, for which page.</summary>
internal sealed class Site : IDisposable
{
    private static readonly Dictionary<string, Func<View, Page>> Pages = new(StringComparer.Ordinal)
    {
        ["/"] = OverviewPage.Make,
        ["/host"] = HostPage.Make,
        ["/flows"] = FlowsPage.Make,
        ["/flow"] = FlowPage.Make,
        ["/alerts"] = AlertsPage.Make,
        ["/files"] = FilesPage.Make,
        ["/file"] = FilePage.Make,
        ["/names"] = NamesPage.Make,
        ["/certificates"] = CertificatesPage.Make,
        ["/counters"] = CountersPage.Make,
        ["/scripts"] = ScriptsPage.Make,
        ["/health"] = HealthPage.Make,
        ["/search"] = SearchPage.Make,
    };

    private readonly WebOptions _options;
    private readonly Gate _gate;
    private readonly HostNames _hosts;
    private readonly StoreDoor _door;
    private readonly LiveHub _hub;
    private readonly ApiAnswers _api;
    private readonly ApiDirect _direct;
    private readonly Surroundings _around;
    private readonly Assets _assets = new();

    /// <summary>Makes it.</summary>
    public Site(WebOptions options, Gate gate, HostNames hosts)
    {
        _options = options;
        _gate = gate;
        _hosts = hosts;
        _door = new StoreDoor(options.Place);
        _hub = new LiveHub(() => Probe, _door.Mark);
        _around = new Surroundings(options, () => Probe, new AlertNotes(options.Place));
        _api = new ApiAnswers(options, _door);
        _direct = new ApiDirect(_around, _door, _hub, _api);
    }

    /// <summary>The run in this process; null without one.</summary>
    public IProbe? Probe { get; set; }

    /// <summary>Paths of pages.</summary>
    public static IReadOnlyCollection<string> Paths => Pages.Keys;

    /// <summary>Answers a request.</summary>
    public async Task Answer(HttpContext context)
    {
        Headers.Set(context.Response);
        if (!_hosts.Takes(context.Request.Host))
        {
            await Text(
                context,
                StatusCodes.Status421MisdirectedRequest,
                "this name is not served: use the address that was printed at the start"
            );
            return;
        }

        try
        {
            await Route(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The browser has gone.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _hub.Dispose();
        _door.Dispose();
        _gate.Dispose();
    }

    private async Task Route(HttpContext context)
    {
        string path = context.Request.Path.Value ?? "/";
        bool isGet = context.Request.Method is "GET" or "HEAD";
        if (isGet && path.StartsWith("/assets/", StringComparison.Ordinal))
        {
            await _assets.Answer(context, path);
            return;
        }

        if (isGet && context.Request.Query["token"].LastOrDefault() is { Length: > 0 } token)
        {
            await Enter(context, token);
            return;
        }

        Session? session = _gate.Find(context);
        if (context.Request.Method == "POST")
        {
            await Post(context, path, session);
            return;
        }

        if (!isGet)
        {
            await Text(context, StatusCodes.Status405MethodNotAllowed, "only GET and POST");
            return;
        }

        if (session is null)
        {
            await Stranger(context, path);
            return;
        }

        if (path.StartsWith("/api/v1/", StringComparison.Ordinal))
            await Api(context, path["/api/v1/".Length..]);
        else if (Pages.TryGetValue(path, out Func<View, Page>? make))
            await Show(context, path, session, make);
        else
            await Missing(context, session);
    }

    // The cookie goes to requests of our own pages only: a page of ours goes on, and not a redirection of whoever led here.
    private async Task Enter(HttpContext context, string token)
    {
        if (_gate.TryToken(context, token))
            await Html(context, StatusCodes.Status200OK, Layout.GoOn("/", _assets.Version));
        else
            await Html(
                context,
                StatusCodes.Status403Forbidden,
                LoginPage.Make(_gate.HasUsers, "This token is not, or no longer, valid.", null, _assets.Version)
            );
    }

    private async Task Stranger(HttpContext context, string path)
    {
        if (path.StartsWith("/api/", StringComparison.Ordinal))
        {
            await ApiAnswers.Problem(context, StatusCodes.Status401Unauthorized, "nobody is logged in");
            return;
        }

        // A link in a mail or chat: the browser keeps the cookie back, and sends it when our own page goes on to the same address.
        const string again = "again";
        if (context.Request.Headers["Sec-Fetch-Site"] == "cross-site" && !context.Request.Query.ContainsKey(again))
        {
            QueryString query = context.Request.QueryString.Add(again, "1");
            await Html(context, StatusCodes.Status200OK, Layout.GoOn(path + query, _assets.Version));
            return;
        }

        await Html(
            context,
            StatusCodes.Status401Unauthorized,
            LoginPage.Make(_gate.HasUsers, null, path == "/" ? null : path + context.Request.QueryString, _assets.Version)
        );
    }

    private async Task Post(HttpContext context, string path, Session? session)
    {
        if (context.Request.Headers["Sec-Fetch-Site"].LastOrDefault() is not (null or "same-origin") || !context.Request.HasFormContentType)
        {
            await Text(context, StatusCodes.Status403Forbidden, "this request was not made by a page of this probe");
            return;
        }

        IFormCollection form = await context.Request.ReadFormAsync(context.RequestAborted);
        string? Field(string name) => form[name].LastOrDefault();
        switch (path)
        {
            case "/login":
                string? wrong = await _gate.TryPassword(context, Field("name") ?? "", Field("password") ?? "");
                if (wrong is null)
                    await Html(context, StatusCodes.Status200OK, Layout.GoOn(Local(Field("next")), _assets.Version));
                else
                    await Html(
                        context,
                        StatusCodes.Status401Unauthorized,
                        LoginPage.Make(_gate.HasUsers, wrong, Field("next"), _assets.Version)
                    );
                break;
            case "/logout" when session is not null && Field("form") == session.FormToken:
                _gate.Leave(context);
                await Html(context, StatusCodes.Status200OK, Layout.GoOn("/", _assets.Version));
                break;
            case "/alerts/note" when session is not null && Gate.MayChange(context, session, Field("form")):
                await Note(context, session, Field);
                break;
            default:
                await Text(context, StatusCodes.Status403Forbidden, "this needs an administrator, and a form of this probe's own page");
                break;
        }
    }

    private async Task Note(HttpContext context, Session session, Func<string, string?> field)
    {
        (string group, string signature) = (field("group") ?? "", field("signature") ?? "");
        string note = field("note") ?? "";
        long? until = long.TryParse(field("until"), NumberStyles.None, CultureInfo.InvariantCulture, out long ns) ? ns : null;
        AlertNote? before = _around.Notes.All().GetValueOrDefault((group, signature));
        until = field("do") switch
        {
            "acknowledge" => until,
            "open" => null,
            _ => before?.UntilNs,
        };
        if (_around.Notes.Add(new AlertNote(group, signature, until, note, session.User, DateTimeOffset.UtcNow)) is { } wrong)
        {
            await Text(context, StatusCodes.Status409Conflict, wrong);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = Local(field("back"));
    }

    private async Task Api(HttpContext context, string name)
    {
        if (ApiRoute.All.FirstOrDefault(route => route.Name == name) is { } asked)
            await _api.Answer(context, asked);
        else if (ApiDirect.Routes.FirstOrDefault(route => route.Name == name) is { } direct)
            await direct.Answer(_direct, context);
        else
            await ApiAnswers.Problem(context, StatusCodes.Status404NotFound, "there is no such route: /api/v1/openapi.json lists them");
    }

    private async Task Show(HttpContext context, string path, Session session, Func<View, Page> make)
    {
        Dictionary<string, string> query = ApiAnswers.QueryOf(context);
        Markup document;
        try
        {
            (Markup made, string? goTo) = await _door.Ask(
                store =>
                {
                    var view = new View(_around, session, path, query, store);
                    if (path == "/search" && SearchPage.GoesTo(view) is { } to)
                        return (Markup.Empty, to);
                    return (Layout.Document(make(view), view, session, path, _assets.Version), (string?)null);
                },
                context.RequestAborted
            );
            if (goTo is not null)
            {
                context.Response.StatusCode = StatusCodes.Status303SeeOther;
                context.Response.Headers.Location = goTo;
                return;
            }

            document = made;
        }
        catch (QuestionException exception)
        {
            string doing = Probe is { IsRunning: true } probe ? $"The run has stored nothing yet ({probe.State})." : "";
            var page = new Page("Nothing yet", Markup.Of($"{View.Empty($"{doing} {View.Words(exception.Message)}".Trim())}"));
            document = Layout.Document(page, null, session, path, _assets.Version);
        }
        catch (StoreReadException exception)
        {
            var page = new Page("The store cannot be read", View.Empty(exception.Message));
            document = Layout.Document(page, null, session, path, _assets.Version);
        }

        await Html(context, StatusCodes.Status200OK, document);
    }

    private async Task Missing(HttpContext context, Session session)
    {
        var page = new Page(
            "There is no such page",
            View.Empty("The pages are above; the search box finds hosts, names, files and flows.")
        );
        await Html(context, StatusCodes.Status404NotFound, Layout.Document(page, null, session, "", _assets.Version));
    }

    // A path of ours, not a way to somewhere else.
    private static string Local(string? path) => path is ['/', not ('/' or '\\'), ..] && !path.Any(char.IsControl) ? path : "/";

    private static async Task Html(HttpContext context, int status, Markup document)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        await context.Response.WriteAsync(document.ToString(), context.RequestAborted);
    }

    private static async Task Text(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(text + "\n", context.RequestAborted);
    }
}
