namespace Spillway.Pipeline;

/// <summary>Kinds of transactions that are recorded.</summary>
[Flags]
internal enum TransactionKinds
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Requests of HTTP.</summary>
    Http = 1,

    /// <summary>Questions of DNS.</summary>
    Dns = 2,

    /// <summary>Handshakes of TLS.</summary>
    Tls = 4,

    /// <summary>All.</summary>
    All = Http | Dns | Tls,
}
