using System.Globalization;
using Spillway.Async.Inspection;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Records;
using Spillway.Metrics.Shards;

namespace Spillway.Pipeline;

/// <summary>Raises an alert for each rule of YARA that a file matches.</summary>
/// <param name="metrics">Takes the alerts.</param>
internal sealed class YaraAlerts(MetricShard metrics)
{
    private const int High = 1;
    private const int MaxAlertsOfAFile = 100;

    /// <summary>Raises the alerts of a file. The signature is the rule's name: it is the same for all files.</summary>
    /// <param name="file">The file's record.</param>
    /// <param name="matches">The rules; of a file in parts one may come for several.</param>
    public void Raise(FileRecord file, IEnumerable<RuleMatch> matches)
    {
        foreach (RuleMatch match in matches.DistinctBy(match => (match.Rule, match.Namespace)).Take(MaxAlertsOfAFile))
            metrics.AddAlert(
                new AlertRecord
                {
                    TimestampNs = file.TimestampNs,
                    GroupGuid = WellKnownGuids.Yara,
                    FlowId = file.FlowId,
                    Key = match.Rule,
                    Signature = match.Rule,
                    Classification = match.Tags.Count > 0 ? string.Join(',', match.Tags) : "YARA",
                    Priority = High,
                    Message = MessageOf(file, match),
                    Status = "FIRE",
                    ExtraMessage = string.Join("; ", FactsOf(match).Select(fact => $"{fact.Name}: {fact.Value}")),
                    Facts = FactsOf(match),
                    File = file,
                }
            );
    }

    private static string MessageOf(FileRecord file, RuleMatch match)
    {
        string name =
            file.SentName.Length > 0 ? file.SentName
            : file.Uri.Length > 0 ? file.Host + file.Uri
            : file.Name;
        string hash =
            file.Sha256 is { } sha256 ? $", SHA-256 {sha256}"
            : file.Sha1 is { } sha1 ? $", SHA-1 {sha1}"
            : file.Md5 is { } md5 ? $", MD5 {md5}"
            : "";
        string what = match.Meta.FirstOrDefault(meta => meta.Name == "description") is { Value: string text } ? $" ({text})" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{name} ({file.Size} bytes{hash}) matches {match.Rule}{what}");
    }

    // Names may come more than once.
    private static (string Name, string Value)[] FactsOf(RuleMatch match) =>
        [("namespace", match.Namespace), .. match.Tags.Select(tag => ("tags", tag)), .. match.Meta.Select(meta => (meta.Name, meta.Text))];
}
