using Spillway.Net.Capture;
using Spillway.Scripting.Vm;

namespace Spillway.Scripting;

/// <content>Scripts that make input: packets and flow records by <c>step</c>, alerts by <c>step_alert</c>.</content>
public sealed partial class ScriptHost
{
    /// <summary>Errors in a row after which a script is not asked for input or alerts any more.</summary>
    public const int MaxErrorsInARow = 100;

    /// <summary>The most alerts that one script may add when the input is over.</summary>
    public const int MaxAlertsAtEnd = 1_000_000;

    // A poll is a call into Lua: between packets it shall not be felt. A burst is taken in portions.
    private const int PacketsPerPoll = 32;
    private const int AlertsPerPoll = 64;

    private readonly ScriptInstance? _input;
    private int[] _alertErrors = [];
    private int _packetsToPoll;

    /// <summary>Whether a script was loaded that makes the input.</summary>
    public bool HasInput => _input is not null;

    /// <summary>Whether any script brings alerts.</summary>
    public bool HasAlertSources => _alertSources.Length > 0;

    /// <summary>Asks the input script for more.</summary>
    /// <param name="packet">The packet, for <see cref="InputStep.Packet"/>; valid until the next step.</param>
    public InputStep StepInput(out CapturedPacket packet)
    {
        if (_input is not null)
            return _input.Step(out packet);
        packet = default;
        return InputStep.End;
    }

    /// <summary>Ends the step that runs, if it is Lua code that does not return. Any thread.</summary>
    public void InterruptInput() => _input?.InterruptStep();

    /// <summary>Takes the alerts that have come up, now and then. For every packet.</summary>
    public void PollAlerts()
    {
        if (--_packetsToPoll > 0)
            return;
        _packetsToPoll = PacketsPerPoll;
        TakeAlerts(AlertsPerPoll);
    }

    /// <summary>Takes alerts of each source until it has none, or <paramref name="most"/> of it.</summary>
    /// <returns>Whether some source had more.</returns>
    public bool TakeAlerts(int most)
    {
        if (_alertErrors.Length == 0)
            _alertErrors = new int[_alertSources.Length];
        bool more = false;
        for (int i = 0; i < _alertSources.Length; i++)
        {
            int left = most;
            while (left > 0 && _alertErrors[i] < MaxErrorsInARow)
            {
                bool hadOne = _alertSources[i].StepAlert(out bool raised);
                if (hadOne)
                    left--;
                else if (!raised)
                    break;
                NoteAlertError(i, raised);
            }

            more |= left == 0;
        }

        return more;
    }

    private void NoteAlertError(int source, bool raised)
    {
        _alertErrors[source] = raised ? _alertErrors[source] + 1 : 0;
        if (_alertErrors[source] != MaxErrorsInARow)
            return;
        ScriptInstance script = _alertSources[source];
        script.Output.Problem(script.Name, $"step_alert raised {MaxErrorsInARow} times in a row: it is not called any more");
    }
}
