using Spillway.Life;
using Spillway.Net.Capture;
using Spillway.Pipeline;
using Spillway.Report;
using Spillway.Scripting;
using Spillway.Scripting.Loading;

namespace Spillway.Run;

/// <content>Input that a script makes, and where scripts are looked for.</content>
internal sealed partial class CaptureRun
{
    private const string PathsVariable = "TRISUL_LUA_PATHS";
    private const long StepsWithoutData = 1_000_000;
    private const int StepsPerProgress = 4096;

    private static string[] ScriptDirectories =>
        (Environment.GetEnvironmentVariable(PathsVariable) ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);

    // What was named on the command line must be there; a directory of the environment that is gone is told. A file that is found twice is
    // one.
    private static bool TryFindScripts(RunOptions options, ScriptConsole console, ScriptFiles scripts)
    {
        if (options.Input is { } input)
            scripts.AddNamed(input);
        foreach (string path in options.Scripts)
        {
            bool isThere = scripts.TryAdd(path, out string message);
            if (message.Length > 0)
                console.Write($"{(isThere ? "warning" : "error")}: {message}");
            if (!isThere)
                return false;
        }

        foreach (string path in ScriptDirectories)
        {
            if (!scripts.TryAdd(path, out string message))
                console.Write($"warning: {PathsVariable}: {message}");
        }

        return true;
    }

    private void ReadInput(string path)
    {
        Lane lane = _lanes.First; // input of a script has one lane
        ScriptHost scripts = lane.Scripts;
        string name = Path.GetFileName(path);
        AtWork.On($"the input of '{path}'");
        if (!scripts.HasInput && !scripts.HasAlertSources)
        {
            Fail($"{path} makes no input: it needs a block 'inputfilter' with a function 'step', and an onload that does not return false");
            return;
        }

        if (!scripts.HasInput)
            return; // only step_alert: its alerts are taken at the end
        using var watch = new InputWatch(scripts, _stop, line => _console.Write($"warning: {name}: {line}"));
        int errors = 0;
        long steps = 0,
            idle = 0;
        while (!_stop.IsRequested)
        {
            if (steps++ % StepsPerProgress == 0)
                _progress.Reading($"{name}, {Units.Count(steps - 1, "step")}", () => null);
            watch.Begin();
            InputStep step = scripts.StepInput(out CapturedPacket packet);
            watch.End();
            errors = step == InputStep.Failed ? errors + 1 : 0;
            idle = step == InputStep.Nothing ? idle + 1 : 0;
            switch (step)
            {
                case InputStep.Packet:
                    lane.Process(in packet);
                    _room.Wait(lane);
                    break;
                case InputStep.Time or InputStep.Nothing:
                    lane.Turn();
                    break;
                case InputStep.EndByNil:
                    Warn($"{name}: step returned nil, which ends the input; return true for more, false at the end");
                    return;
                case InputStep.End:
                    return;
            }

            if (errors >= ScriptHost.MaxErrorsInARow)
            {
                Fail($"{name}: step raised {errors} times in a row, which ends the input");
                return;
            }

            if (idle == StepsWithoutData)
                Warn($"{name}: {idle} steps in a row have brought neither a packet nor a time: does step see the end of its data?");
        }

        Warn($"the input of {name} was not taken to its end: the run was stopped by a signal");
    }

    // What sources of alerts still have when the input is over. On the lane's thread.
    private void TakeLastAlerts(Lane lane)
    {
        if (!lane.Scripts.HasAlertSources)
            return;
        const int portion = 1000;
        for (int taken = 0; lane.Scripts.TakeAlerts(portion); taken += portion)
        {
            if (_stop.IsRequested)
                return;
            if (taken < ScriptHost.MaxAlertsAtEnd)
                continue;
            Warn($"a script's step_alert has more than {ScriptHost.MaxAlertsAtEnd} alerts at the end of the input: the rest is left");
            return;
        }
    }
}
