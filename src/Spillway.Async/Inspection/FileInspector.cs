using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Spillway.Async.Inspection;

/// <summary>
/// Finds out about files, for one worker: the data of its tasks is a byte of <see cref="InspectionWants"/> and a path or the first bytes.
/// </summary>
/// <param name="rules">Rules to scan files with; null for no scans.</param>
/// <param name="limits">Time and size of scans.</param>
public sealed class FileInspector(YaraRules? rules = null, ScanLimits? limits = null) : ITaskExecutor
{
    /// <summary>The function of its tasks, which needs no code.</summary>
    public static TaskFunction Function { get; } = new(1, default, "file inspection");

    private readonly ArrayBufferWriter<byte> _result = new();
    private readonly ScanLimits _limits = limits ?? new ScanLimits();
    private FileTyper? _typer;
    private bool _hasNoTyper;
    private YaraScanner? _scanner;

    /// <inheritdoc/>
    public void Execute(AsyncTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        var wants = (InspectionWants)task.Data[0];
        ReadOnlySpan<byte> rest = task.Data[1..];
        _result.ResetWrittenCount();
        var findings = new FileFindings
        {
            Type = (wants & InspectionWants.Type) == 0 ? null : TypeOf(rest, wants),
            Scan = (wants & InspectionWants.Scan) == 0 || rules is null ? ScanResult.None : Scan(rules, rest),
        };
        findings.Encode(_result);
        task.SetResult(0, _result.WrittenSpan);
    }

    /// <summary>Nothing to do: libraries cannot be stopped. One that takes for ever costs its worker, which is replaced.</summary>
    public void RequestStop(long taskId) { }

    /// <inheritdoc/>
    public void Dispose()
    {
        _typer?.Dispose();
        _scanner?.Dispose();
    }

    private ScanResult Scan(YaraRules wanted, ReadOnlySpan<byte> path) => (_scanner ??= new YaraScanner(wanted)).Scan(path, _limits);

    private FileType? TypeOf(ReadOnlySpan<byte> file, InspectionWants wants)
    {
        if (_typer is null && !TryOpenTyper())
            return null;
        bool inWords = (wants & InspectionWants.Words) != 0;
        return (wants & InspectionWants.IsPath) != 0 ? _typer.OfFile([.. file, 0], inWords) : _typer.OfBytes(file, inWords);
    }

    // Where types were asked for, the run has made sure of libmagic. Where they are optional, its absence shows here.
    [MemberNotNullWhen(true, nameof(_typer))]
    private bool TryOpenTyper()
    {
        if (_hasNoTyper)
            return false;
        try
        {
            _typer = new FileTyper();
            return true;
        }
        catch (IOException)
        {
            _hasNoTyper = true;
            return false;
        }
    }
}
