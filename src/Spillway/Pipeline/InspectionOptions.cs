using Spillway.Async.Inspection;
using Spillway.Metrics.Records;
using Spillway.Net.Files;

namespace Spillway.Pipeline;

/// <summary>What is found out about files off the packet path. Immutable.</summary>
internal sealed record InspectionOptions
{
    /// <summary>Of which files types are told by content.</summary>
    public ContentHeads Types { get; init; }

    /// <summary>Whether the description in words is wanted too.</summary>
    public bool DescribesTypes { get; init; }

    /// <summary>Kinds of files that stay where all are stored; null keeps all.</summary>
    public FileKinds? Kept { get; init; }

    /// <summary>Rules of YARA that every file is scanned with; null for none.</summary>
    public YaraRules? Rules { get; init; }

    /// <summary>Time and size of scans.</summary>
    public ScanLimits Scan { get; init; } = new();

    /// <summary>Longest time that a worker may take for a file; then it is given up and replaced. Default 30 s, and what
    /// a scan may take.</summary>
    public TimeSpan TaskTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
