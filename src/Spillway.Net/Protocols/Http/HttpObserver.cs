namespace Spillway.Net.Protocols.Http;

/// <summary>
/// What the HTTP connections of one lane share: limits, counters and scratch memory. Belongs to one thread.
/// </summary>
public sealed class HttpObserver
{
    // Large enough that a decoded body crosses into the consumer in few calls, small enough to stay in the first-level cache's neighbour.
    private const int OutputBytes = 16 * 1024;

    // Of what is lent, this many stay for the next: 200 KB.
    private const int MaxSpareMessages = 1024;

    private readonly Stack<HttpMessage> _spareMessages = new();

    /// <summary>Creates the shared part.</summary>
    public HttpObserver(HttpLimits? limits = null)
    {
        Limits = limits ?? HttpLimits.Default;
        Fields = new HttpField[Limits.MaxHeaderFields + KnownField.MaxBeyond];
    }

    /// <summary>The limits.</summary>
    public HttpLimits Limits { get; }

    /// <summary>The counters.</summary>
    public HttpStatistics Statistics { get; } = new();

    /// <summary>Where a header's fields are collected before their number is known.</summary>
    internal HttpField[] Fields { get; }

    /// <summary>Where decoded content is put on its way to the handler.</summary>
    internal byte[] Output { get; } = new byte[OutputBytes];

    internal HttpMessage LendMessage() => _spareMessages.TryPop(out HttpMessage? message) ? message : new HttpMessage();

    internal void Return(HttpMessage message)
    {
        message.Reset();
        if (_spareMessages.Count < MaxSpareMessages)
            _spareMessages.Push(message);
    }
}
