using System.Globalization;
using Spillway.Metrics.Groups;

namespace Spillway.Scripting.Loading;

/// <summary>What a script declares: parsed from the records that <c>control.lua</c> writes.</summary>
internal sealed partial class ScriptDescription
{
    private readonly List<string> _blocks = [];
    private readonly List<string> _problems = [];
    private readonly List<CounterGroupDefinition> _counterGroups = [];
    private readonly List<(GroupKind Kind, string Guid, string Name, string Description)> _namedGroups = [];

    private ScriptDescription() { }

    public string Title { get; private set; } = "";

    public string Description { get; private set; } = "";

    public int Workers { get; private set; } = 1;

    /// <summary>Set if the script must not be loaded.</summary>
    public string? Fatal { get; private set; }

    public IReadOnlyList<string> Blocks => _blocks;

    public IReadOnlyList<CounterGroupDefinition> CounterGroups => _counterGroups;

    public IReadOnlyList<(GroupKind Kind, string Guid, string Name, string Description)> NamedGroups => _namedGroups;

    /// <summary>What the script's author should know, and what does not keep the script from running.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Parses the records; null if the file has no TrisulPlugin table.</summary>
    public static ScriptDescription? Parse(string text)
    {
        if (text.Length == 0)
            return null;
        var result = new ScriptDescription();
        foreach (string record in text.Split('\u001e'))
            result.Add(record.Split('\u001f'));
        return result;
    }

    private void Add(string[] fields)
    {
        switch (fields[0])
        {
            case "id":
                Title = fields[1];
                Description = fields[2];
                if (Title.Length == 0)
                    Fatal = "TrisulPlugin.id.name is missing: give the script a name, id = { name = \"...\" }";
                break;
            case "workers":
                ReadWorkers(fields[1], fields[2]);
                break;
            case "block":
                _blocks.Add(fields[1]);
                break;
            case "countergroup":
                AddCounterGroup(fields);
                break;
            case "meter" when _counterGroups.Count > 0:
                AddMeter(fields);
                break;
            case "key" when _counterGroups.Count > 0:
                _counterGroups[^1] = _counterGroups[^1] with { KeyLabels = [.. _counterGroups[^1].KeyLabels, (fields[1], fields[2])] };
                break;
            case "alertgroup":
                AddNamedGroup(GroupKind.Alert, fields);
                break;
            case "resourcegroup":
                AddNamedGroup(GroupKind.Resource, fields);
                break;
            default:
                AddBlock(fields);
                break;
        }
    }

    private void ReadWorkers(string type, string value)
    {
        if (type == "nil")
            return;
        if (
            type == "number"
            && int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out int workers)
            && workers is >= 1 and <= Async.AsyncOptions.MaxWorkers
        )
        {
            Workers = workers;
            return;
        }

        Fatal =
            $"request_async_workers = {(type == "number" ? value : $"a {type} ({value})")}: it must be a whole number "
            + $"from 1 to {Async.AsyncOptions.MaxWorkers}";
    }

    private void AddCounterGroup(string[] fields)
    {
        if (!IsGuid(fields[1]))
        {
            _problems.Add($"countergroup.control.guid is no GUID: '{fields[1]}'");
            return;
        }

        _counterGroups.Add(
            new CounterGroupDefinition
            {
                Guid = fields[1],
                Name = fields[2].Length > 0 ? fields[2] : Title,
                Description = fields[3],
                BucketSeconds =
                    double.TryParse(fields[4], CultureInfo.InvariantCulture, out double seconds) && seconds is >= 1 and <= 86_400
                        ? (int)seconds
                        : 60,
                ResolverGuid = IsGuid(fields[5]) ? fields[5] : null,
            }
        );
    }

    private void AddMeter(string[] fields)
    {
        if (!int.TryParse(fields[1], CultureInfo.InvariantCulture, out int id) || id is < 0 or > Meter.MaxId)
        {
            _problems.Add($"meter '{fields[1]}' of {_counterGroups[^1].Name}: its id must be a number from 0 to {Meter.MaxId}");
            return;
        }

        var meter = new Meter(id, MeterTypeOf(fields[2]), fields[5], fields[6], fields[7], Number(fields[3]), Number(fields[4]));
        _counterGroups[^1] = _counterGroups[^1] with { Meters = [.. _counterGroups[^1].Meters, meter] };

        static int Number(string text) =>
            double.TryParse(text, CultureInfo.InvariantCulture, out double n) && n is >= 0 and <= 100_000 ? (int)n : 0;
    }

    private MeterType MeterTypeOf(string text)
    {
        if (int.TryParse(text, CultureInfo.InvariantCulture, out int number) && Enum.IsDefined((MeterType)number))
            return (MeterType)number;
        _problems.Add($"meter type '{text}' of {_counterGroups[^1].Name} is not one of T.K.vartype: taken as COUNTER");
        return MeterType.Counter;
    }

    private void AddNamedGroup(GroupKind kind, string[] fields)
    {
        if (IsGuid(fields[1]))
            _namedGroups.Add((kind, fields[1], fields[2].Length > 0 ? fields[2] : Title, fields[3]));
        else
            _problems.Add($"{fields[0]}.control.guid is no GUID: '{fields[1]}'");
    }

    private static bool IsGuid(string text) => Guid.TryParseExact(text, "B", out _);
}
