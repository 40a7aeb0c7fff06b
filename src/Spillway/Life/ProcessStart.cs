using Spillway.Life.Native;

namespace Spillway.Life;

/// <summary>
/// The outermost frame: what is settled before the program begins, and what becomes of exceptions that nobody has handled.
/// </summary>
internal static class ProcessStart
{
    /// <summary>Fewer open files than these are not enough for the runtime's own libraries and one run.</summary>
    public const int LeastOpenFiles = 128;

    /// <summary>Does a command.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(Func<int> command)
    {
        if (ProcessCalls.MostOpenFiles is < LeastOpenFiles and var most)
        {
            ProcessCalls.WriteError(
                $"error: this process may open {most} files, and {LeastOpenFiles} are the least that will do; allow more with ulimit -n\n"
            );
            return ExitCodes.Failed;
        }

        StandardStreams.Secure();
        Fault.HandleAll();
        try
        {
            StandardStreams.Attach();
            return command();
        }
        catch (OutputException exception)
        {
            Console.Error.WriteLine($"error: standard output cannot be written: {exception.Message}");
            return ExitCodes.Failed;
        }
        catch (Exception exception)
        {
            ProcessEnd.Now(ExitCodes.Failed, Fault.Tell(exception));
            return ExitCodes.Failed;
        }
    }
}
