namespace Spillway.Async.Tests;

/// <summary>The files of spilled tasks, which have no names: found among this process's descriptors.</summary>
internal static class SpilledFiles
{
    /// <summary>Takes the content of those in a directory, as a failing disk would.</summary>
    public static void Truncate(string directory)
    {
        foreach (string file in Directory.GetFiles("/proc/self/fd").Where(IsSpilled))
        {
            using var truncate = System.Diagnostics.Process.Start(
                "truncate",
                ["-s", "0", file.Replace("self", $"{Environment.ProcessId}", StringComparison.Ordinal)]
            );
            truncate.WaitForExit();
        }

        bool IsSpilled(string descriptor)
        {
            try
            {
                return File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.FullName is { } target
                    && target.StartsWith(directory, StringComparison.Ordinal);
            }
            catch (IOException)
            {
                return false; // closed since
            }
        }
    }
}
