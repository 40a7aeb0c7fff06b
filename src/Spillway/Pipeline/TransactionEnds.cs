using System.Text;
using Spillway.Net.Flows;

namespace Spillway.Pipeline;

/// <summary>Who asked whom in a transaction, as its record says it.</summary>
/// <param name="FlowId">Flow id.</param>
/// <param name="Client">Address of who asked, readable.</param>
/// <param name="Server">Address of who was asked.</param>
/// <param name="ServerPort">Port of who was asked.</param>
internal readonly record struct TransactionEnds(string FlowId, string Client, string Server, int ServerPort)
{
    /// <summary>Of a flow.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="isClientA">Whether end A asked.</param>
    public static TransactionEnds Of(Flow flow, bool isClientA)
    {
        Span<byte> id = stackalloc byte[Net.Flows.FlowId.MaxLength];
        string text = Encoding.ASCII.GetString(id[..Net.Flows.FlowId.Format(flow.Key, id)]);
        string a = FlowText.Address(flow.Key.AddressA, flow.Key.IPVersion),
            z = FlowText.Address(flow.Key.AddressZ, flow.Key.IPVersion);
        return isClientA ? new TransactionEnds(text, a, z, flow.Key.PortZ) : new TransactionEnds(text, z, a, flow.Key.PortA);
    }
}
