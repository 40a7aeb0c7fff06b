using System.Globalization;

namespace Spillway.Questions;

/// <summary>Where a host belongs, as the run's databases said. Null is unknown.</summary>
/// <param name="Country">ISO code.</param>
/// <param name="City">City, region and country.</param>
/// <param name="AsNumber">AS number.</param>
/// <param name="AsName">The AS's organisation.</param>
internal sealed record StoredPlace(string? Country, string? City, long? AsNumber, string? AsName)
{
    /// <summary>Nothing is known.</summary>
    public static StoredPlace Unknown { get; } = new(null, null, null, null);

    /// <summary>For people, where there is little room: <c>US AS15169</c>.</summary>
    public string Short =>
        AsNumber is { } number ? string.Create(CultureInfo.InvariantCulture, $"{Country} AS{number}").TrimStart() : Country ?? City ?? "";

    /// <summary>For people: <c>US AS15169 Google LLC</c>.</summary>
    public string Text => $"{Short} {AsName}".TrimEnd();
}

/// <summary>Countries, cities and AS numbers that runs have stored with external hosts (<c>--geoip</c>).</summary>
internal sealed class HostPlaces
{
    private const int MostRemembered = 50_000;
    private const string Country = "Country",
        City = "City",
        AsNumber = "ASNumber";

    private const string Hosts = "{4CD742B1-C1CA-4708-BE78-0FCA2EB01A86}",
        HostsIPv6 = "{6CD742B1-C1CA-4708-BE78-0FCA2EB01A86}";

    private const string Attributes =
        $"FROM key_attributes a JOIN groups g ON g.group_id = a.group_id AND g.kind = 'counter' AND g.guid IN ('{Hosts}', '{HostsIPv6}')";

    // Groups whose keys are addresses. Internal hosts are not looked up.
    private static readonly string[] Groups =
    [
        Hosts,
        HostsIPv6,
        "{00AA77BB-0063-11A5-8380-FEBDBABBDBEA}",
        "{EEF95297-0C8D-4673-AD6B-F4BD2345FD69}",
        "{22D4082E-B8BA-40D0-A287-1F524DF8DA7B}",
        "{439002E4-3758-4E88-9438-8034FE1616AF}",
        "{AE3A1449-5663-41A5-A028-FDE61DBB7EFA}",
    ];

    private readonly QuestionStore _store;
    private readonly Dictionary<string, StoredPlace> _places = [];
    private readonly Dictionary<long, string?> _asNames = [];

    private HostPlaces(QuestionStore store) => _store = store;

    /// <summary>The columns that say where a host belongs; their values are <see cref="Values"/>.</summary>
    /// <param name="prefix">Goes before the names.</param>
    public static IEnumerable<AnswerColumn> Columns(string prefix = "") =>
        [
            new AnswerColumn(prefix + "country", "Country", ValueKind.Text) { Place = ColumnPlace.Data },
            new AnswerColumn(prefix + "city", "City", ValueKind.Text) { Place = ColumnPlace.Data },
            new AnswerColumn(prefix + "as", "AS", ValueKind.Count) { Place = ColumnPlace.Data },
            new AnswerColumn(prefix + "as_name", "Organisation", ValueKind.Text) { Place = ColumnPlace.Data },
        ];

    /// <summary>The values of <see cref="Columns"/>.</summary>
    public static IEnumerable<object?> Values(StoredPlace place) => [place.Country, place.City, place.AsNumber, place.AsName];

    /// <summary>The column for people.</summary>
    public static AnswerColumn Shown { get; } =
        new("where", "Where", ValueKind.Text)
        {
            MinWidth = 10,
            Place = ColumnPlace.Table,
            Spare = 4,
        };

    /// <summary>What a store has; null if no run of it had a database.</summary>
    public static HostPlaces? In(QuestionStore store) =>
        store.ReadNumber(new Query($"SELECT 1 {Attributes}").Where($"a.name IN ('{Country}', '{AsNumber}', '{City}')").Then("LIMIT 1"))
            is null
            ? null
            : new HostPlaces(store);

    /// <summary>What is shown of a flow: the end of it that is known, or both.</summary>
    public static string Between(StoredPlace client, StoredPlace server) =>
        client == StoredPlace.Unknown ? server.Short
        : server == StoredPlace.Unknown ? "from " + client.Short
        : $"{client.Short} > {server.Short}";

    /// <summary>Keeps flows one end of which is in the country or AS that is asked for.</summary>
    public static void Filter(QuestionStore store, Query query, FlowFilter filter)
    {
        if (filter.Country.IsEmpty && filter.AsNumber.IsEmpty)
            return;
        if (In(store) is null)
            throw new QuestionException("no country or AS number is in this store: give databases to the run, 'spillway run --geoip FILE'");
        store.AddAddressKeys();
        query
            .Matching(filter.Country, code => Of(Country, code.ToUpperInvariant()))
            .Matching(filter.AsNumber, number => Of(AsNumber, number));

        string Of(string attribute, string value)
        {
            string keys = $"(SELECT a.key {Attributes} WHERE a.name = '{attribute}' AND a.value = {query.Bind(value)})";
            return $"({QuestionStore.AddressKey}(address_a) IN {keys} OR {QuestionStore.AddressKey}(address_z) IN {keys})";
        }
    }

    /// <summary>Whether keys of a group are addresses of hosts.</summary>
    public static bool AreKeysOf(StoredGroup group) => Groups.Contains(group.Guid) || group.ResolverGuid is Hosts or HostsIPv6;

    /// <summary>Where the host with a key belongs.</summary>
    public StoredPlace OfKey(string key)
    {
        if (_places.TryGetValue(key, out StoredPlace? known))
            return known;
        if (_places.Count >= MostRemembered)
            _places.Clear();
        return _places[key] = Read(key);
    }

    /// <summary>Where a host belongs, given its address as people write it.</summary>
    public StoredPlace OfAddress(string address) => KeyText.TryAddressKey(address) is { } key ? OfKey(key) : StoredPlace.Unknown;

    private StoredPlace Read(string key)
    {
        var values = new Dictionary<string, string>();
        foreach (
            string[] pair in _store.Read(
                new Query($"SELECT a.name, a.value {Attributes}").Where("a.key = $key", "$key", key),
                row => new[] { row.Text(0), row.Text(1) }
            )
        )
            values[pair[0]] = pair[1];
        if (values.Count == 0)
            return StoredPlace.Unknown;
        long? number = long.TryParse(values.GetValueOrDefault(AsNumber), NumberStyles.None, CultureInfo.InvariantCulture, out long parsed)
            ? parsed
            : null;
        return new StoredPlace(
            values.GetValueOrDefault(Country),
            values.GetValueOrDefault(City),
            number,
            number is { } known ? NameOf(known) : null
        );
    }

    private string? NameOf(long number)
    {
        if (_asNames.TryGetValue(number, out string? name))
            return name;
        name = _store
            .Read(
                new Query(
                    "SELECT k.label FROM keys k JOIN groups g ON g.group_id = k.group_id AND g.guid = "
                        + "'{03E016FC-46AA-4340-90FC-0E278B93C677}'"
                ).Where("k.key = $key", "$key", number.ToString(CultureInfo.InvariantCulture)),
                row => row.Text(0)
            )
            .FirstOrDefault(label => label.Length > 0);
        return _asNames[number] = name;
    }
}
