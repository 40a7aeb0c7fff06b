using System.Text;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Shards;
using Spillway.Net.Flows;
using Spillway.Net.Protocols.Ftp;

namespace Spillway.Pipeline;

/// <summary>What becomes of the control connections of FTP of a lane: events, and alerts for addresses of others.</summary>
/// <param name="metrics">Takes the alerts.</param>
internal sealed class FtpControls(MetricShard metrics)
{
    /// <summary>Alerts of a lane; all announcements are counted.</summary>
    public const int MaxAlerts = 1000;

    private const int MediumPriority = 2;

    private readonly int _group = metrics.FindAlertGroup(WellKnownGuids.SystemAlertsUtf8);
    private int _raised;

    private void Alert(FtpTransfer transfer)
    {
        if (_raised++ >= MaxAlerts)
            return;
        Flow flow = transfer.Control;
        Span<byte> id = stackalloc byte[FlowId.MaxLength];
        string named = FlowText.Address(transfer.Listener.Address, transfer.Listener.Version);
        (string command, string own) = transfer.IsPassive ? ("the reply to PASV", "server") : ("PORT", "client");
        string message = $"FTP: {command} names {named} port {transfer.Listener.Port}, which is not the {own}";
        metrics.AddAlert(
            _group,
            id[..FlowId.Format(flow.Key, id)],
            "ftp-bounce"u8,
            "FTP"u8,
            MediumPriority,
            Encoding.ASCII.GetBytes(message),
            []
        );
    }

    /// <summary>The handler of an observer: a struct, so that it calls it directly.</summary>
    internal readonly struct Handler(FtpControls controls, ContentSink contents) : IFtpHandler
    {
        /// <inheritdoc/>
        public void OnLogin(Flow flow, string user) { }

        /// <inheritdoc/>
        public void OnTransferEnd(FtpTransfer transfer) { }

        /// <inheritdoc/>
        public void OnForeignAddress(FtpTransfer transfer) => controls.Alert(transfer);

        /// <inheritdoc/>
        public void OnExchange(Flow flow, FtpExchange exchange) => contents.Eve?.OnFtp(flow, exchange);
    }
}
