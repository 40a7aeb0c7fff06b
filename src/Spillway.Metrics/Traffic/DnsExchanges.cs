using Spillway.Metrics.Counters;

namespace Spillway.Metrics.Traffic;

/// <summary>
/// Remembers when DNS queries were sent until their responses come: by flow and message id. Of a query that is repeated the first counts,
/// since that is how long its client waits. Room is fixed: when four younger queries need the same place, the oldest is forgotten and its
/// response has no time. One thread.
/// </summary>
internal sealed class DnsExchanges
{
    /// <summary>A response later than this is not taken for one: clients reuse ports and ids. No client waits longer.</summary>
    public const long MaxResponseNs = 30_000_000_000;

    private const int Sets = 8192;
    private const int Ways = 4;

    // Half a megabyte, made for the first query.
    private Query[] _queries = [];

    public void OnQuery(in DnsRow row)
    {
        if (_queries.Length == 0)
            _queries = new Query[Sets * Ways];
        ulong hash = HashOf(in row);
        Span<Query> set = SetOf(hash);
        ref Query oldest = ref set[0];
        foreach (ref Query query in set)
        {
            if (query.Hash == hash && IsWithin(row.TimeNs - query.SentNs))
                return;
            if (query.Hash == 0 || query.Hash == hash || query.SentNs < oldest.SentNs)
                oldest = ref query;
            if (query.Hash == 0 || query.Hash == hash)
                break;
        }

        oldest = new Query(hash, row.TimeNs);
    }

    /// <summary>
    /// The time from the query to this response, in nanoseconds; false if the query was not seen, is forgotten, or was answered before.
    /// </summary>
    public bool TryTake(in DnsRow row, out long elapsedNs)
    {
        elapsedNs = 0;
        if (_queries.Length == 0)
            return false;
        ulong hash = HashOf(in row);
        foreach (ref Query query in SetOf(hash))
        {
            if (query.Hash != hash)
                continue;
            elapsedNs = row.TimeNs - query.SentNs;
            query = default;
            return IsWithin(elapsedNs);
        }

        return false;
    }

    private static bool IsWithin(long elapsedNs) => elapsedNs is >= 0 and <= MaxResponseNs;

    private Span<Query> SetOf(ulong hash) => _queries.AsSpan((int)(hash & (Sets - 1)) * Ways, Ways);

    private static ulong HashOf(in DnsRow row)
    {
        UInt128 a = row.Flow.AddressA,
            z = row.Flow.AddressZ;
        ulong hash = KeyHash.Combine((ulong)a, (ulong)(a >> 64));
        hash = KeyHash.Combine(KeyHash.Combine(hash, (ulong)z), (ulong)(z >> 64));
        hash = KeyHash.Combine(
            hash,
            ((ulong)row.Flow.PortA << 48) | ((ulong)row.Flow.PortZ << 32) | ((ulong)row.Flow.Protocol << 16) | row.Id
        );
        return hash == 0 ? 1 : hash; // 0 is a free place
    }

    private record struct Query(ulong Hash, long SentNs);
}
