using Spillway.Metrics.Records;
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
    /// <param name="texts">Knows addresses that were written before.</param>
    public static TransactionEnds Of(Flow flow, bool isClientA, WireTextPool texts)
    {
        Span<byte> text = stackalloc byte[Net.Flows.FlowId.MaxLength];
        string id = texts.Decode(text[..Net.Flows.FlowId.Format(flow.Key, text)], text.Length);
        string a = Address(flow.Key.AddressA, flow.Key.IPVersion, texts),
            z = Address(flow.Key.AddressZ, flow.Key.IPVersion, texts);
        return isClientA ? new TransactionEnds(id, a, z, flow.Key.PortZ) : new TransactionEnds(id, z, a, flow.Key.PortA);
    }

    private static string Address(UInt128 address, byte version, WireTextPool texts)
    {
        Span<byte> text = stackalloc byte[FlowText.MaxAddressLength];
        return texts.Decode(text[..FlowText.FormatAddress(address, version, text)], text.Length);
    }
}
