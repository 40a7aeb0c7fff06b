using System.Globalization;
using System.Text;
using Spillway.Net.Packets;

namespace Spillway.Net.Flows;

/// <summary>Where a flow record was exported: the last three fields of flow ids of type C and D.</summary>
/// <param name="Router">IPv4 address of the exporter; 0 if it is not known.</param>
/// <param name="InterfaceIn">SNMP index of the interface that the flow came in by.</param>
/// <param name="InterfaceOut">SNMP index of the interface that the flow left by.</param>
public readonly record struct NetFlowOrigin(uint Router, uint InterfaceIn, uint InterfaceOut)
{
    /// <inheritdoc/>
    public override int GetHashCode() => (int)WireHash.Of(Router, ((ulong)InterfaceIn << 32) | InterfaceOut);
}

public static partial class FlowId
{
    /// <summary>Reads the origin of an id of type C or D; parts that are missing or unreadable are 0.</summary>
    /// <returns>False for other types, and for texts that are no flow id.</returns>
    public static bool TryParseOrigin(ReadOnlySpan<byte> id, out NetFlowOrigin origin)
    {
        origin = default;
        if (id.Length < 4 || (id[2] | 0x20) is not ('c' or 'd'))
            return false;
        int at = id.IndexOf((byte)'_');
        if (at < 0)
            return false;
        Span<uint> parts = stackalloc uint[3];
        parts.Clear();
        ReadOnlySpan<byte> rest = Next(id[(at + 1)..]);
        for (int i = 0; i < parts.Length && rest.Length > 0; i++)
        {
            int end = rest.IndexOf((byte)'_');
            ReadOnlySpan<byte> part = end < 0 ? rest : rest[..end];
            parts[i] =
                i == 0 ? RouterOf(part)
                : Hex.TryRead(part, out ulong index) ? (uint)index
                : 0;
            rest = Next(rest);
        }

        origin = new NetFlowOrigin(parts[0], parts[1], parts[2]);
        return true;

        static ReadOnlySpan<byte> Next(ReadOnlySpan<byte> text)
        {
            int underscore = text.IndexOf((byte)'_');
            return underscore < 0 ? default : text[(underscore + 1)..];
        }

        static uint RouterOf(ReadOnlySpan<byte> text) =>
            TryParseAddress(text, out UInt128 address, out byte version) && version == 4 ? (uint)address : 0;
    }

    /// <summary>The id of a flow, with its origin if it is a record of one: type C (IPv4) or D (IPv6).</summary>
    public static string ToString(in FlowKey key, NetFlowOrigin? origin)
    {
        string id = ToString(in key);
        if (origin is not { } from)
            return id;
        Span<byte> router = stackalloc byte[Ipv4KeyLength];
        FormatAddress(from.Router, version: 4, router);
        char type = id[2] == 'B' ? 'D' : 'C';
        string address = Encoding.ASCII.GetString(router);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{id[..2]}{type}{id[3..]}_{address}_{from.InterfaceIn:X8}_{from.InterfaceOut:X8}"
        );
    }
}
