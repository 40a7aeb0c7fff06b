using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;
using Spillway.Net.Capture;

namespace Spillway.EndToEnd;

/// <summary>Stored packets, and pulling them out again.</summary>
public sealed class PacketStorageTests
{
    private static readonly byte[] ClientHello = [22, 3, 1, 0, 100, .. Http.Noise(100)];

    [Fact]
    public async Task Run_WithoutScript_StoresAllAndPacketsGivesThemBack()
    {
        using var workspace = new Workspace();
        string capture = Mixed().Save(workspace.PathOf("a.pcap"));
        Outcome run = (await Probe.Run(workspace, "-r", capture, "--packets", workspace.PathOf("store"), "--json")).MustExit(0);
        Outcome all = (await Probe.Command(workspace, "packets", workspace.PathOf("store"), "-w", workspace.PathOf("all.pcap"))).MustExit(
            0
        );
        Outcome flow = (
            await Probe.Shell(
                workspace,
                $"$spillway packets {workspace.PathOf("store")} --flow 198.51.100.7:443-10.1.2.3:50001 -w - > one.pcap"
            )
        ).MustExit(0);
        Outcome byId = (
            await Probe.Command(
                workspace,
                "packets",
                workspace.PathOf("store"),
                "--flow",
                "06A:0A.01.02.03:p-C351_C6.33.64.07:p-01BB",
                "-w",
                "two.pcap"
            )
        ).MustExit(0);

        List<string> input = Packets(capture);
        Assert.Equal(input, Packets(workspace.PathOf("all.pcap")));
        Assert.Equal(Packets(capture, "port 50001"), Packets(workspace.PathOf("one.pcap")));
        Assert.Equal(Packets(capture, "port 50001"), Packets(workspace.PathOf("two.pcap")));
        Assert.Equal(input.Count, (long)run.Json["packets"]!["stored"]!);
        Assert.Contains($"{input.Count} packets written", all.Error, StringComparison.Ordinal);
        Assert.Equal(flow.Error, byId.Error);
    }

