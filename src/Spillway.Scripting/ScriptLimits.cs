namespace Spillway.Scripting;

/// <summary>What a script may take of the packet path's time and of memory. Immutable; the command line has checked the ranges.</summary>
public sealed record ScriptLimits
{
    /// <summary>
    /// A callback that runs longer is stopped and its script disabled; null never stops one. Code that runs once (the main chunk, onload,
    /// onunload) has ten times as long. With a limit, scripts' loops test a flag and <c>debug.sethook</c> is not theirs.
    /// </summary>
    public TimeSpan? CallbackTimeout { get; init; }

    /// <summary>A callback that runs longer is told while it runs; <see cref="Timeout.InfiniteTimeSpan"/> for never.</summary>
    public TimeSpan SlowCallback { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Most bytes of each Lua state, lanes' and workers', garbage not yet collected included. A lane's script that wants more is disabled;
    /// a task fails.
    /// </summary>
    public long MemoryBytes { get; init; } = 512 << 20;
}
