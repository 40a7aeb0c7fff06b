using System.Diagnostics;
using System.Text;

namespace Spillway.EndToEnd.Running;

/// <summary>The real program as a process of its own.</summary>
public static class Probe
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    /// <summary>The program: the one that <c>./test</c> has had built ahead of time, else the one beside the tests.</summary>
    public static string Executable { get; } =
        Environment.GetEnvironmentVariable("SPILLWAY_PROGRAM") is { Length: > 0 } given
            ? given
            : Path.Combine(AppContext.BaseDirectory, "Spillway");

    public static string Script(string name) => Path.Combine(AppContext.BaseDirectory, "Scripts", name);

    public static string Demo(string name) => Path.Combine(AppContext.BaseDirectory, "demo", name);

    /// <summary><c>spillway run</c> with the workspace's places.</summary>
    public static Task<Outcome> Run(Workspace workspace, params string[] arguments) =>
        Command(workspace, ["run", "-o", workspace.Output, "--ramfs", workspace.Ram, .. arguments]);

    /// <summary>The program with exactly these arguments.</summary>
    public static async Task<Outcome> Command(Workspace workspace, params string[] arguments)
    {
        using RunningProbe probe = Start(workspace, arguments);
        return await probe.End();
    }

    /// <summary>A line for the shell, in which <c>$spillway</c> is the program.</summary>
    public static async Task<Outcome> Shell(Workspace workspace, string line)
    {
        using RunningProbe probe = Start(workspace, "bash", ["-o", "pipefail", "-c", line]);
        return await probe.End();
    }

    /// <summary>
    /// Starts the program. It gets the default action for SIGINT, which a test run in the background of a shell would have it ignore.
    /// </summary>
    public static RunningProbe Start(Workspace workspace, IEnumerable<string> arguments) =>
        Start(workspace, "env", ["--default-signal=INT", Executable, .. arguments]);

    /// <summary>Starts any program that starts this one.</summary>
    public static RunningProbe Start(Workspace workspace, string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = workspace.Root,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        start.Environment["spillway"] = Executable;
        start.Environment["NO_COLOR"] = "1";
        start.Environment.Remove("SPILLWAY_HOME");
        return new RunningProbe(Process.Start(start)!, Limit);
    }
}
