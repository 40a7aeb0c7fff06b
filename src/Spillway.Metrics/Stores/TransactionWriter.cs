using Microsoft.Data.Sqlite;
using Spillway.Metrics.Records;

namespace Spillway.Metrics.Stores;

/// <summary>Writes what clients asked servers for: rows of <c>http</c>, <c>dns</c> and <c>tls</c>.</summary>
internal sealed class TransactionWriter(SqliteConnection connection) : IDisposable
{
    private readonly Statement _http = new(
        connection,
        "INSERT INTO http VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)"
    );

    private readonly Statement _dns = new(connection, "INSERT INTO dns VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)");

    private readonly Statement _tls = new(
        connection,
        """
        INSERT INTO tls VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)
        """
    );

    /// <summary>Writes one.</summary>
    public void Add(long run, TransactionRecord record)
    {
        switch (record)
        {
            case HttpTransactionRecord http:
                Bind(_http, run, record);
                Execute(_http, http);
                break;
            case DnsTransactionRecord dns:
                Bind(_dns, run, record);
                Execute(_dns, dns);
                break;
            case TlsHandshakeRecord tls:
                Bind(_tls, run, record);
                Execute(_tls, tls);
                break;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _dns.Dispose();
        _tls.Dispose();
    }

    // The first seven columns are those of every table.
    private static void Bind(Statement statement, long run, TransactionRecord record)
    {
        statement.Bind(0, run);
        statement.Bind(1, record.TimestampNs);
        statement[2] = record.FlowId;
        statement[3] = record.Client;
        statement[4] = record.Server;
        statement.Bind(5, record.ServerPort);
        if (record.TookNs is { } took)
            statement.Bind(6, took);
        else
            statement.BindNull(6);
    }

    private static void Execute(Statement statement, HttpTransactionRecord http)
    {
        statement[7] = http.Method;
        statement[8] = http.Host;
        statement[9] = http.Uri;
        statement[10] = http.Status;
        statement[11] = http.RequestType;
        statement[12] = http.ResponseType;
        statement.Bind(13, http.RequestBytes);
        statement.Bind(14, http.ResponseBytes);
        statement[15] = http.UserAgent;
        statement[16] = http.Referer;
        statement[17] = http.FileName;
        statement.Execute();
    }

    private static void Execute(Statement statement, DnsTransactionRecord dns)
    {
        statement[7] = dns.Query;
        statement[8] = dns.Type;
        statement[9] = dns.ResponseCode;
        statement.Bind(10, dns.AnswerCount);
        statement[11] = dns.Answers;
        statement.Execute();
    }

    private static void Execute(Statement statement, TlsHandshakeRecord tls)
    {
        statement[7] = tls.ServerName;
        statement[8] = tls.Version;
        statement[9] = tls.Cipher;
        statement[10] = tls.Alpn;
        statement[11] = tls.Ja3;
        statement[12] = tls.Ja4;
        statement[13] = tls.Ja3s;
        TlsCertificateRecord? certificate = tls.Certificate;
        statement[14] = certificate?.Subject;
        statement[15] = certificate?.Issuer;
        statement[16] = certificate?.Serial;
        statement[17] = certificate?.Sha1;
        statement[18] = certificate?.Names;
        statement[19] = certificate?.NotBeforeSeconds;
        statement[20] = certificate?.NotAfterSeconds;
        statement.Execute();
    }
}
