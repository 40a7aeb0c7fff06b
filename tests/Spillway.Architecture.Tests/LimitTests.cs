using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Spillway.Architecture.Tests;

/// <summary>
/// docs/limits.md has every limit of the code, and nothing else: the numbers and times of types named Options or Limits, and constants
/// named Max..., Most... or Limit. Whoever adds one adds a row; what bounds nothing that a user could meet has a line in
/// <see cref="NoLimits"/>.
/// </summary>
public sealed partial class LimitTests
{
    private const string Page = "docs/limits.md";

    private static readonly string[] Rooms =
    [
        "Spillway.Net",
        "Spillway.Async",
        "Spillway.Metrics",
        "Spillway.Scripting",
        "Spillway.Questions",
        "Spillway.Web",
        "Spillway",
    ];

    /// <summary>What is no limit by itself, with the reason.</summary>
    private static readonly Dictionary<string, string> NoLimits = new()
    {
        ["AhoCorasick.MaxTableEntries"] = "chooses between two forms of a table",
        ["BackendHost.MaxRestRounds"] = "rounds of scripts that answer each other at the end",
        ["BrotliContentDecoder.MaxPiece"] = "a buffer's size",
        ["ByteSet.MaxRune"] = "of Unicode",
        ["CallbackWatch.MostMilliseconds"] = "how often the watch looks",
        ["CheckedScript.MaxResolutions"] = "what a check tries",
        ["ChecksumWatch.MaxFrame"] = "tells frames that a card has joined",
        ["ChecksumWatch.MaxJumboFrame"] = "tells frames that a card has joined",
        ["CommunityId.MaxInput"] = "a buffer's size",
        ["CompletionQuestion.MostOfAnAddress"] = "of a byte",
        ["ApiDirect.MostCompletions"] = "lines of a list",
        ["ConsoleReport.MaxAlerts"] = "lines of the summary; the store has all",
        ["ConsoleReport.MaxFiles"] = "lines of the summary; the store has all",
        ["ConsoleReport.MaxKeys"] = "lines of the summary; the store has all",
        ["ConsoleReport.MaxTopperTables"] = "lines of the summary; the store has all",
        ["RuleScanners.MostKept"] = "scanners kept for use again",
        ["ContentFiles.MaxKept"] = "buffers kept for use again",
        ["CounterWriter.MaxHourBytes"] = "memory of sums that are written early",
        ["DeclarationRules.MaxColumns"] = "what a check says of a list",
        ["DnsFraming.MaxCandidates"] = "what a search tries in one piece",
        ["DnsName.MaxTextBytes"] = "a buffer's size",
        ["DnsTable.MaxNameBytes"] = "a batch's size",
        ["DnsTable.MaxRows"] = "a batch's size",
        ["EveOptions.CommunityIdSeed"] = "a seed",
        ["EveOptions.DnsVersion"] = "a version",
        ["EventBatch.MaxRecords"] = "a batch's size",
        ["EventBatch.MaxSpare"] = "batches kept for use again",
        ["EventBatch.MaxTextLength"] = "a batch's size",
        ["FileName.MaxExtensionBytes"] = "a part of FileName.MaxBytes",
        ["FileName.MaxHostBytes"] = "a part of FileName.MaxBytes",
        ["FileName.MaxRunBytes"] = "a part of FileName.MaxBytes",
        ["FileName.MaxStemBytes"] = "a part of FileName.MaxBytes",
        ["FlowHistory.MaxLength"] = "a buffer's size",
        ["FlowId.MaxLength"] = "a buffer's size",
        ["FlowTableIndex.MaxBits"] = "of an index over FlowTableOptions.MaxFlows",
        ["FlowTable.MaxSpare"] = "objects kept for use again",
        ["FlowTablePage.MostFlows"] = "how full a page of the index gets",
        ["FlowTablePage.MostSlots"] = "how full a page of the index gets",
        ["FlowText.MaxAddressLength"] = "a buffer's size",
        ["GeoKeys.MaxAsLength"] = "a buffer's size",
        ["GeoKeys.MaxNetworkLength"] = "a buffer's size",
        ["GeoRecords.MaxLabel"] = "a buffer's size",
        ["GeoSurvey.MostFaults"] = "how a file is tried out",
        ["GeoSurvey.MostFields"] = "how a file is tried out",
        ["GeoSurvey.MostLookups"] = "how a file is tried out",
        ["GeoSurvey.MostSpread"] = "how a file is tried out",
        ["GeoText.MaxPartBytes"] = "a buffer's size",
        ["GroupRegistry.MaxRememberedUnknown"] = "a cache's size",
        ["HostPlaces.MostRemembered"] = "a cache's size",
        ["HttpConnection.MaxGapBytes"] = "keeps sums from overflowing",
        ["HttpObserver.MaxSpareMessages"] = "objects kept for use again",
        ["InflateDecoder.MaxOutput"] = "a buffer's size",
        ["InflateDecoder.MaxPiece"] = "a buffer's size",
        ["JournalFormat.MaxHeader"] = "of the format",
        ["JournalFormat.MaxRuntime"] = "of the format",
        ["KeyFinder.MostNamed"] = "names in an error",
        ["KnownGuids.MaxSlips"] = "what a check takes for a slip",
        ["LaneOptions.Number"] = "which lane it is",
        ["LinkTable.MaxKeys"] = "a batch's size",
        ["MetricShard.MostUnsteady"] = "how steady packet time has been",
        ["PacketBatch.MaxRecords"] = "a batch's size",
        ["PacketStoreLane.MaxTimestampNs"] = "of the file format",
        ["PublicSuffixList.MostLabels"] = "of DNS",
        ["RecordStore.Limit"] = "records kept for use again",
        ["RunOptions.Mask"] = "a file mode",
        ["RunThresholds.MostTold"] = "lines of an error",
        ["StoreReader.MostIdle"] = "statements kept for use again",
        ["StoredGroup.MostNamed"] = "names in an error",
        ["PacketQueryReader.MaxBlocksInMemory"] = "a cache's size",
        ["TagText.Limit"] = "FlowTags.Limit",
        ["TcpReassembler.MaxPooledConnections"] = "objects kept for use again",
        ["TcpReassembler.MaxSilentInRow"] = "how the two directions are put in order",
        ["TrafficBatch.MaxRows"] = "a batch's size",
    };

