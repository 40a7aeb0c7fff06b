using System.Text.Json.Nodes;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;
using static Spillway.EndToEnd.Running.LiveProbe;

namespace Spillway.EndToEnd;

/// <summary>What is full behind live packets: it drops and counts, and holds up nobody.</summary>
public sealed class LiveLossTests
{
    private const int Connections = 60;

    [Fact]
    public async Task LaneThatIsSlow_LosesPacketsOnTheWayToIt_AndTheAccountBalances()
    {
        using var veth = new VethPair();
        using var workspace = new Workspace();
        workspace.Write(
            "slow.lua",
            """
            TrisulPlugin = { id = { name = "slow" }, simplecounter = { protocol_guid = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}",
              onpacket = function() local start = os.clock() while os.clock() - start < 0.0005 do end end } }
            """
        );
        Recording traffic = Traffic(4000);
        using RunningProbe probe = Listen(workspace, veth, "--json", "--lanes", "2", "-s", workspace.PathOf("slow.lua"));
        await probe.Says("listening on v0");
        veth.Send(traffic.Frames);
        await probe.Signal("TERM");
        Outcome run = (await probe.End()).MustExit(0);

        long lost = run.Json["capture"]!["lost_before_lanes"]!.GetValue<long>();
        Assert.InRange(lost, 1, traffic.Count - 1);
        MustBalance(run, traffic.Count, lost);
    }

    [Fact]
    public async Task TerminalThatIsHeld_LosesLinesAndNoPacket()
    {
        using var veth = new VethPair();
        using var workspace = new Workspace();
        workspace.Write(
            "talker.lua",
            """
            local line = string.rep("x", 4000)
            TrisulPlugin = { id = { name = "talker" }, onload = function() io.stderr:write("ready\n") end, simplecounter = { protocol_guid = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}",
              onpacket = function() print(line) end } }
            """
        );
        Recording traffic = Traffic(1500);
        // A pipe that nobody reads.
        using RunningProbe probe = Inside(
            workspace,
            veth,
            "bash",
            "-c",
            $"mkfifo held; exec 3<>held; exec '{Probe.Executable}' run -i v0 -f tcp -s talker.lua -q -o out --ramfs '{workspace.Ram}' "
                + "--eve eve.json --count 1500 >&3"
        );
        await probe.Says("ready"); // the interface is open before scripts are loaded
        veth.Send(traffic.Frames);
        (await probe.End()).MustExit(0);

        JsonNode capture = LastStats(workspace)["capture"]!;
        Assert.Equal(1500, LastStats(workspace)["decoder"]!["pkts"]!.GetValue<int>());
        Assert.Equal(0, capture["kernel_drops"]!.GetValue<int>());
        Assert.InRange(capture["dropped_behind"]!["console_lines"]!.GetValue<int>(), 1, 1499);
    }

    [Fact]
    public async Task RamDirectoryThatIsFull_RefusesFilesAndLosesNoPacket()
    {
        using var veth = new VethPair();
        using var workspace = new Workspace();
        Recording traffic = Recording.Of(Http.Get("/large"), Http.Ok(Http.Noise(300_000)));
        using RunningProbe probe = Listen(workspace, veth, "--json", "-s", Probe.Script("sizes.lua"), "--ramfs-size", "100K");
        await probe.Says("listening on v0");
        veth.Send(traffic.Frames);
        await probe.Signal("TERM");
        Outcome run = (await probe.End()).MustExit(1);

        MustBalance(run, traffic.Count, lost: 0);
        Assert.Equal(1, Behind(run, "files_not_extracted"));
    }

    [Fact]
    public async Task TasksWithoutRoom_AreDroppedAndCountedAndLoseNoPacket()
    {
        using var veth = new VethPair();
        using var workspace = new Workspace();
        workspace.Write(
            "tasks.lua",
            """
            local data = string.rep("x", 8000)
            TrisulPlugin = { id = { name = "tasks" }, simplecounter = { protocol_guid = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}",
              onpacket = function()
                T.async:schedule({ data = data, onexecute = function(d) local f = io.open("go") while not f do f = io.open("go") end
                  return #d end })
              end } }
            """
        );
        Recording traffic = Traffic(300);
        using RunningProbe probe = Listen(
            workspace,
            veth,
            "--json",
            "-s",
            workspace.PathOf("tasks.lua"),
            "--async-memory",
            "64K",
            "--async-disk",
            "0"
        );
        await probe.Says("listening on v0");
        veth.Send(traffic.Frames);
        await probe.Signal("TERM");
        workspace.Write("go", "");
        Outcome run = (await probe.End()).MustExit(0);

        MustBalance(run, traffic.Count, lost: 0);
        Assert.InRange(Behind(run, "tasks"), 1, traffic.Count - 1);
    }

    [Fact]
    public async Task PacketStoreOnAFullDisk_LosesStoredPacketsOnly()
    {
        using var veth = new VethPair();
        using var workspace = new Workspace();
        Recording traffic = Recording.Of(Http.Get("/large"), Http.Ok(Http.Noise(600_000)));
        using RunningProbe probe = Inside(
            workspace,
            veth,
            "bash",
            "-c",
            $"mkdir small && mount -t tmpfs -o size=100k tmpfs small || exit 77; '{Probe.Executable}' run -i v0 -f tcp --json -o out "
                + $"--ramfs '{workspace.Ram}' --packets small --count {traffic.Count}; code=$?; umount small; exit $code"
        );
        await Listens(probe);
        veth.Send(traffic.Frames);
        Outcome run = (await probe.End()).MustExit(1);

        MustBalance(run, traffic.Count, lost: 0);
        Assert.InRange(Behind(run, "packets_not_stored"), 1, traffic.Count);
    }

    private static async Task Listens(RunningProbe probe) => await probe.Says("listening on v0");

    private static long Behind(Outcome run, string what) => run.Json["capture"]!["dropped_behind"]![what]!.GetValue<long>();

    private static JsonNode LastStats(Workspace workspace) =>
        File.ReadLines(workspace.PathOf("eve.json"))
            .Select(line => JsonNode.Parse(line)!)
            .Last(line => (string?)line["event_type"] == "stats")["stats"]!;

    // About so many packets, of several connections.
    private static Recording Traffic(int packets)
    {
        var traffic = new Recording();
        for (int i = 0; i < Connections && traffic.Count < packets; i++)
        {
            TcpConversation connection = traffic.Connect(clientPort: (ushort)(40_000 + i));
            while (traffic.Count < packets * (i + 1) / Connections)
                connection.ClientSends(Http.Noise(100));
        }

        return traffic;
    }
}
