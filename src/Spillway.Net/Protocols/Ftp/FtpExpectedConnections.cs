using Spillway.Net.Packets;

namespace Spillway.Net.Protocols.Ftp;

/// <summary>
/// The data connections that a lane's control connections have announced, by the end that listens. Bounded in number and by packet time. A
/// lane sees both connections of a session, since flows of two addresses stay on one lane; not so, where one of them has another address.
/// </summary>
public sealed class FtpExpectedConnections
{
    private readonly FtpLimits _limits;
    private readonly FtpStatistics _statistics;
    private readonly Dictionary<FtpEndpoint, FtpTransfer> _byListener = [];
    private readonly Queue<FtpTransfer> _inOrder = new();

    internal FtpExpectedConnections(FtpLimits limits, FtpStatistics statistics)
    {
        _limits = limits;
        _statistics = statistics;
    }

    /// <summary>Whether any is expected: most of the time none is.</summary>
    public bool Any => _byListener.Count > 0;

    /// <summary>How many are expected.</summary>
    public int Count => _byListener.Count;

    /// <summary>The transfer that a new flow is for; null if it is none. It is expected no longer.</summary>
    /// <param name="key">The flow.</param>
    /// <param name="nowNs">Packet time.</param>
    public FtpTransfer? Take(in FlowKey key, long nowNs)
    {
        Expire(nowNs);
        var listener = new FtpEndpoint(key.AddressA, key.PortA, key.IPVersion);
        if (!IsExpected(listener, key.AddressZ, out FtpTransfer? transfer))
        {
            listener = new FtpEndpoint(key.AddressZ, key.PortZ, key.IPVersion);
            if (!IsExpected(listener, key.AddressA, out FtpTransfer? other))
            {
                if (transfer is not null || other is not null)
                    _statistics.Refused++;
                return null;
            }

            transfer = other;
        }

        Remove(transfer!);
        transfer!.HasBegun = true;
        _statistics.DataConnections++;
        return transfer;
    }

    internal void Add(FtpTransfer transfer, long nowNs)
    {
        Expire(nowNs);
        transfer.ExpectedNs = nowNs;
        _statistics.Expected++;
        if (transfer.IsForeign)
            _statistics.Foreign++;
        _byListener[transfer.Listener] = transfer;
        if (transfer.OtherListener is { } other)
            _byListener[other] = transfer;
        _inOrder.Enqueue(transfer);
        while (_inOrder.Count > _limits.MaxExpectedConnections)
            _statistics.ExpectedDropped += RemoveOldest() ? 1 : 0;
    }

    // The caller of a foreign listener may be anybody; others must be the other end of the control connection.
    private bool IsExpected(FtpEndpoint listener, UInt128 caller, out FtpTransfer? transfer) =>
        _byListener.TryGetValue(listener, out transfer) && (transfer.IsForeign || transfer.Caller == caller);

    private void Expire(long nowNs)
    {
        long oldest = nowNs - (_limits.MaxWait.Ticks * 100);
        while (_inOrder.TryPeek(out FtpTransfer? transfer) && transfer.ExpectedNs < oldest)
            _statistics.Expired += RemoveOldest() ? 1 : 0;
    }

    // True if it was expected still: most have come, or were announced anew.
    private bool RemoveOldest() => Remove(_inOrder.Dequeue());

    private bool Remove(FtpTransfer transfer)
    {
        bool wasExpected = Remove(transfer.Listener, transfer);
        return (transfer.OtherListener is { } other && Remove(other, transfer)) || wasExpected;
    }

    private bool Remove(FtpEndpoint listener, FtpTransfer transfer) =>
        _byListener.TryGetValue(listener, out FtpTransfer? current) && ReferenceEquals(current, transfer) && _byListener.Remove(listener);
}
