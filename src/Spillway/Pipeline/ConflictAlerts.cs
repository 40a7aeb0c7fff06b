using System.Security.Cryptography;
using System.Text;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Shards;
using Spillway.Net.Flows;

namespace Spillway.Pipeline;

/// <summary>
/// Raises an alert where bytes of a TCP stream came twice and differ: one of both is not what the receiver took. One for each lane, on its
/// thread.
/// </summary>
/// <param name="metrics">Takes the alerts.</param>
internal sealed class ConflictAlerts(MetricShard metrics)
{
    /// <summary>Alerts of a lane; all conflicts are counted.</summary>
    public const int MaxAlerts = 1000;

    private const int MediumPriority = 2;

    private readonly int _group = metrics.FindAlertGroup(WellKnownGuids.SystemAlertsUtf8);
    private int _raised;

    /// <summary>Two contents for one place of a stream. The first of each flow is an alert.</summary>
    public void OnConflict(Flow flow, bool fromA, long offset, ReadOnlySpan<byte> first, ReadOnlySpan<byte> later)
    {
        if ((flow.State & FlowState.Error) != 0)
            return;
        flow.State |= FlowState.Error;
        if (_raised++ >= MaxAlerts)
            return;
        Span<byte> id = stackalloc byte[FlowId.MaxLength];
        string sender = fromA == flow.IsClientA ? "the client" : "the server";
        string message =
            $"TCP bytes {offset} to {offset + first.Length} of {sender} came twice and differ: "
            + $"SHA-1 {Sha1(first)} (taken), {Sha1(later)} (not taken)";
        metrics.AddAlert(
            _group,
            id[..FlowId.Format(flow.Key, id)],
            "tcp-conflicting-overlap"u8,
            "TCP"u8,
            MediumPriority,
            Encoding.ASCII.GetBytes(message),
            []
        );
    }

    private static string Sha1(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA1.HashData(bytes));
}