    [Fact]
    public void EveryLimitOfTheCode_IsOnThePageWithItsDefault()
    {
        Dictionary<string, string> page = Rows();
        string[] faults =
        [
            .. OfTheCode()
                .Where(limit => !NoLimits.ContainsKey(limit.Name))
                .Select(limit => FaultOf(limit.Name, limit.Value, page.GetValueOrDefault(limit.Name)))
                .OfType<string>(),
        ];

        Assert.True(faults.Length == 0, string.Join('\n', faults));
    }

    [Fact]
    public void EveryRowOfThePage_IsALimitOfTheCode()
    {
        HashSet<string> code = [.. OfTheCode().Select(limit => limit.Name)];

        Assert.DoesNotContain(Rows().Keys.Concat(NoLimits.Keys), name => !code.Contains(name));
    }

    [Fact]
    public void EveryCounterAndOptionOfThePage_IsInTheCode()
    {
        string code = string.Concat(Repository.Files("src/Spillway", ".cs").Select(Repository.Text));
        IEnumerable<string> names = Repository
            .Lines(Page)
            .Where(line => line.StartsWith('|'))
            .SelectMany(line => line.Split('|').Skip(3).Take(2))
            .SelectMany(cell => Quoted().Matches(cell))
            .Select(match => match.Groups[1].Value)
            .Where(name => name.StartsWith("--", StringComparison.Ordinal) || name.Contains('.', StringComparison.Ordinal));

        Assert.DoesNotContain(names, name => !code.Contains($"\"{name}\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("64 KiB", 65536.0)]
    [InlineData("1,000", 1000.0)]
    [InlineData("5 min", 300.0)]
    [InlineData("250 ms", 0.25)]
    [InlineData("none", null)]
    public void Parse_KnowsTheUnits(string text, double? expected) => Assert.Equal(expected, Parse(text));

    private static string? FaultOf(string name, object? value, string? shown) =>
        shown is null
            ? $"{Page} lacks a row: | what it limits, with its unit `{name}` | {Show(value)} | option or fixed | counter "
                + "| what happens beyond it |"
        : Means(shown, name, value) ? null
        : $"{Page}: `{name}` is {Show(value)} in the code, and {shown} on the page";

    private static Dictionary<string, string> Rows() =>
        Repository
            .Lines(Page)
            .Select(line => Row().Match(line))
            .Where(match => match.Success)
            .ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value.Trim());

    private static IEnumerable<(string Name, object? Value)> OfTheCode() =>
        Rooms.SelectMany(room => Assembly.Load(room).GetTypes()).SelectMany(type => OfOptions(type).Concat(Constants(type)));

    private static IEnumerable<(string, object?)> OfOptions(Type type)
    {
        bool isNamed = type.Name.EndsWith("Options", StringComparison.Ordinal) || type.Name.EndsWith("Limits", StringComparison.Ordinal);
        if (
            type.IsAbstract
            || !isNamed
            || type.GetConstructor(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, []) is null
        )
        {
            return [];
        }

        object usual = Activator.CreateInstance(type, nonPublic: true)!;
        return type.GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .Where(property => property.CanWrite && IsAmount(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType))
            .Select(property => ($"{type.Name}.{property.Name}", property.GetValue(usual)));
    }

    // Those of the command line bound options, which --help shows.
    private static IEnumerable<(string, object?)> Constants(Type type) =>
        type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .Where(field => field.IsLiteral && IsAmount(field.FieldType) && MostName().IsMatch(field.Name))
            .Select(field => ($"{type.Name.Split('`')[0]}.{field.Name}", field.GetRawConstantValue()))
            .Where(limit => !limit.Item1.StartsWith('<') && !type.Name.EndsWith("CommandLine", StringComparison.Ordinal));

    private static bool IsAmount(Type type) =>
        type == typeof(TimeSpan) || Type.GetTypeCode(type) is >= TypeCode.Byte and <= TypeCode.Double && !type.IsEnum;

    private static double? Amount(object? value) =>
        value switch
        {
            null => null,
            TimeSpan time => time.TotalSeconds,
            _ => Convert.ToDouble(value, CultureInfo.InvariantCulture),
        };

    private static bool Means(string shown, string name, object? value) =>
        (Parse(shown), Amount(value)) switch
        {
            (null, null) => true,
            ({ } text, { } amount) => Math.Abs(text * (name.EndsWith("Ns", StringComparison.Ordinal) ? 1e9 : 1) - amount) <= amount * 1e-9,
            _ => false,
        };

    private static double? Parse(string text)
    {
        string[] parts = text.Split(' ');
        if (text == "none" || !double.TryParse(parts[0], NumberStyles.Number, CultureInfo.InvariantCulture, out double number))
            return null;
        return number
            * (
                parts.Length < 2
                    ? 1
                    : parts[1] switch
                    {
                        "KiB" => 1 << 10,
                        "MiB" => 1 << 20,
                        "GiB" => 1 << 30,
                        "us" => 1e-6,
                        "ms" => 1e-3,
                        "s" => 1,
                        "min" => 60,
                        "h" => 3600,
                        _ => double.NaN,
                    }
            );
    }

    private static string Show(object? value) =>
        value switch
        {
            null => "none",
            TimeSpan time => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.######} s"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{value:N0}"),
        };

    [GeneratedRegex(@"^\|[^|]*`([A-Za-z0-9]+\.[A-Za-z]+)` \|([^|]*)\|")]
    private static partial Regex Row();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex("^(Max|Most)[A-Z]|^Limit$")]
    private static partial Regex MostName();
}
