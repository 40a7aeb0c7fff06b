using System.Text.Json.Nodes;

namespace Spillway.EndToEnd.Running;

/// <summary>The program while it listens to v0 of a <see cref="VethPair"/>.</summary>
internal static class LiveProbe
{
    /// <summary>
    /// Starts <c>spillway run -i v0</c>. The kernel sends a few packets of its own when an interface comes up: they are no TCP.
    /// </summary>
    public static RunningProbe Listen(Workspace workspace, VethPair veth, params string[] arguments) =>
        Inside(
            workspace,
            veth,
            [
                "env",
                "--default-signal=INT",
                Probe.Executable,
                "run",
                "-i",
                "v0",
                .. arguments.Contains("-f") ? Array.Empty<string>() : ["-f", "tcp"],
                "-o",
                workspace.Output,
                "--ramfs",
                workspace.Ram,
                .. arguments,
            ]
        );

    /// <summary>Starts any command in the namespace.</summary>
    public static RunningProbe Inside(Workspace workspace, VethPair veth, params string[] command) =>
        Probe.Start(workspace, "ip", [.. veth.Inside, .. command]);

    /// <summary>Received is processed and lost.</summary>
    public static void MustBalance(Outcome run, long received, long lost)
    {
        JsonNode capture = run.Json["capture"]!;
        Assert.Equal(received, capture["received"]!.GetValue<long>());
        Assert.Equal(received - lost, capture["processed"]!.GetValue<long>());
        Assert.Equal(lost, capture["lost"]!.GetValue<long>());
        Assert.Equal(received - lost, run.Json["traffic"]!["packets"]!.GetValue<long>());
    }
}
