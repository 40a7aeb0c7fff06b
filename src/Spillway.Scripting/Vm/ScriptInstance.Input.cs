using Spillway.Net.Capture;

namespace Spillway.Scripting.Vm;

/// <content>inputfilter: the packets and times that a script makes, and its alerts.</content>
internal sealed unsafe partial class ScriptInstance
{
    /// <summary>
    /// The longest packet that a script may make: libpcap's own bound (MAXIMUM_SNAPLEN). <c>blocks_input.lua</c> checks it.
    /// </summary>
    public const int MaxPacketBytes = 262_144;

    private readonly Lock _stepGate = new();
    private byte[] _packet = [];
    private int _packetLength = -1;
    private long _packetNs;
    private LinkType _packetLink;
    private bool _hasNewTime;
    private bool _isStepping;
    private bool _isInterrupted;

    /// <summary>Whether this is the script that makes the run's input.</summary>
    public bool IsInput { get; set; }

    /// <summary>One call of inputfilter.step.</summary>
    /// <param name="packet">The packet that it has made, for <see cref="InputStep.Packet"/>; its bytes lie in pinned memory until the next
    /// step.</param>
    public InputStep Step(out CapturedPacket packet)
    {
        packet = default;
        _packetLength = -1;
        _hasNewTime = false;
        Call->TimestampNs = Lane.NowNs;
        Call->Result = 0;
        lock (_stepGate)
            _isStepping = true;
        bool ok = Invoke(ScriptCallback.Step);
        lock (_stepGate)
        {
            _isStepping = false;
            if (_isInterrupted)
                State.ClearInterrupt();
        }

        if (!ok)
            return InputStep.Failed;
        if (Call->Result == 0)
            return InputStep.End;
        if (Call->Result == 2)
            return InputStep.EndByNil;
        if (_packetLength < 0)
            return _hasNewTime ? InputStep.Time : InputStep.Nothing;
        packet = new CapturedPacket(_packet.AsSpan(0, _packetLength), _packetNs, _packetLength, _packetLink);
        return InputStep.Packet;
    }

    /// <summary>
    /// Has the step that runs raise an error, if it is in Lua code: a call that waits in the operating system is not reached. Any thread;
    /// may be repeated.
    /// </summary>
    public void InterruptStep()
    {
        lock (_stepGate)
        {
            if (!_isStepping)
                return;
            _isInterrupted = true;
            State.Interrupt();
        }
    }

    /// <summary>One call of inputfilter.step_alert, which adds the alert it returns.</summary>
    /// <returns>Whether there was one.</returns>
    public bool StepAlert(out bool raised)
    {
        Call->TimestampNs = Lane.NowNs;
        Call->Result = 0;
        raised = !Invoke(ScriptCallback.StepAlert);
        return !raised && Call->Result != 0;
    }

    /// <summary>packet:set_packet. The last one of a step counts.</summary>
    public void SetPacket(long timestampNs, LinkType link, ReadOnlySpan<byte> bytes)
    {
        if (_packet.Length < bytes.Length)
            _packet = GC.AllocateUninitializedArray<byte>(Math.Max(bytes.Length, 2048), pinned: true);
        bytes.CopyTo(_packet);
        _packetLength = bytes.Length;
        _packetNs = timestampNs;
        _packetLink = link;
    }

    /// <summary>packet:set_timestamp: what the step updates from now on belongs to that time.</summary>
    public void SetTimestamp(long timestampNs)
    {
        _hasNewTime = true;
        Lane.NowNs = timestampNs;
        Lane.Metrics.AdvanceTo(timestampNs);
        Call->TimestampNs = timestampNs;
    }
}
