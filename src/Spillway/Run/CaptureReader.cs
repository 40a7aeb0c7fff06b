using Spillway.Life;
using Spillway.Net.Capture;

namespace Spillway.Run;

/// <summary>Has the lanes take captures, one after the other, and says how each ended.</summary>
internal sealed class CaptureReader(RunOptions options, LaneSet lanes, StopSignal stop, ProgressLine progress, RunProblems problems)
{
    private long _left = options.Count ?? long.MaxValue;
    private long _taken;
    private long _firstLeftOutNs = long.MaxValue;
    private long _lastLeftOutNs = long.MinValue;

    /// <summary>Packets outside the range of times that is taken.</summary>
    public long LeftOut { get; private set; }

    /// <summary>Reads all captures of the run, until a signal or as many packets as are wanted.</summary>
    public void ReadAll()
    {
        for (int i = 0; i < options.Captures.Count; i++)
        {
            Read(options.Captures[i], number: i + 1);
            if (stop.IsRequested || _left == 0)
                break;
        }

        if (_taken == 0 && LeftOut > 0)
            problems.Warn(
                $"no packet is in the range of --from and --to: they are from {options.Range.TextOf(_firstLeftOutNs)} "
                    + $"to {options.Range.TextOf(_lastLeftOutNs)}"
            );
    }

    private void Read(string path, int number)
    {
        AtWork.On(path == "-" ? "the reading of standard input" : $"the reading of '{path}'");
        try
        {
            using PacketSource opened = PacketSource.Open(path, options.Filter);
            PacketsBetween? range = options.Range.IsAll ? null : new PacketsBetween(opened, options.Range.FromNs, options.Range.ToNs);
            PacketSource source = range ?? opened;
            if (options.Count is not null)
                source = new FirstPackets(source, _left);
            source.Capture = number;
            progress.Reading(path == "-" ? source.Name : Path.GetFileName(path), () => source.Progress);
            stop.Reading = source.Stop;
            try
            {
                lanes.Read(source);
            }
            finally
            {
                stop.Reading = null;
            }

            _left -= source.Packets;
            _taken += source.Packets;
            Note(range);
            TellEnd(source, range);
        }
        catch (CaptureException exception)
        {
            problems.Fail(exception.Message);
        }
    }

    private void Note(PacketsBetween? range)
    {
        if (range is null)
            return;
        LeftOut += range.LeftOut;
        _firstLeftOutNs = Math.Min(_firstLeftOutNs, range.FirstLeftOutNs);
        _lastLeftOutNs = Math.Max(_lastLeftOutNs, range.LastLeftOutNs);
    }

    private void TellEnd(PacketSource source, PacketsBetween? range)
    {
        string name = source.Name;
        string before = source.Packets == 0 ? "no packet before was whole" : $"{Units.Count(source.Packets, "packet")} before that read";
        switch (source.End)
        {
            case CaptureEnd.None:
                problems.Warn($"{name} was not read to its end: the run was stopped by a signal");
                break;
            case CaptureEnd.Truncated:
                problems.Fail(
                    $"{name} is cut in mid-packet ({source.EndMessage}): {before}; copy or capture it again if there should be more"
                );
                break;
            case CaptureEnd.Error:
                problems.Fail($"{name} is damaged ({source.EndMessage}): {before}; copy or capture it again");
                break;
            case CaptureEnd.EndOfFile when range is { LeftOut: > 0 }:
                break; // said once for all captures, if at all
            case CaptureEnd.EndOfFile when source.Packets == 0 && options.Filter is not null:
                problems.Warn($"{name} has no packets that match the filter '{options.Filter}'");
                break;
            case CaptureEnd.EndOfFile when source.Packets == 0:
                problems.Warn($"{name} is a capture without packets: see how it was recorded");
                break;
        }
    }
}
