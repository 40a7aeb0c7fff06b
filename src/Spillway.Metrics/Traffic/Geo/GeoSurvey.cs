using MaxMind.Db;

namespace Spillway.Metrics.Traffic.Geo;

/// <summary>
/// A look at some hundred records of a database: what it knows, whatever its name says, and how its records are made. Goes from network to
/// network by look-ups, so that a small database is seen whole and a damaged one ends: the number of look-ups is bounded.
/// </summary>
internal sealed class GeoSurvey
{
    private const int MostLookups = 10_000,
        MostSpread = 500,
        Enough = 300,
        MostFaults = 100,
        MostFields = 6;

    // IPv4 lies below this address in a database for both versions, and is looked at by itself.
    private static readonly UInt128 FirstIPv6 = (UInt128)1 << 120;

    private readonly Reader _reader;
    private readonly List<string> _fields = [];
    private bool _hasPlaces;
    private bool _hasOthers;
    private int _faults;

    private GeoSurvey(Reader reader) => _reader = reader;

    /// <summary>What the records know together.</summary>
    public GeoKinds Kinds { get; private set; }

    /// <summary>Records that were read.</summary>
    public int Records { get; private set; }

    /// <summary>Why the first record that could not be read could not; null if all could.</summary>
    public string? Fault { get; private set; }

    /// <summary>Names of the first fields, for a person who gave a file of another kind.</summary>
    public IReadOnlyList<string> Fields => _fields;

    /// <summary>Whether records are made so that <see cref="NestedRecord"/> reads all there is of them.</summary>
    public bool IsNested => _hasPlaces && !_hasOthers;

    /// <summary>Looks at a database.</summary>
    public static GeoSurvey Of(Reader reader)
    {
        var survey = new GeoSurvey(reader);
        survey.Walk(version: 4);
        survey.Spread();
        if (reader.Metadata.IPVersion == 6)
            survey.Walk(version: 6);
        return survey;
    }

    private void Walk(byte version)
    {
        int bits = version == 4 ? 32 : 128,
            enough = Records + Enough;
        UInt128 address = version == 4 ? 0 : FirstIPv6;
        UInt128 last = version == 4 ? uint.MaxValue : UInt128.MaxValue;
        for (int i = 0; i < MostLookups && _faults < MostFaults && Records < enough && Kinds != GeoKinds.All; i++)
        {
            int length = Math.Clamp(Look(address, version), 0, bits);
            UInt128 host = length == 0 ? last : ((UInt128)1 << (bits - length)) - 1;
            address |= host;
            if (address == last)
                return;
            address++;
        }
    }

    // Fields that the first records lack are seen elsewhere.
    private void Spread()
    {
        const uint goldenRatio = 0x9E3779B1;
        uint address = 0;
        for (int i = 0; i < MostSpread && _faults < MostFaults && Kinds != GeoKinds.All; i++)
            Look(address += goldenRatio, version: 4);
    }

    /// <summary>Looks at an address; returns how long the prefix of its network is.</summary>
    private int Look(UInt128 address, byte version)
    {
        int length = version == 4 ? 32 : 128;
        try
        {
            Dictionary<string, object>? record = _reader.Find<Dictionary<string, object>>(GeoAddress.Of(address, version), out length);
            if (record is not null)
                Note(record);
            return length;
        }
        catch (Exception exception)
        {
            // The reader has several for what is damaged; none of them may end a run.
            _faults++;
            Fault ??= exception.Message;
            return version == 4 ? 16 : 32;
        }
    }

    private void Note(Dictionary<string, object> record)
    {
        Records++;
        Kinds |= GeoFields.Read(record).Kinds;
        foreach (string field in record.Keys)
        {
            if (_fields.Count < MostFields && !_fields.Contains(field))
                _fields.Add(field);
        }

        foreach (string field in (ReadOnlySpan<string>)["country", "city"])
        {
            if (!record.TryGetValue(field, out object? value))
                continue;
            var place = value as IReadOnlyDictionary<string, object>;
            var names = place?.GetValueOrDefault("names") as IReadOnlyDictionary<string, object>;
            if (names is not null ? names.ContainsKey("en") : place?.ContainsKey("name") == false)
                _hasPlaces = true;
            else
                _hasOthers = true;
        }
    }
}
