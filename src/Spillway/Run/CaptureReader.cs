using Spillway.Life;
using Spillway.Net.Capture;
using Spillway.Report;

namespace Spillway.Run;

/// <summary>Has the lanes take captures, one after the other, and says how each ended.</summary>
internal sealed class CaptureReader(RunOptions options, LaneSet lanes, StopSignal stop, ProgressLine progress, RunProblems problems)
{
    private long _left = options.Count ?? long.MaxValue;

    /// <summary>Reads all captures of the run, until a signal or as many packets as are wanted.</summary>
    public void ReadAll()
    {
        for (int i = 0; i < options.Captures.Count; i++)
        {
            Read(options.Captures[i], number: i + 1);
            if (stop.IsRequested || _left == 0)
                break;
        }
    }

    private void Read(string path, int number)
    {
        AtWork.On(path == "-" ? "the reading of standard input" : $"the reading of '{path}'");
        try
        {
            using PacketSource opened = PacketSource.Open(path, options.Filter);
            PacketSource source = options.Count is null ? opened : new FirstPackets(opened, _left);
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

            TellEnd(source);
        }
        catch (CaptureException exception)
        {
            problems.Fail(exception.Message);
        }
    }

    private void TellEnd(PacketSource source)
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
            case CaptureEnd.EndOfFile when source.Packets == 0 && options.Filter is not null:
                problems.Warn($"{name} has no packets that match the filter '{options.Filter}'");
                break;
            case CaptureEnd.EndOfFile when source.Packets == 0:
                problems.Warn($"{name} is a capture without packets: see how it was recorded");
                break;
        }
    }
}
