using System.ComponentModel;
using System.Reflection;
using Spillway.Life.Native;

namespace Spillway.Life;

/// <summary>What nobody has foreseen: one line for the user, the details in a file for those who mend it.</summary>
internal static class Fault
{
    private const int TooManyOpenFiles = 24; // EMFILE
    private const int Room = 8; // fewer free descriptors than these: whatever failed did so for want of one

    /// <summary>
    /// From now on an exception that nobody handles, on whichever thread, ends the process with one line and exit code 1.
    /// </summary>
    public static void HandleAll() =>
        AppDomain.CurrentDomain.UnhandledException += (_, unhandled) =>
            ProcessEnd.Now(ExitCodes.Failed, Tell((Exception)unhandled.ExceptionObject));

    /// <summary>The line, with the word 'error:' before it.</summary>
    public static string Tell(Exception exception) => "error: " + Describe(exception);

    /// <summary>The line. Writes the details of a fault of ours to a file that it names.</summary>
    public static string Describe(Exception exception)
    {
        Exception cause = Cause(exception);
        if (IsOutOfFiles(cause))
            return $"too many open files: this process may have {ProcessCalls.MostOpenFiles} at a time; allow more with ulimit -n";
        if (cause is OutOfMemoryException)
            return "the system has no more memory for this process; give it more, or less to do (spillway run --help names the limits)";
        return TryStore(exception) is { } path
            ? $"a fault in spillway itself: please report it with the details that are in {path}"
            : $"a fault in spillway itself, please report it: {SafeText.Clean(cause.Message.Split('\n')[0])}";
    }

    private static Exception Cause(Exception exception)
    {
        while (
            exception is TypeInitializationException or TargetInvocationException or AggregateException
            && exception.InnerException is { } inner
        )
            exception = inner;
        return exception;
    }

    private static bool IsOutOfFiles(Exception exception) =>
        exception is Win32Exception { NativeErrorCode: TooManyOpenFiles } || exception.HResult == TooManyOpenFiles || IsOutOfFiles();

    private static bool IsOutOfFiles()
    {
        try
        {
            return (ulong)Directory.EnumerateFileSystemEntries("/proc/self/fd").Count() + Room > ProcessCalls.MostOpenFiles;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception.HResult == TooManyOpenFiles;
        }
    }

    private static string? TryStore(Exception exception)
    {
        try
        {
            string path = Path.Combine(Path.GetTempPath(), $"spillway-fault-{Path.GetRandomFileName()}.txt");
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using var file = new StreamWriter(path, options);
            file.WriteLine($"spillway {Scripting.ScriptEnvironment.ProgramVersion}, {Environment.OSVersion}, .NET {Environment.Version}");
            file.WriteLine(exception);
            return path;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
