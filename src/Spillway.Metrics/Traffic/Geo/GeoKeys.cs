using System.Globalization;
using System.Text;
using Spillway.Net.Flows;

namespace Spillway.Metrics.Traffic.Geo;

/// <summary>Keys of the groups that databases feed.</summary>
internal static class GeoKeys
{
    /// <summary>Bytes of the longest key of a network.</summary>
    public const int MaxNetworkLength = FlowId.Ipv6KeyLength + 4;

    /// <summary>Bytes of the longest AS number.</summary>
    public const int MaxAsLength = 10;

    public static ReadOnlySpan<byte> Countries => "{00990011-44BD-4C55-891A-77823D59161B}"u8;
    public static ReadOnlySpan<byte> Cities => "{6D201FA3-6F8B-4F83-73F7-CB0B8A66EA2E}"u8;
    public static ReadOnlySpan<byte> AsNumbers => "{03E016FC-46AA-4340-90FC-0E278B93C677}"u8;
    public static ReadOnlySpan<byte> Prefixes => "{2838D2E8-EABC-4050-90C4-8AE2589AAB25}"u8;

    /// <summary>Writes an AS number in decimal; returns its length.</summary>
    public static int WriteAs(uint number, Span<byte> key)
    {
        number.TryFormat(key, out int length, default, CultureInfo.InvariantCulture);
        return length;
    }

    /// <summary>Writes the network of a place as Subnets has it, <c>08.08.08.00/24</c>; returns its length.</summary>
    public static int WriteNetwork(in HostPlace place, Span<byte> key)
    {
        int bits = place.Version == 6 ? 128 : 32;
        UInt128 network = place.PrefixLength == 0 ? 0 : place.Address & ~(((UInt128)1 << (bits - place.PrefixLength)) - 1);
        int length = FlowId.FormatAddress(network, place.Version, key);
        key[length++] = (byte)'/';
        place.PrefixLength.TryFormat(key[length..], out int digits, default, CultureInfo.InvariantCulture);
        return length + digits;
    }

    /// <summary>The two letters of a country.</summary>
    public static void WriteCountry(ushort country, Span<byte> key)
    {
        key[0] = (byte)(country >> 8);
        key[1] = (byte)country;
    }

    /// <summary>A key as a text.</summary>
    public static string ToText(ReadOnlySpan<byte> key) => Encoding.UTF8.GetString(key);
}
