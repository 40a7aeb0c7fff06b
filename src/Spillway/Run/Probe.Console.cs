using Spillway.Async;
using Spillway.Logging;

namespace Spillway.Run;

/// <content>What the terminal shows while the run goes on.</content>
internal sealed partial class Probe
{
    private string RenderLive()
    {
        (int width, int height) = (80, 24);
        try
        {
            (width, height) = (Math.Max(40, Console.WindowWidth), Math.Max(6, Console.WindowHeight));
        }
        catch (IOException)
        {
            // A terminal that does not tell its size.
        }

        return LiveTable.Render(_async.GetStatistics(), width, height);
    }

    private void TellSlow(SlowTask slow)
    {
        string more = slow.Untold > 0 ? $"; {Units.Count(slow.Untold, "slow task")} before it not told" : "";
        _console.Run.SlowTask(
            $"[{slow.Plugin}] {slow.Task} took {Units.Duration(slow.Run)}, half of its tasks take at most "
                + $"{Units.Duration(slow.Usual)}{more}"
        );
    }
}
