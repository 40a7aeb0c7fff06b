using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Spillway.Net.Flows;

namespace Spillway.Metrics.Traffic;

/// <summary>
/// The networks that count as one's own. Addresses whose packets never leave their network (link-local, loopback, multicast, broadcast,
/// unspecified) count as home whatever is configured. Immutable.
/// </summary>
public sealed class HomeNetworks
{
    /// <summary>Networks at most.</summary>
    public const int MaxNetworks = 1024;

    private readonly (UInt128 Network, UInt128 Mask)[] _v4;
    private readonly (UInt128 Network, UInt128 Mask)[] _v6;

    // Those that were given come first.
    private readonly int _givenV4;
    private readonly int _givenV6;

    private HomeNetworks(List<Prefix> prefixes, string text)
    {
        (_v4, _givenV4) = (Of(prefixes, 4), prefixes.Count(prefix => prefix.Version == 4));
        (_v6, _givenV6) = (Of(prefixes, 6), prefixes.Count(prefix => prefix.Version == 6));
        Text = text;
    }

    private static List<Prefix> Scoped { get; } =
        ReadAll("0.0.0.0/32,127.0.0.0/8,169.254.0.0/16,224.0.0.0/4,255.255.255.255/32,::/127,fe80::/10,ff00::/8");

    /// <summary>RFC 1918 and RFC 4193: 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, fc00::/7.</summary>
    public static HomeNetworks Default { get; } =
        TryParse("10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7", out HomeNetworks? networks, out _)
            ? networks
            : throw new InvalidOperationException();

    /// <summary>The networks as they were given.</summary>
    public string Text { get; }

    /// <summary>Reads networks in CIDR notation, separated by commas; an address without a length is a network of one.</summary>
    /// <param name="text">Such as <c>10.0.0.0/8,2001:db8::/32</c>.</param>
    /// <param name="networks">The networks.</param>
    /// <param name="flaw">What is wrong, for the user.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out HomeNetworks? networks, [NotNullWhen(false)] out string? flaw)
    {
        ArgumentNullException.ThrowIfNull(text);
        networks = null;
        var prefixes = new List<Prefix>();
        foreach (string item in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!TryReadPrefix(item, out Prefix prefix, out flaw))
                return false;
            prefixes.Add(prefix);
        }

        if (prefixes.Count > MaxNetworks)
        {
            flaw = $"there are {prefixes.Count} networks, {MaxNetworks} at most can be given: join neighbours";
            return false;
        }

        flaw = null;
        networks = new HomeNetworks(prefixes, text);
        return true;
    }

    /// <summary>The IPv4 networks as they were given: first address and mask, in dotted decimal.</summary>
    public IEnumerable<(string Network, string Mask)> GivenV4 =>
        _v4.Take(_givenV4).Select(network => (FlowText.Address(network.Network, 4), FlowText.Address(network.Mask, 4)));

    /// <summary>Whether an address, as flow keys hold it, is one of the home's.</summary>
    public bool Contains(UInt128 address, byte version)
    {
        foreach ((UInt128 network, UInt128 mask) in version == 6 ? _v6 : _v4)
        {
            if ((address & mask) == network)
                return true;
        }

        return false;
    }

    /// <summary>Whether an address belongs to one of the networks that were given, so that its subnet says something.</summary>
    internal bool IsUnicastHome(UInt128 address, byte version)
    {
        (UInt128 Network, UInt128 Mask)[] networks = version == 6 ? _v6 : _v4;
        for (int i = 0; i < (version == 6 ? _givenV6 : _givenV4); i++)
        {
            if ((address & networks[i].Mask) == networks[i].Network)
                return true;
        }

        return false;
    }

    private static (UInt128 Network, UInt128 Mask)[] Of(List<Prefix> given, byte version) =>
        [.. given.Concat(Scoped).Where(prefix => prefix.Version == version).Select(prefix => (prefix.Network, prefix.Mask))];

    private static List<Prefix> ReadAll(string text)
    {
        var prefixes = new List<Prefix>();
        foreach (string item in text.Split(','))
        {
            if (TryReadPrefix(item, out Prefix prefix, out _))
                prefixes.Add(prefix);
        }

        return prefixes;
    }

    private static bool TryReadPrefix(string item, out Prefix prefix, [NotNullWhen(false)] out string? flaw)
    {
        prefix = default;
        int slash = item.IndexOf('/', StringComparison.Ordinal);
        ReadOnlySpan<char> addressText = slash < 0 ? item : item.AsSpan(0, slash);
        if (
            !IPAddress.TryParse(addressText, out IPAddress? address)
            || (address.AddressFamily == AddressFamily.InterNetwork && addressText.Count('.') != 3)
        )
        {
            flaw = $"'{item}' is no network: give CIDR notation, such as 10.0.0.0/8 or 2001:db8::/32";
            return false;
        }

        byte[] bytes = address.GetAddressBytes();
        int bits = bytes.Length * 8;
        int length = bits;
        if (
            slash >= 0
            && (!int.TryParse(item.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > bits)
        )
        {
            flaw = $"'{item}': the prefix length must be 0 to {bits}";
            return false;
        }

        UInt128 value = 0;
        foreach (byte part in bytes)
            value = (value << 8) | part;
        UInt128 all = bits == 128 ? UInt128.MaxValue : (UInt128.One << bits) - 1;
        UInt128 mask = length == 0 ? 0 : all & ~((UInt128.One << (bits - length)) - 1);
        if (length == bits)
            mask = all;
        if ((value & ~mask) != 0)
        {
            string network = FlowText.Address(value & mask, (byte)(bits == 128 ? 6 : 4));
            flaw = $"'{item}' has bits set beyond its prefix length: {network}/{length} is the network";
            return false;
        }

        prefix = new Prefix(value, mask, (byte)(bits == 128 ? 6 : 4));
        flaw = null;
        return true;
    }

    private readonly record struct Prefix(UInt128 Network, UInt128 Mask, byte Version);
}
