using Spillway.Scripting.Vm;

namespace Spillway.Scripting;

/// <summary>What scripts are doing on the packet path at this moment, for those who wait for it. Any thread.</summary>
public static class RunningCalls
{
    /// <summary>
    /// The calls that run, such as <c>onpacket of 'slow.lua'</c>; empty if none does, or if that cannot be learnt at once.
    /// </summary>
    public static IReadOnlyList<string> Find() => CallbackWatch.FindRunning();
}
