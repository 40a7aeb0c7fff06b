using Spillway.Life;
using Spillway.Net.Capture;
using Spillway.Pipeline;
using Spillway.Scripting;

namespace Spillway.Run;

/// <summary>Input that a script makes: packets, flow records, alerts. It has one lane, on whose thread all is done.</summary>
internal sealed class ScriptInputReader(LaneSet lanes, RoomGate room, StopSignal stop, RunProblems problems)
{
    private const long StepsWithoutData = 1_000_000;
    private const int StepsPerProgress = 4096;

    /// <summary>Has the script take its steps until it says that there are no more, or a signal comes.</summary>
    /// <param name="path">The script.</param>
    /// <param name="progress">Shows the steps.</param>
    public void Read(string path, ProgressLine progress)
    {
        PacketPath lane = lanes.First; // input of a script has one lane
        ScriptHost scripts = lane.Scripts;
        string name = Path.GetFileName(path);
        AtWork.On($"the input of '{path}'");
        if (!scripts.HasInput && !scripts.HasAlertSources)
        {
            problems.Fail(
                $"{path} makes no input: it needs a block 'inputfilter' with a function 'step', and an onload that does not return false"
            );
            return;
        }

        if (!scripts.HasInput)
            return; // only step_alert: its alerts are taken at the end
        using var watch = new InputWatch(scripts, stop, line => problems.Warn($"{name}: {line}"));
        int errors = 0;
        long steps = 0,
            idle = 0;
        while (!stop.IsRequested)
        {
            if (steps++ % StepsPerProgress == 0)
                progress.Reading($"{name}, {Units.Count(steps - 1, "step")}", () => null);
            watch.Begin();
            InputStep step = scripts.StepInput(out CapturedPacket packet);
            watch.End();
            errors = step == InputStep.Failed ? errors + 1 : 0;
            idle = step == InputStep.Nothing ? idle + 1 : 0;
            switch (step)
            {
                case InputStep.Packet:
                    lane.Process(in packet);
                    room.Wait(lane);
                    break;
                case InputStep.Time or InputStep.Nothing:
                    lane.Turn();
                    break;
                case InputStep.EndByNil:
                    problems.Warn($"{name}: step returned nil, which ends the input; return true for more, false at the end");
                    return;
                case InputStep.End:
                    return;
            }

            if (errors >= ScriptHost.MaxErrorsInARow)
            {
                problems.Fail($"{name}: step raised {errors} times in a row, which ends the input");
                return;
            }

            if (idle == StepsWithoutData)
                problems.Warn(
                    $"{name}: {idle} steps in a row have brought neither a packet nor a time: does step see the end of its data?"
                );
        }

        problems.Warn($"the input of {name} was not taken to its end: the run was stopped by a signal");
    }

    /// <summary>Takes what sources of alerts still have when the input is over. On the lane's thread.</summary>
    public static void TakeLastAlerts(PacketPath lane, StopSignal stop, RunProblems problems)
    {
        if (!lane.Scripts.HasAlertSources)
            return;
        const int portion = 1000;
        for (int taken = 0; lane.Scripts.TakeAlerts(portion); taken += portion)
        {
            if (stop.IsRequested)
                return;
            if (taken < ScriptHost.MaxAlertsAtEnd)
                continue;
            problems.Warn(
                $"a script's step_alert has more than {ScriptHost.MaxAlertsAtEnd} alerts at the end of the input: the rest is left"
            );
            return;
        }
    }
}