    [Fact]
    public async Task Run_WithScript_StoresWhatItVotesFor()
    {
        using var workspace = new Workspace();
        string capture = Mixed().Save(workspace.PathOf("a.pcap"));
        Outcome run = (
            await Probe.Run(workspace, "-r", capture, "-s", Probe.Script("storage.lua"), "-w", workspace.PathOf("store"), "--json")
        ).MustExit(0);
        string stored = Assert.Single(Directory.GetFiles(workspace.PathOf("store"), "*.pcap"));

        Assert.Empty(Packets(stored, "port 22"));
        Assert.Equal(Packets(capture, "port 80"), Packets(stored, "port 80"));
        Assert.Equal(Packets(capture, "port 443").Count, Packets(stored, "port 443").Count);
        Assert.All(Lengths(stored, "port 443"), lengths => Assert.Equal(54, lengths.Captured));
        Assert.Equal(
            Lengths(capture, "port 443").Select(lengths => lengths.Wire),
            Lengths(stored, "port 443").Select(lengths => lengths.Wire)
        );
        Assert.Equal(Packets(capture, "port 22").Count, (long)run.Json["packets"]!["ignored"]!);
        Assert.Equal(1, run.Prints.Count(line => line == $"payload p-01BB 0 0 {ClientHello.Length}"));
        Assert.Equal(1, run.Prints.Count(line => line == "payload p-01BB 1 0 9"));
        Assert.Equal(3, run.Prints.Count(line => line.StartsWith("flow ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Run_ScriptWithoutPackets_IsAskedButNothingIsStored()
    {
        using var workspace = new Workspace();
        string capture = Mixed().Save(workspace.PathOf("a.pcap"));
        Outcome run = (await Probe.Run(workspace, "-r", capture, "-s", Probe.Script("storage.lua"))).MustExit(0);

        Assert.Contains("--packets DIR", run.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(workspace.Root, "*.pcap.idx", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Run_WithPacketPolicies_StoresPacketByPacket()
    {
        using var workspace = new Workspace();
        string capture = Mixed().Save(workspace.PathOf("a.pcap"));
        string script = workspace.PathOf("wishes.lua");
        await File.WriteAllTextAsync(
            script,
            """
            TrisulPlugin = { id = { name = 'wishes' },
              packet_storage = { filter = function(engine, ts, flow) return flow:portz_readable() == '22' and 1 or -1 end },
              simplecounter = { protocol_guid = '{77E462AB-2E42-42EC-9A58-C1A6821D6B31}', onpacket = function(engine, layer)
                local flow = layer:packet():flowid()
                layer:packet():set_packetstore_policy(flow:portz_readable() == '80' and 2 or 0)
              end } }
            """,
            TestContext.Current.CancellationToken
        );
        (await Probe.Run(workspace, "-r", capture, "-s", script, "-w", workspace.PathOf("store"))).MustExit(0);
        string stored = Assert.Single(Directory.GetFiles(workspace.PathOf("store"), "*.pcap"));

        Assert.Empty(Packets(stored, "port 443"));
        Assert.Equal(Packets(capture, "port 22"), Packets(stored, "port 22")); // the flow's vote is more liberal
        Assert.All(Lengths(stored, "port 80"), lengths => Assert.Equal(54, lengths.Captured));
        Assert.Equal(Packets(capture, "port 80").Count, Packets(stored, "port 80").Count);
    }

    [Theory]
    [InlineData("none", 0)]
    [InlineData("10k", 10_240)]
    public async Task Run_DefaultPolicy_LimitsEachFlow(string policy, int limit)
    {
        using var workspace = new Workspace();
        string capture = Recording.Of(Http.Get("/"), Http.Ok(Http.Noise(100_000))).Save(workspace.PathOf("a.pcap"));
        Outcome run = (await Probe.Run(workspace, "-r", capture, "--packets", "store", "--packets-default", policy, "--json")).MustExit(0);

        Assert.InRange((long)run.Json["packets"]!["stored_bytes"]!, limit, limit + 1514);
        Assert.True((long)run.Json["packets"]![limit == 0 ? "ignored" : "past_limit"]! > 50);
    }

    [Fact]
    public async Task Run_KilledInTheMiddle_LeavesWhatWasStored()
    {
        using var workspace = new Workspace();
        var recording = new Recording();
        TcpConversation connection = recording.Connect();
        for (int i = 0; i < 40; i++)
            connection.ServerSends(Http.Noise(50_000));
        string capture = recording.Save(workspace.PathOf("a.pcap"));

        // The pipe stays open, so that the run waits for more; it is killed when a part is in the file.
        string line =
            $"(cat {capture}; exec tail -f /dev/null) | ($spillway run -r - -o out --ramfs {workspace.Ram} --packets store -q & p=$!; "
            + "until [ -s store/*.idx ] && [ $(stat -c %s store/*.pcap) -gt 1000000 ]; do :; done; kill -9 $p; wait $p; "
            + "exit 0) 2>/dev/null & q=$!; wait $q; kill $(jobs -p) 2>/dev/null; true";
        using var process = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("timeout", ["60", "bash", "-c", line])
            {
                WorkingDirectory = workspace.Root,
                Environment = { ["spillway"] = Probe.Executable },
            }
        )!;
        await process.WaitForExitAsync();
        Outcome pulled = (
            await Probe.Command(workspace, "packets", workspace.PathOf("store"), "-w", workspace.PathOf("out.pcap"))
        ).MustExit(0);

        List<string> left = Packets(workspace.PathOf("out.pcap"));
        Assert.True(left.Count > 500, pulled.Error);
        Assert.Equal(Packets(capture)[..left.Count], left);
    }

    [Fact]
    public async Task Packets_WrongQuestions_SayWhatIsMeant()
    {
        using var workspace = new Workspace();
        string capture = Mixed().Save(workspace.PathOf("a.pcap"));
        (await Probe.Run(workspace, "-r", capture, "--packets", "store", "-q")).MustExit(0);

        Assert.Contains(
            "TCP 10.1.2.3:50001 - 198.51.100.7:443",
            (await Probe.Command(workspace, "packets", "store", "--flow", "10.1.2.3:50009-198.51.100.7:443")).MustExit(1).Error,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "is no time: give one such as",
            (await Probe.Command(workspace, "packets", "store", "--from", "25:00")).MustExit(2).Error,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "is no flow",
            (await Probe.Command(workspace, "packets", "store", "--flow", "mine")).MustExit(2).Error,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "pcap-filter(7)",
            (await Probe.Command(workspace, "packets", "store", "--bpf", "prot 80")).MustExit(2).Error,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "no packets are stored",
            (await Probe.Command(workspace, "packets", ".")).MustExit(1).Error,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "without --packets",
            (await Probe.Run(workspace, "-r", capture, "--packets-default", "10k")).MustExit(2).Error,
            StringComparison.Ordinal
        );
    }

    private static Recording Mixed()
    {
        var recording = new Recording();
        TcpConversation web = recording.Connect(50_000, 80),
            tls = recording.Connect(50_001, 443),
            ssh = recording.Connect(50_002, 22);
        web.ClientSends(Http.Get("/"));
        tls.ClientSends(ClientHello);
        ssh.ServerSends("SSH-2.0-x\r\n"u8.ToArray());
        tls.ServerSends([22, 3, 3, 0, 4, 1, 2, 3, 4]);
        web.ServerSends(Http.Ok(Http.Noise(5000)));
        tls.ServerSends(Http.Noise(5000));
        return recording;
    }

    private static List<string> Packets(string path, string? filter = null)
    {
        using CaptureFile file = CaptureFile.Open(path, filter);
        var packets = new List<string>();
        while (file.TryRead(out CapturedPacket packet))
            packets.Add($"{packet.TimestampNs} {packet.WireLength} {Convert.ToHexString(packet.Data)}");
        return packets;
    }

    private static List<(int Captured, int Wire)> Lengths(string path, string filter)
    {
        using CaptureFile file = CaptureFile.Open(path, filter);
        var lengths = new List<(int, int)>();
        while (file.TryRead(out CapturedPacket packet))
            lengths.Add((packet.Data.Length, packet.WireLength));
        return lengths;
    }
}
