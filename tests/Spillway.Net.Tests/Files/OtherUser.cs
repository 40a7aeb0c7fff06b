using System.Diagnostics;

namespace Spillway.Net.Tests.Files;

/// <summary>A user that is not the one of the tests; needs root, and skips the test without.</summary>
internal static class OtherUser
{
    /// <summary>Whom distributions call nobody.</summary>
    public const int Id = 65534;

    /// <summary>Skips the test unless another user can be played.</summary>
    public static void Require()
    {
        if (Environment.UserName != "root" || Run("setpriv", "--version") != 0)
            Assert.Skip("to play another user needs root and setpriv");
    }

    /// <summary>Gives a file or directory away, with all that is in it.</summary>
    public static void Give(string path) => Assert.Equal(0, Run("chown", "-hR", $"{Id}:{Id}", path));

    /// <summary>Starts a command of the shell as that user.</summary>
    public static Process Start(string command) =>
        Process.Start("setpriv", ["--reuid", $"{Id}", "--regid", $"{Id}", "--clear-groups", "sh", "-c", command]);

    private static int Run(string command, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }
            )!;
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }
}
