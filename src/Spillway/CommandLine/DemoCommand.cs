using System.CommandLine;
using Spillway.Life;
using Spillway.Run;

namespace Spillway.CommandLine;

/// <summary><c>spillway demo</c>: the T.async manual's own example on the capture that ships with the program.</summary>
internal static class DemoCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command("demo", "Show the main job: extract files from a real capture and hash each off the packet path");
        command.SetAction(_ => Run());
        return command;
    }

    private static int Run()
    {
        if (FindDirectory() is not { } directory)
        {
            Console.Error.WriteLine(
                "error: the demo's files (demo/demo.pcap, demo/sha1.lua) are not beside the program: run ./spillway demo from a checkout"
            );
            return ExitCodes.Failed;
        }

        string capture = Path.Combine(directory, "demo.pcap");
        string script = Path.Combine(directory, "sha1.lua");
        // this user's alone, and kept: the summary points into it
        string output = Directory.CreateTempSubdirectory("spillway-demo-").FullName;
        Console.Error.WriteLine(
            $"""
            A recorded conversation of a real HTTP server and its clients goes through a script: for each file that comes by, the script
            hands 'sha1sum' to a worker by T.async:schedule, and prints the answer when it is back. It is the example of the T.async manual.

              spillway run -r {ShortPath(capture)} -s {ShortPath(script)}

            """
        );
        return Probe.Execute(
            new RunOptions
            {
                Captures = [capture],
                Scripts = [script],
                Output = output,
            }
        );
    }

    // The launcher says where the checkout is; a program started by itself looks above its own place.
    private static string? FindDirectory()
    {
        string? home = Environment.GetEnvironmentVariable("SPILLWAY_HOME");
        for (string? at = home ?? AppContext.BaseDirectory; at is not null; at = Path.GetDirectoryName(at))
        {
            string candidate = Path.Combine(at, "demo");
            if (File.Exists(Path.Combine(candidate, "demo.pcap")))
                return candidate;
        }

        return null;
    }

    private static string ShortPath(string path)
    {
        string relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }
}
