using System.CommandLine;
using Spillway.Questions;

namespace Spillway.CommandLine;

/// <summary>
/// Questions to what clients asked servers for: <c>spillway http</c>, <c>dns</c>, <c>tls</c>, <c>certs</c>; and the story of one host.
/// </summary>
internal static class TransactionQuestionCommands
{
    private static readonly Option<string?> Host = new("--host")
    {
        Description = "Address at either end, a network (10.0.0.0/8), or a name: one that DNS gave an address, or that was asked for",
        HelpName = "HOST",
    };

    private static readonly Option<string?> Url = new("--url") { Description = "With this text in host and path", HelpName = "TEXT" };

    private static readonly Option<string?> Method = new("--method") { Description = "With this method, such as POST", HelpName = "NAME" };

    private static readonly Option<string?> Status = new("--status")
    {
        Description = "Status of the response: 404, 4xx for a class, none for no response",
        HelpName = "CODE",
    };

    private static readonly Option<string?> Agent = new("--agent") { Description = "With this text in the user agent", HelpName = "TEXT" };

    private static readonly Option<string?> Name = new("--name") { Description = "With this text in the name", HelpName = "TEXT" };

    private static readonly Option<string?> Type = new("--type")
    {
        Description = "Type of the question: A, AAAA, MX, TXT, ...",
        HelpName = "TYPE",
    };

    private static readonly Option<string?> ResponseCode = new("--rcode")
    {
        Description = "Code of the response: NOERROR, NXDOMAIN, SERVFAIL, ...; none for no response",
        HelpName = "CODE",
    };

    private static readonly Option<string?> AnswerText = new("--answer") { Description = "With this text in an answer", HelpName = "TEXT" };

    private static readonly Option<string?> Version = new("--version")
    {
        Description = "Version agreed on, such as 'TLS 1.2'",
        HelpName = "NAME",
    };

    private static readonly Option<string?> Fingerprint = new("--fingerprint")
    {
        Description = "JA3 or JA4 of the client, or JA3S of the server",
        HelpName = "TEXT",
    };

    private static readonly Option<bool> Expired = new("--expired") { Description = "Those that were not valid when they were seen" };

    private static readonly Option<bool> SelfSigned = new("--self-signed") { Description = "Those whose issuer is their subject" };

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
            Url,
            Method,
            Status,
            Agent,
        }.Asks(
            (result, store, scope) =>
                HttpQuestion.Ask(
                    store,
                    scope,
                    new TransactionFilter
                    {
                        Host = result.GetValue(Host),
                        Name = result.GetValue(Url),
                        Kind = result.GetValue(Method),
                        Outcome = result.GetValue(Status),
                        Agent = result.GetValue(Agent),
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
            Name,
            Type,
            ResponseCode,
            AnswerText,
        }.Asks(
            (result, store, scope) =>
                DnsQuestions.Ask(
                    store,
                    scope,
                    new TransactionFilter
                    {
                        Host = result.GetValue(Host),
                        Name = result.GetValue(Name),
                        Kind = result.GetValue(Type),
                        Outcome = result.GetValue(ResponseCode),
                        Answer = result.GetValue(AnswerText),
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
            Name,
            Version,
            Fingerprint,
        }.Asks(
            (result, store, scope) =>
                TlsQuestion.Ask(
                    store,
                    scope,
                    new TransactionFilter
                    {
                        Host = result.GetValue(Host),
                        Name = result.GetValue(Name),
                        Kind = result.GetValue(Version),
                        Fingerprint = result.GetValue(Fingerprint),
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
            Name,
            Expired,
            SelfSigned,
        }.Asks(
            (result, store, scope) =>
                CertificatesQuestion.Ask(
                    store,
                    scope,
                    new TransactionFilter
                    {
                        Host = result.GetValue(Host),
                        Name = result.GetValue(Name),
                        IsExpired = result.GetValue(Expired),
                        IsSelfSigned = result.GetValue(SelfSigned),
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
