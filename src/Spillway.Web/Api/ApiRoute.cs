using Spillway.Questions;
using Spillway.Web.Data;

namespace Spillway.Web.Api;

/// <summary>A parameter of a route.</summary>
/// <param name="Name">Its name in the query.</param>
/// <param name="Description">What it is.</param>
/// <param name="IsRequired">Whether there is no answer without it.</param>
internal sealed record ApiParameter(string Name, string Description, bool IsRequired = false);

/// <summary>A route whose answer comes from the store: rows of the shape that <c>--json</c> has.</summary>
/// <param name="Name">Its name below <c>/api/v1/</c>.</param>
/// <param name="Summary">What it answers.</param>
/// <param name="Parameters">What it takes, besides run, from, to, limit and format.</param>
/// <param name="Ask">Asks.</param>
internal sealed record ApiRoute(
    string Name,
    string Summary,
    ApiParameter[] Parameters,
    Func<QuestionStore, QuestionScope, IReadOnlyDictionary<string, string>, Answer> Ask
)
{
    private static readonly ApiParameter Host = new("host", "address, network or name"),
        Reverse = new("reverse", "1: the last first"),
        Name_ = new("name", "part of the name that was asked for"),
        Outcome = new("outcome", "code of DNS, status of HTTP: NXDOMAIN, 404, 4xx, none"),
        Flow = new("flow", "flow id as scripts know it"),
        Group = new("group", "counter group: its name, the beginning of it, or its GUID", IsRequired: true),
        Meter = new("meter", "meter: its number or name"),
        AlertGroup = new("group", "alert group"),
        Match = new("match", "text that is in it");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ApiRoute> All { get; } =
    [
        new("totals", "How much there is", [], (store, scope, _) => TotalsQuestion.Ask(store, scope)),
        new("runs", "The runs of the store", [], (store, scope, _) => RunsQuestion.Ask(store, scope)),
        new("groups", "Counter groups", [], (store, scope, _) => GroupsQuestion.Ask(store, scope)),
        new(
            "top",
            "The largest keys of a counter group",
            [Group, Meter, new("bottom", "1: the smallest")],
            (store, scope, query) => TopQuestion.Ask(store, scope, query["group"], Get(query, "meter"), Get(query, "bottom") == "1")
        ),
        new(
            "keys",
            "The keys of a counter group",
            [Group, new("pattern", "part of a key or label")],
            (store, scope, query) => KeysQuestion.Ask(store, scope, query["group"], Get(query, "pattern"))
        ),
        new(
            "series",
            "The values of a key by window",
            [Group, new("key", "the key; total for the whole group", IsRequired: true), Meter, new("step", QuestionStep.Examples)],
            (store, scope, query) =>
                SeriesQuestion.Ask(store, scope, query["group"], query["key"], Get(query, "meter"), StepOf(Get(query, "step"), scope))
        ),
        new(
            "flows",
            "Flows",
            [new("q", "filter such as: host:10.1.2.3 port:443 -service:dns sort:bytes"), Reverse],
            (store, scope, query) => FlowsQuestion.Ask(store, scope, new FlowFilterText(Get(query, "q")).Filter)
        ),
        new(
            "http",
            "Requests of HTTP",
            [Name_, Host, Outcome, Flow, Reverse],
            (store, scope, query) => HttpQuestion.Ask(store, scope, Of(query))
        ),
        new(
            "dns",
            "Questions of DNS",
            [Name_, Host, Outcome, Flow, Reverse],
            (store, scope, query) => DnsQuestions.Ask(store, scope, Of(query))
        ),
        new(
            "tls",
            "Handshakes of TLS",
            [Name_, Host, Flow, Reverse],
            (store, scope, query) => TlsQuestion.Ask(store, scope, Of(query) with { Outcome = FilterTerms.Empty })
        ),
        new(
            "certificates",
            "Certificates that servers have shown",
            [Name_, Host, new("only", "expired or self-signed")],
            (store, scope, query) =>
                CertificatesQuestion.Ask(
                    store,
                    scope,
                    Of(query) with
                    {
                        Outcome = FilterTerms.Empty,
                        IsExpired = Get(query, "only") == "expired" ? new FilterTerms([""], []) : FilterTerms.Empty,
                        IsSelfSigned = Get(query, "only") == "self-signed" ? new FilterTerms([""], []) : FilterTerms.Empty,
                    }
                )
        ),
        new(
            "alerts",
            "Alerts",
            [AlertGroup, Host, Match, new("priority", "this urgent or more: 1, 2, 3"), new("signature", "signature id"), Flow, Reverse],
            (store, scope, query) => AlertsQuestion.Ask(store, scope, Events(query))
        ),
        new(
            "alert-groups",
            "Alerts by signature",
            [AlertGroup, Host, Match, new("priority", "this urgent or more: 1, 2, 3")],
            (store, scope, query) => AlertGroupsQuestion.Ask(store, scope, Events(query))
        ),
        new(
            "resources",
            "Resources",
            [new("group", "resource group"), Host, Match, Flow, Reverse],
            (store, scope, query) => ResourcesQuestion.Ask(store, scope, Events(query))
        ),
        new(
            "files",
            "Files",
            [new("type", "part of the type, or a kind"), Host, new("hash", "first digits"), new("name", "stored name"), Flow, Reverse],
            (store, scope, query) =>
                FilesQuestion.Ask(
                    store,
                    scope,
                    new FileFilter
                    {
                        Type = Terms(query, "type"),
                        Host = Terms(query, "host"),
                        Hash = Terms(query, "hash"),
                        Name = Terms(query, "name"),
                        Flow = Terms(query, "flow"),
                    }
                )
        ),
        new("tracked-lists", "Lists of flow trackers", [], (store, scope, _) => TrackedQuestion.Lists(store, scope)),
        new(
            "tracked",
            "One list of a flow tracker",
            [new("list", "its name", IsRequired: true)],
            (store, scope, query) => TrackedQuestion.Of(store, scope, query["list"])
        ),
        new(
            "search",
            "A text in documents and resources",
            [new("text", "words", IsRequired: true)],
            (store, scope, query) => SearchQuestion.Ask(store, scope, query["text"], new EventFilter())
        ),
    ];

    private static string? Get(IReadOnlyDictionary<string, string> query, string name) =>
        query.TryGetValue(name, out string? value) && value.Length > 0 ? value : null;

    private static FilterTerms Terms(IReadOnlyDictionary<string, string> query, string name) =>
        Get(query, name) is { } value ? new FilterTerms([value], []) : FilterTerms.Empty;

    private static TransactionFilter Of(IReadOnlyDictionary<string, string> query) =>
        new()
        {
            Name = Terms(query, "name"),
            Host = Terms(query, "host"),
            Outcome = Terms(query, "outcome"),
            Flow = Terms(query, "flow"),
        };

    private static EventFilter Events(IReadOnlyDictionary<string, string> query)
    {
        if (Get(query, "priority") is { } priority && !int.TryParse(priority, out _))
            throw new QuestionException($"priority '{priority}' is no number: give 1, 2 or 3");
        return new EventFilter
        {
            Group = Get(query, "group"),
            Host = Terms(query, "host"),
            Text = Terms(query, "match"),
            Priority = Terms(query, "priority"),
            Signature = Terms(query, "signature"),
            Flow = Terms(query, "flow"),
        };
    }

    private static QuestionStep? StepOf(string? text, QuestionScope scope)
    {
        if (text is null)
            return null;
        return QuestionStep.Complaint(text) is { } wrong ? throw new QuestionException(wrong) : QuestionStep.Of(text, "step", scope);
    }
}
