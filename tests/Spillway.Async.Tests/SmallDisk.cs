using System.Diagnostics;

namespace Spillway.Async.Tests;

/// <summary>A file system that is soon full; the test is skipped where mounting is not permitted.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _path;

    public SmallDisk(string path, int kilobytes = 64)
    {
        _path = path;
        Directory.CreateDirectory(path);
        if (Run("mount", "-t", "tmpfs", "-o", $"size={kilobytes}k,mode=700", "none", path) != 0)
            Assert.Skip("mounting a file system is not permitted here");
    }

    public void Dispose() => Run("umount", _path);

    private static int Run(string command, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }
}
