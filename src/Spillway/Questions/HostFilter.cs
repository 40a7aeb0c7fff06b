using System.Globalization;
using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Packets;

namespace Spillway.Questions;

/// <summary>
/// What <c>--host</c> stands for: an address, a network (<c>10.0.0.0/8</c>), or a name that DNS has given addresses.
/// </summary>
internal sealed class HostFilter
{
    private const int MostAddresses = 200;
    private const string NetworkFunction = "is_in_network";

    private static readonly string[] HostGroups = ["{4CD742B1-C1CA-4708-BE78-0FCA2EB01A86}", "{6CD742B1-C1CA-4708-BE78-0FCA2EB01A86}"];

    private HostFilter(string text, IReadOnlyList<(UInt128 Address, byte Version)> addresses, bool isNetwork)
    {
        Text = text;
        Addresses = addresses;
        IsNetwork = isNetwork;
    }

    /// <summary>As it was given.</summary>
    public string Text { get; }

    /// <summary>Whether it was given by a name.</summary>
    public bool IsName { get; private init; }

    private IReadOnlyList<(UInt128 Address, byte Version)> Addresses { get; }

    private bool IsNetwork { get; }

    /// <summary>Reads it.</summary>
    /// <exception cref="QuestionException">It has the form of a network and is none.</exception>
    public static HostFilter Of(QuestionStore store, string text)
    {
        if (FlowName.TryParseAddress(text, out UInt128 address, out byte version))
            return new HostFilter(text, [(address, version)], isNetwork: false);
        if (text.LastIndexOf('/') is > 0 and var slash && FlowName.TryParseAddress(text[..slash], out address, out version))
        {
            int bits = version == 6 ? 128 : 32;
            if (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int prefix) || prefix > bits)
                throw new QuestionException($"--host '{text}' is no network: give one such as 10.0.0.0/8 or 2001:db8::/32");
            store.Define(NetworkFunction, id => IsIn(id, address, version, bits - prefix));
            return new HostFilter(text, [(address, version)], isNetwork: true);
        }

        return new HostFilter(text, Named(store, text), isNetwork: false) { IsName = true };
    }

    /// <summary>Keeps rows whose flow id has such an address at either end.</summary>
    public void AddTo(Query query, string flowColumn) => query.Where(OfFlow(query, flowColumn));

    /// <summary>The condition on a flow id, to be joined with others.</summary>
    public string OfFlow(Query query, string flowColumn)
    {
        if (IsNetwork)
            return $"{NetworkFunction}({flowColumn})";
        if (Addresses.Count == 0)
            return "0";
        return $"({string.Join(" OR ", Addresses.Select((host, i) => $"{flowColumn} LIKE {Bind(query, i, $"%{Key(host)}:%")}"))})";
    }

    /// <summary>The condition on two columns of readable addresses.</summary>
    public string OfEnds(Query query, string flowColumn, string columnA, string columnZ)
    {
        if (IsNetwork)
            return $"{NetworkFunction}({flowColumn})";
        if (Addresses.Count == 0)
            return "0";
        string list = string.Join(", ", Addresses.Select((host, i) => Bind(query, i, FlowText.Address(host.Address, host.Version))));
        return $"({columnA} IN ({list}) OR {columnZ} IN ({list}))";
    }

    private static string Bind(Query query, int index, string value)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"$host{index}");
        query.With(name, value);
        return name;
    }

    private static List<(UInt128 Address, byte Version)> Named(QuestionStore store, string name)
    {
        List<(UInt128, byte)> addresses = [];
        foreach (StoredGroup group in StoredGroup.All(store, "counter").Where(group => HostGroups.Contains(group.Guid)))
        {
            foreach (
                string key in store.Read(
                    KeyFinder.Labels(group).Where("label = $label COLLATE NOCASE", "$label", name).Then($"LIMIT {MostAddresses}"),
                    row => row.Text(0)
                )
            )
            {
                if (
                    FlowId.TryParseAddress(Encoding.UTF8.GetBytes(key), out UInt128 address, out byte version)
                    && !addresses.Contains((address, version))
                )
                    addresses.Add((address, version));
            }
        }

        return addresses;
    }

    private static string Key((UInt128 Address, byte Version) host)
    {
        Span<byte> key = stackalloc byte[FlowId.MaxLength];
        return Encoding.ASCII.GetString(key[..FlowId.FormatAddress(host.Address, host.Version, key)]);
    }

    private static bool IsIn(string? flowId, UInt128 network, byte version, int hostBits)
    {
        if (flowId is null || !FlowId.TryParse(Encoding.UTF8.GetBytes(flowId), out FlowKey key) || key.IsNone || key.IPVersion != version)
            return false;
        // All bits shifted away leave nothing to compare; a shift by 128 would shift by 0.
        return hostBits == 128 || key.AddressA >> hostBits == network >> hostBits || key.AddressZ >> hostBits == network >> hostBits;
    }
}
