using System.Globalization;
using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Questions;

/// <summary>
/// What <c>--host</c> stands for: an address, a network (<c>10.0.0.0/8</c>), or a name that DNS has given addresses.
/// </summary>
internal sealed class HostFilter
{
    private const int MostAddresses = 200;

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

    /// <summary>Whether it is a network.</summary>
    public bool IsNetwork { get; }

    // Of a network: SQL functions of a flow id, and of an address.
    private string FlowInNetwork { get; init; } = "";

    private string AddressInNetwork { get; init; } = "";

    /// <summary>The addresses, readable.</summary>
    public IReadOnlyList<string> Names => [.. Addresses.Select(host => FlowText.Address(host.Address, host.Version))];

    /// <summary>The same as a JSON array.</summary>
    public string NamesAsJson => $"[{string.Join(", ", Names.Select(name => $"\"{name}\""))}]";

    /// <summary>The parameters of <see cref="BindNames"/>, for a list in SQL.</summary>
    public string List => string.Join(", ", Addresses.Select((_, i) => Parameter("name", i)));

    /// <summary>The parameters of <see cref="BindKeys"/>, for a list in SQL.</summary>
    public string KeyList => string.Join(", ", Addresses.Select((_, i) => Parameter("key", i)));

    /// <summary>Reads it.</summary>
    /// <exception cref="QuestionException">It has the form of a network and is none.</exception>
    /// <param name="store">Knows the addresses of names.</param>
    /// <param name="text">As it was given.</param>
    /// <param name="option">Where it was given.</param>
    public static HostFilter Of(QuestionStore store, string text, string option = "--host")
    {
        if (FlowName.TryParseAddress(text, out UInt128 address, out byte version))
            return new HostFilter(text, [(address, version)], isNetwork: false);
        if (text.LastIndexOf('/') is > 0 and var slash && FlowName.TryParseAddress(text[..slash], out address, out version))
        {
            int bits = version == 6 ? 128 : 32;
            if (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int prefix) || prefix > bits)
                throw new QuestionException($"{option} '{text}' is no network: give one such as 10.0.0.0/8 or 2001:db8::/32");
            return new HostFilter(text, [(address, version)], isNetwork: true)
            {
                FlowInNetwork = store.Define(id => HasEndIn(id, address, version, bits - prefix)),
                AddressInNetwork = store.Define(one => IsIn(one, address, version, bits - prefix)),
            };
        }

        return new HostFilter(text, Named(store, text), isNetwork: false) { IsName = true };
    }

    /// <summary>Keeps rows whose flow id has such an address at either end.</summary>
    public void AddTo(Query query, string flowColumn) => query.Where(OfFlow(query, flowColumn));

    /// <summary>The same with further addresses; texts that are none are left out.</summary>
    public HostFilter With(IEnumerable<string> addresses)
    {
        List<(UInt128, byte)> all = [.. Addresses];
        foreach (string text in addresses)
        {
            if (all.Count < MostAddresses && FlowName.TryParseAddress(text, out UInt128 address, out byte version))
                all.Add((address, version));
        }

        return new HostFilter(Text, all, IsNetwork)
        {
            IsName = IsName,
            FlowInNetwork = FlowInNetwork,
            AddressInNetwork = AddressInNetwork,
        };
    }

    /// <summary>Keeps rows of a run and a range of time whose flow id has such an address at either end.</summary>
    public Query AddFlows(Query query, string flowColumn, QuestionScope scope)
    {
        query.WhereIf("run_id = $run", "$run", scope.Run).Within(scope, "time_ns", "time_ns");
        AddTo(query, flowColumn);
        return query;
    }

    /// <summary>Binds the readable addresses to the parameters of <see cref="List"/>.</summary>
    public Query BindNames(Query query)
    {
        for (int i = 0; i < Addresses.Count; i++)
            query.With(Parameter("name", i), FlowText.Address(Addresses[i].Address, Addresses[i].Version));
        return query;
    }

    /// <summary>Binds the keys of the groups of hosts to the parameters of <see cref="KeyList"/>.</summary>
    public Query BindKeys(Query query)
    {
        for (int i = 0; i < Addresses.Count; i++)
            query.With(Parameter("key", i), Key(Addresses[i]));
        return query;
    }

    /// <summary>The condition on a flow id, to be joined with others.</summary>
    public string OfFlow(Query query, string flowColumn)
    {
        if (IsNetwork)
            return $"{FlowInNetwork}({flowColumn})";
        if (Addresses.Count == 0)
            return "0";
        return $"({string.Join(" OR ", Addresses.Select(host => $"{flowColumn} LIKE {query.Bind($"%{Key(host)}:%")}"))})";
    }

    /// <summary>The condition on two columns of readable addresses.</summary>
    public string OfEnds(Query query, string columnA, string columnZ) => $"({OfEnd(query, columnA)} OR {OfEnd(query, columnZ)})";

    /// <summary>The condition on a column of readable addresses.</summary>
    public string OfEnd(Query query, string column)
    {
        if (IsNetwork)
            return $"{AddressInNetwork}({column})";
        return Addresses.Count == 0 ? "0" : $"{column} IN ({string.Join(", ", Names.Select(query.Bind))})";
    }

    private static string Parameter(string name, int index) => string.Create(CultureInfo.InvariantCulture, $"${name}{index}");

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

    private static bool HasEndIn(string? flowId, UInt128 network, byte version, int hostBits)
    {
        if (flowId is null || !FlowId.TryParse(Encoding.UTF8.GetBytes(flowId), out FlowKey key) || key.IsNone || key.IPVersion != version)
            return false;
        return AreOne(key.AddressA, network, hostBits) || AreOne(key.AddressZ, network, hostBits);
    }

    private static bool IsIn(string? address, UInt128 network, byte version, int hostBits) =>
        address is not null
        && FlowName.TryParseAddress(address, out UInt128 value, out byte of)
        && of == version
        && AreOne(value, network, hostBits);

    // All bits shifted away leave nothing to compare; a shift by 128 would shift by 0.
    private static bool AreOne(UInt128 address, UInt128 network, int hostBits) =>
        hostBits == 128 || address >> hostBits == network >> hostBits;
}
