using System.CommandLine;
using Spillway.Questions;

namespace Spillway.CommandLine;

/// <summary>
/// Questions to what clients asked servers for: <c>spillway http</c>, <c>dns</c>, <c>tls</c>, <c>certs</c>; and the story of one host.
/// </summary>
internal static class TransactionQuestionCommands
{
    private static readonly Option<string[]> Host = FilterCommandLine.Create(
        "--host",
        "Address at either end, a network (10.0.0.0/8), or a name: one that DNS gave an address, or that was asked for",
        "HOST"
    );

    private static readonly Option<string[]> Client = FilterCommandLine.Create(
        "--client",
        "Address of the client, a network, or a name that DNS gave an address",
        "HOST"
    );

    private static readonly Option<string[]> Server = FilterCommandLine.Create(
        "--server",
        "Address of the server, a network, or a name: one that DNS gave an address, or that was asked for",
        "HOST"
    );

    private static readonly Option<string[]> Port = FilterCommandLine.Create(
        "--port",
        "Port of the server: 443, 1-1023, 80,443,8000-8100",
        "PORTS",
        PortRanges.Complaint
    );

    private static readonly Option<string[]> Url = FilterCommandLine.Create("--url", "With this text in host and path", "TEXT");

    private static readonly Option<string[]> Method = FilterCommandLine.Create("--method", "With this method, such as POST", "NAME");

    private static readonly Option<string[]> Status = FilterCommandLine.Create(
        "--status",
        "Status of the response: 404, 4xx for a class, none for no response",
        "CODE"
    );

    private static readonly Option<string[]> Agent = FilterCommandLine.Create("--agent", "With this text in the user agent", "TEXT");

    private static readonly Option<string[]> Name = FilterCommandLine.Create("--name", "With this text in the name", "TEXT");

    private static readonly Option<string[]> Type = FilterCommandLine.Create(
        "--type",
        "Type of the question: A, AAAA, MX, TXT, ...",
        "TYPE"
    );

    private static readonly Option<string[]> ResponseCode = FilterCommandLine.Create(
        "--rcode",
        "Code of the response: NOERROR, NXDOMAIN, SERVFAIL, ...; none for no response",
        "CODE"
    );

    private static readonly Option<string[]> AnswerText = FilterCommandLine.Create("--answer", "With this text in an answer", "TEXT");

    private static readonly Option<string[]> Version = FilterCommandLine.Create(
        "--version",
        "Version agreed on, such as 'TLS 1.2'",
        "NAME"
    );

    private static readonly Option<string[]> Fingerprint = FilterCommandLine.Create(
        "--fingerprint",
        "JA3 or JA4 of the client, or JA3S of the server",
        "TEXT"
    );

    private static readonly Option<bool> Expired = FilterCommandLine.Create("--expired", "Those that were not valid when they were seen");

    private static readonly Option<bool> SelfSigned = FilterCommandLine.Create("--self-signed", "Those whose issuer is their subject");

    private static readonly Argument<string> Subject = new("HOST") { Description = "An address, or a name that DNS gave an address" };

    /// <summary><c>spillway http</c>.</summary>
    public static Command Http() =>
        new Command(
            "http",
            """
            Requests of HTTP with their responses

            Examples:
              spillway http --status 4xx
              spillway http --host 10.1.2.3 --method POST
              spillway http --url .exe --json
            """
        )
        {
            Host,
            Client,
            Server,
            Port,
            Url,
            Method,
            Status,
            Agent,
            FilterCommandLine.Not,
            QuestionCommandLine.Reverse,
        }.Asks(
            (result, store, scope) =>
                HttpQuestion.Ask(
                    store,
                    scope,
                    new TransactionFilter
                    {
                        Host = result.Terms(Host),
                        Client = result.Terms(Client),
                        Server = result.Terms(Server),
                        Port = result.Terms(Port),
                        Name = result.Terms(Url),
                        Kind = result.Terms(Method),
                        Outcome = result.Terms(Status),
                        Agent = result.Terms(Agent),
                    }
                )
        );

    /// <summary><c>spillway dns</c>.</summary>
    public static Command Dns() =>
        new Command(
            "dns",
            """
            Questions of DNS with their answers

            Examples:
              spillway dns --rcode NXDOMAIN
              spillway dns --name example.com --host 10.1.2.3
              spillway dns --answer 203.0.113.9 --json
            """
        )
        {
            Host,
            Client,
            Server,
            Port,
            Name,
            Type,
            ResponseCode,
            AnswerText,
            FilterCommandLine.Not,
            QuestionCommandLine.Reverse,
        }.Asks(
            (result, store, scope) =>
                DnsQuestions.Ask(
                    store,
                    scope,
                    new TransactionFilter
                    {
                        Host = result.Terms(Host),
                        Client = result.Terms(Client),
                        Server = result.Terms(Server),
                        Port = result.Terms(Port),
                        Name = result.Terms(Name),
                        Kind = result.Terms(Type),
                        Outcome = result.Terms(ResponseCode),
                        Answer = result.Terms(AnswerText),
                    }
                )
        );

    /// <summary><c>spillway tls</c>.</summary>
    public static Command Tls() =>
        new Command(
            "tls",
            """
            Handshakes of TLS: server names, versions, fingerprints

            Examples:
              spillway tls --name example.com
              spillway tls --host 10.1.2.3 --version 'TLS 1.0'
              spillway tls --fingerprint t13d1516h2_8daaf6152771_e5627efa2ab1
            """
        )
        {
            Host,
            Client,
            Server,
            Port,
            Name,
            Version,
            Fingerprint,
            FilterCommandLine.Not,
            QuestionCommandLine.Reverse,
        }.Asks(
            (result, store, scope) =>
                TlsQuestion.Ask(
                    store,
                    scope,
                    new TransactionFilter
                    {
                        Host = result.Terms(Host),
                        Client = result.Terms(Client),
                        Server = result.Terms(Server),
                        Port = result.Terms(Port),
                        Name = result.Terms(Name),
                        Kind = result.Terms(Version),
                        Fingerprint = result.Terms(Fingerprint),
                    }
                )
        );

    /// <summary><c>spillway certs</c>.</summary>
    public static Command Certificates() =>
        new Command(
            "certs",
            """
            Certificates that servers have shown, each once, judged by the time at which they were seen

            Examples:
              spillway certs --expired
              spillway certs --self-signed --json
              spillway certs --name example.com
            """
        )
        {
            Host,
            Client,
            Server,
            Port,
            Name,
            Expired,
            SelfSigned,
            FilterCommandLine.Not,
        }.Asks(
            (result, store, scope) =>
                CertificatesQuestion.Ask(
                    store,
                    scope,
                    new TransactionFilter
                    {
                        Host = result.Terms(Host),
                        Client = result.Terms(Client),
                        Server = result.Terms(Server),
                        Port = result.Terms(Port),
                        Name = result.Terms(Name),
                        IsExpired = result.Terms(Expired),
                        IsSelfSigned = result.Terms(SelfSigned),
                    }
                )
        );

    /// <summary><c>spillway host</c>.</summary>
    public static Command OfHost() =>
        new Command(
            "host",
            """
            The story of a host: when it was seen, names, URLs, certificates, files, alerts, peers, bytes by hour

            Examples:
              spillway host 10.1.2.3
              spillway host www.example.com --from -1h
              spillway host 10.1.2.3 --json
            """
        )
        {
            Subject,
        }.Tells((result, store, scope) => HostStory.Tell(store, scope, result.GetValue(Subject)!));
}
