using Spillway.Scripting.Native;

namespace Spillway.Scripting;

/// <summary>
/// Crashes in native code, which scripts reach by <c>ffi</c>: they end the process, and a line names the script that was at work.
/// </summary>
public static class NativeFaults
{
    /// <summary>From now on. Once, at the start of the program; does nothing on processors other than x86-64.</summary>
    public static void Report() => CrashHandler.Install();
}
