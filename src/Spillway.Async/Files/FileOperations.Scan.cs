using System.Buffers;
using System.Diagnostics;
using System.Text;
using Spillway.Async.Inspection;

namespace Spillway.Async.Files;

/// <content>Scans with rules of YARA.</content>
internal sealed partial class FileOperations
{
    private readonly RuleScanners _scanners = new();
    private readonly ArrayBufferWriter<byte> _matches = new();

    /// <summary>On the worker's thread.</summary>
    public void Dispose() => _scanners.Dispose();

    private void Scan(AsyncTask task)
    {
        string what = FileTaskText.Describe(task);
        if (_scanners.Find(Encoding.UTF8.GetString(task.Data), out string error) is not { } scanner)
        {
            task.Fail($"{what}: {error}");
            return;
        }

        ScanResult result = scanner.Scan(
            task.SourcePath,
            scan with
            {
                Timeout = TimeSpan.FromSeconds((double)task.TimeoutTicks / Stopwatch.Frequency),
            }
        );
        if (result.End == ScanEnd.TimedOut)
        {
            task.End(TaskOutcome.TimedOut, $"{what}: {result.Reason}");
            return;
        }

        if (result.End != ScanEnd.Complete)
        {
            task.Fail($"{what}: {result.Reason}");
            return;
        }

        _matches.ResetWrittenCount();
        RuleMatchFormat.Write(_matches, result.Matches);
        task.SetResult(TextResult, _matches.WrittenSpan);
    }
}
