namespace Spillway.Metrics.Records;

/// <summary>
/// Something that a client asked a server for, and what came of it: a row of the tables <c>http</c>, <c>dns</c> or <c>tls</c>.
/// </summary>
public abstract record TransactionRecord
{
    /// <summary>Packet time of its begin, nanoseconds since 1970 UTC.</summary>
    public required long TimestampNs { get; init; }

    /// <summary>Flow id.</summary>
    public required string FlowId { get; init; }

    /// <summary>Address of who asked, readable.</summary>
    public required string Client { get; init; }

    /// <summary>Address of who was asked.</summary>
    public required string Server { get; init; }

    /// <summary>Port of who was asked.</summary>
    public required int ServerPort { get; init; }

    /// <summary>
    /// From the question to the answer, nanoseconds of packet time; null if there was none, or its question was not seen.
    /// </summary>
    public long? TookNs { get; init; }

    /// <summary>Characters of its texts, roughly.</summary>
    internal abstract int TextLength { get; }
}

/// <summary>A request of HTTP with its response, as far as they were seen (RFC 9110).</summary>
public sealed record HttpTransactionRecord : TransactionRecord
{
    /// <summary>Method; empty if the request was not seen.</summary>
    public string Method { get; init; } = "";

    /// <summary>Host that the request names.</summary>
    public string Host { get; init; } = "";

    /// <summary>Request target.</summary>
    public string Uri { get; init; } = "";

    /// <summary>Status of the final response; null without one.</summary>
    public int? Status { get; init; }

    /// <summary>Content type of the request, without parameters.</summary>
    public string RequestType { get; init; } = "";

    /// <summary>Content type of the response, without parameters.</summary>
    public string ResponseType { get; init; } = "";

    /// <summary>Bytes of the request's content, decoded.</summary>
    public long RequestBytes { get; init; }

    /// <summary>Bytes of the response's content, decoded.</summary>
    public long ResponseBytes { get; init; }

    /// <summary>User-Agent.</summary>
    public string UserAgent { get; init; } = "";

    /// <summary>Referer.</summary>
    public string Referer { get; init; } = "";

    /// <summary>Name of the response's content in the table <c>files</c>; null if it has none.</summary>
    public string? FileName { get; init; }

    internal override int TextLength => Uri.Length + UserAgent.Length + Referer.Length;
}

/// <summary>A question of DNS with its answer (RFC 1035).</summary>
public sealed record DnsTransactionRecord : TransactionRecord
{
    /// <summary>The name that was asked for; empty is the root.</summary>
    public string Query { get; init; } = "";

    /// <summary>What was asked for, such as <c>AAAA</c>.</summary>
    public string Type { get; init; } = "";

    /// <summary>The response's code, such as <c>NXDOMAIN</c>; null without a response.</summary>
    public string? ResponseCode { get; init; }

    /// <summary>The data of the answers as a JSON array of texts; null without a response.</summary>
    public string? Answers { get; init; }

    /// <summary>How many answers the response has.</summary>
    public int AnswerCount { get; init; }

    internal override int TextLength => Query.Length + (Answers?.Length ?? 0);
}

/// <summary>A handshake of TLS, as far as it is in the clear.</summary>
public sealed record TlsHandshakeRecord : TransactionRecord
{
    /// <summary>Server name (SNI); empty without one.</summary>
    public string ServerName { get; init; } = "";

    /// <summary>Version agreed on, such as <c>TLS 1.3</c>; null without a server hello.</summary>
    public string? Version { get; init; }

    /// <summary>Cipher suite agreed on, IANA's number; null without a server hello.</summary>
    public int? Cipher { get; init; }

    /// <summary>Application protocols that the client offers (ALPN), joined by commas.</summary>
    public string Alpn { get; init; } = "";

    /// <summary>JA3 of the client; null without its hello.</summary>
    public string? Ja3 { get; init; }

    /// <summary>JA4 of the client; null without its hello.</summary>
    public string? Ja4 { get; init; }

    /// <summary>JA3S of the server; null without its hello.</summary>
    public string? Ja3s { get; init; }

    /// <summary>The server's certificate; null if none was in the clear, as from TLS 1.3 on.</summary>
    public TlsCertificateRecord? Certificate { get; init; }

    internal override int TextLength => ServerName.Length + 128 + (Certificate is null ? 0 : 512);
}

/// <summary>What a certificate says of itself. Nothing is verified.</summary>
/// <param name="Subject">Subject.</param>
/// <param name="Issuer">Issuer.</param>
/// <param name="Serial">Serial number, hex.</param>
/// <param name="Sha1">SHA-1 of the DER, hex.</param>
/// <param name="Names">DNS names of the subject's alternative names, joined by commas.</param>
/// <param name="NotBeforeSeconds">Begin of validity, seconds since 1970 UTC; null if it is no readable certificate.</param>
/// <param name="NotAfterSeconds">End of validity, seconds since 1970 UTC.</param>
/// <param name="IsSelfSigned">Subject and issuer are the same.</param>
public sealed record TlsCertificateRecord(
    string Subject,
    string Issuer,
    string Serial,
    string Sha1,
    string Names,
    long? NotBeforeSeconds,
    long? NotAfterSeconds,
    bool IsSelfSigned
);
