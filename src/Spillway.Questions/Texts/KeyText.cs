using System.Globalization;
using System.Text;
using Spillway.Metrics.Groups;
using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Questions.Texts;

/// <summary>
/// Keys as people read and write them. In the store they are as scripts know them: <c>0A.01.02.03</c> is 10.1.2.3, <c>p-01BB</c> is port
/// 443, 32 hex digits in groups of IPv6 hosts are an address, a number in the group of AS numbers is one.
/// </summary>
public static class KeyText
{
    /// <summary>The key that holds the sum of a group.</summary>
    public const string GroupTotals = "SYS:GROUP_TOTALS";

    private const string AsNumbers = "{03E016FC-46AA-4340-90FC-0E278B93C677}";

    /// <summary>A key of a counter group for people. Groups that borrow the labels of hosts have addresses as keys, of IPv6 too.</summary>
    /// <param name="groupGuid">The group.</param>
    /// <param name="key">The key as the store has it.</param>
    /// <param name="resolverGuid">The group that the labels of its keys are borrowed from, if any.</param>
    public static string Readable(string groupGuid, string key, string? resolverGuid = null) =>
        groupGuid == AsNumbers
            ? ReadableAs(key)
            : Readable(key, groupGuid == WellKnownGuids.HostsIPv6 || resolverGuid is WellKnownGuids.HostsIPv6 or WellKnownGuids.Hosts);

    private static string ReadableAs(string key) =>
        key == GroupTotals ? "(all)"
        : uint.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? "AS" + key
        : key;

    private static string Readable(string key, bool holdsIPv6)
    {
        if (key == GroupTotals)
            return "(all)";
        if (
            key is ['p' or 'P', '-', ..]
            && key.Length == FlowId.PortLength
            && ushort.TryParse(key.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort port)
        )
            return port.ToString(CultureInfo.InvariantCulture);
        int slash = key.LastIndexOf('/');
        string address = slash < 0 ? key : key[..slash];
        bool isAddress = address.Length == FlowId.Ipv4KeyLength || (address.Length == FlowId.Ipv6KeyLength && (slash > 0 || holdsIPv6));
        return isAddress && FlowId.TryParseAddress(Encoding.UTF8.GetBytes(address), out UInt128 value, out byte version)
            ? FlowText.Address(value, version) + (slash < 0 ? "" : key[slash..])
            : key;
    }

    /// <summary>The keys that a text may stand for, the likeliest first.</summary>
    public static IEnumerable<string> Candidates(string text)
    {
        yield return text;
        if (text is "total" or "all" or "(all)")
            yield return GroupTotals;
        if (ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
            yield return $"p-{port:X4}";
        int slash = text.LastIndexOf('/');
        if (TryAddressKey(slash < 0 ? text : text[..slash]) is { } key)
            yield return slash < 0 ? key : key + text[slash..];
        if (
            text.StartsWith("AS", StringComparison.OrdinalIgnoreCase)
            && uint.TryParse(text.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out uint system)
        )
            yield return system.ToString(CultureInfo.InvariantCulture);
        if (text.ToUpperInvariant() is var upper && upper != text)
            yield return upper;
        if (text.ToLowerInvariant() is var lower && lower != text)
            yield return lower;
    }

    /// <summary>An address as keys and flow ids have it; null if it is none.</summary>
    public static string? TryAddressKey(string text)
    {
        if (!FlowName.TryParseAddress(text, out UInt128 address, out byte version))
            return null;
        Span<byte> key = stackalloc byte[FlowId.MaxLength];
        return Encoding.ASCII.GetString(key[..FlowId.FormatAddress(address, version, key)]);
    }

    /// <summary>A flow id for people; as it is if it is none of ours.</summary>
    public static string ReadableFlow(string? id) =>
        id is null ? ""
        : FlowId.TryParse(Encoding.UTF8.GetBytes(id), out FlowKey key) && !key.IsNone ? FlowText.ToReadable(in key)
        : id;
}
