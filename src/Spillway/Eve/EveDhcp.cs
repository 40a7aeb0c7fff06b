using System.Globalization;
using Spillway.Net.Flows;
using Spillway.Net.Protocols.Dhcp;

namespace Spillway.Eve;

/// <summary>The object <c>dhcp</c>.</summary>
internal static class EveDhcp
{
    private static readonly string?[] Types = [null, "discover", "offer", "request", "decline", "ack", "nak", "release", "inform"];

    /// <summary>Writes it.</summary>
    public static void Write(EveLine line, in DhcpMessage message)
    {
        line.Json.WriteStartObject("dhcp"u8);
        line.Json.WriteString("type"u8, message.IsRequest ? "request"u8 : "reply"u8);
        line.Json.WriteNumber("id"u8, message.Id);
        line.Text("client_mac"u8, MacOf(message.HardwareAddress));
        Address(line, "assigned_ip"u8, message.YourAddress);
        if (message.ClientAddress != 0)
            Address(line, "client_ip"u8, message.ClientAddress);
        if (message.RelayAddress != 0)
            Address(line, "relay_ip"u8, message.RelayAddress);
        if (message.ServerAddress != 0)
            Address(line, "next_server_ip"u8, message.ServerAddress);
        if (message.RequestedAddress != 0)
            Address(line, "requested_ip"u8, message.RequestedAddress);
        if (message.Type is > 0 and int type && type < Types.Length)
            line.Text("dhcp_type"u8, Types[type]);
        line.Text("hostname"u8, message.HostName);
        line.Text("vendor_class_identifier"u8, message.VendorClass);
        if (message.LeaseSeconds != 0)
            line.Json.WriteNumber("lease_time"u8, message.LeaseSeconds);
        line.Json.WriteEndObject();
    }

    private static string MacOf(ReadOnlySpan<byte> address) =>
        string.Join(':', address.ToArray().Select(part => part.ToString("x2", CultureInfo.InvariantCulture)));

    private static void Address(EveLine line, ReadOnlySpan<byte> name, uint address)
    {
        Span<byte> text = stackalloc byte[FlowText.MaxAddressLength];
        line.Json.WriteString(name, text[..FlowText.FormatAddress(address, 4, text)]);
    }
}
