using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;
using static Spillway.EndToEnd.Running.LiveProbe;

namespace Spillway.EndToEnd;

/// <summary>Listening to interfaces: a veth pair in a network namespace of each test's own.</summary>
public sealed class LiveTests
{
    private const int BodyBytes = 60_000;

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    public async Task HttpOnTheWire_UntilSigterm_GivesTheFileAndABalancedAccount(string lanes)
    {
        using var veth = new VethPair();
        using var workspace = new Workspace();
        Recording traffic = Traffic();
        using RunningProbe probe = Listen(workspace, veth, "--json", "-x", "files", "--lanes", lanes, "--eve", "eve.json");
        await probe.Says("listening on v0");
        veth.Send(traffic.Frames);
        await probe.Signal("TERM");
        Outcome run = (await probe.End()).MustExit(0);

        Assert.Equal(BodyBytes, Assert.Single(workspace.FilesIn("files")).Value.Length);
        MustBalance(run, received: traffic.Count, lost: 0);
        Assert.Contains(
            $"\"capture\":{{\"kernel_packets\":{traffic.Count},\"kernel_drops\":0,\"lost_before_lanes\":0",
            File.ReadAllText(workspace.PathOf("eve.json")),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task ReaderThatIsHeldUp_LosesPacketsInTheKernelAndCountsEach()
    {
        using var veth = new VethPair();
        using var workspace = new Workspace();
        var traffic = new Recording();
        TcpConversation connection = traffic.Connect();
        for (int i = 0; i < 60; i++)
            connection.ServerSends(Http.Ok(Http.Noise(BodyBytes)));
        using RunningProbe probe = Listen(workspace, veth, "--json", "--buffer", "256K");
        await probe.Says("listening on v0");
        await probe.Signal("STOP");
        veth.Send(traffic.Frames);
        await probe.Signal("CONT");
        await probe.Signal("TERM");
        Outcome run = (await probe.End()).MustExit(0);

        double pause = run.Json["capture"]!["longest_pause_ms"]!.GetValue<double>();
        Assert.True(pause > 0);
        Assert.InRange(run.Json["capture"]!["longest_pause_collecting_ms"]!.GetValue<double>(), 0, pause);
        long lost = run.Json["capture"]!["lost_in_kernel"]!.GetValue<long>();
        Assert.InRange(lost, 1, traffic.Count - 1);
        MustBalance(run, traffic.Count, lost);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task InterfaceThatGoesAndComesBack_IsReportedAndCapturedAgain(bool isDeleted)
    {
        using var veth = new VethPair();
        using var workspace = new Workspace();
        Recording traffic = Traffic();
        using RunningProbe probe = Listen(workspace, veth, "--json", "-x", "files");
        await probe.Says("listening on v0");
        if (isDeleted)
            veth.Link("del", "v0");
        else
            veth.Link("set", "v0", "down");
        await probe.Says(isDeleted ? "interface 'v0' is gone" : "interface 'v0' is down");
        if (isDeleted)
            veth.Make();
        else
            veth.Link("set", "v0", "up");
        await probe.Says("interface 'v0' is up");
        veth.Send(traffic.Frames);
        await probe.Signal("TERM");
        Outcome run = (await probe.End()).MustExit(0);

        Assert.Equal(BodyBytes, Assert.Single(workspace.FilesIn("files")).Value.Length);
        MustBalance(run, traffic.Count, lost: 0);
    }

    [Fact]
    public async Task InterfaceThatIsDownAtTheStart_IsWaitedFor()
    {
        using var veth = new VethPair();
        using var workspace = new Workspace();
        veth.Link("set", "v0", "down");
        using RunningProbe probe = Listen(workspace, veth, "--json");
        await probe.Says("interface 'v0' is down: capture begins when it is up");
        veth.Link("set", "v0", "up");
        await probe.Says("interface 'v0' is up");
        Recording traffic = Traffic();
        veth.Send(traffic.Frames);
        await probe.Signal("INT");

        MustBalance((await probe.End()).MustExit(0), traffic.Count, lost: 0);
    }

    [Theory]
    [InlineData(4789, "0800000000000100")] // VXLAN, network 1
    [InlineData(6081, "0200655800000100" + "0102030100000000")] // GENEVE with an option of 8 bytes
    public async Task MirroredTraffic_OverUdp_GivesTheFileWithoutAnyRight(int port, string header)
    {
        using var veth = new VethPair();
        using var workspace = new Workspace();
        Recording traffic = Traffic();
        string socket = $"udp:127.0.0.1:{port}";
        using RunningProbe probe = Inside(
            workspace,
            veth,
            "setpriv",
            "--bounding-set",
            "-net_raw",
            "--inh-caps",
            "-net_raw",
            Probe.Executable,
            "run",
            "-i",
            socket,
            "-f",
            "tcp",
            "--json",
            "-x",
            "files",
            "-o",
            workspace.Output
        );
        await probe.Says("listening on " + socket);
        veth.SendUdp(port, traffic.Frames.Select(frame => (byte[])[.. Convert.FromHexString(header), .. frame]).Append([1, 2, 3]));
        await probe.Signal("TERM");
        Outcome run = (await probe.End()).MustExit(0);

        Assert.Equal(BodyBytes, Assert.Single(workspace.FilesIn("files")).Value.Length);
        MustBalance(run, traffic.Count + 1, lost: 1);
        Assert.Equal(1, run.Json["capture"]!["refused"]!.GetValue<int>());
    }

    [Fact]
    public async Task Run_WithoutAnyPacket_EndsWithASummaryAfterItsDuration()
    {
        using var veth = new VethPair();
        using var workspace = new Workspace();
        using RunningProbe probe = Listen(workspace, veth, "--duration", "0.1");
        Outcome run = (await probe.End()).MustExit(0);

        Assert.Contains("0 packets = 0 processed + 0 lost", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    public async Task TwoInterfaces_WithADirectionEach_GiveTheirPacketsInTheOrderOfTheWire(string lanes)
    {
        using var veth = new VethPair();
        veth.MakeSecond();
        using var workspace = new Workspace();
        var traffic = new Recording();
        TcpConversation connection = traffic.Connect();
        for (int i = 0; i < 100; i++)
        {
            connection.ClientSends(Http.Get("/" + i));
            connection.ServerSends(Http.Ok(Http.Noise(100)));
        }

        connection.Close();
        string packets = workspace.PathOf("packets");
        using RunningProbe probe = Listen(workspace, veth, "-i", "w0", "--json", "--packets", packets, "--lanes", lanes);
        await probe.Says("listening on v0, w0");
        const int ipv4Source = 26;
        const byte server = 198;
        veth.Send(traffic.Frames.Select(frame => (frame, frame[ipv4Source] == server)));
        await probe.Signal("TERM");
        Outcome run = (await probe.End()).MustExit(0);

        MustBalance(run, traffic.Count, lost: 0);
        Assert.Equal(0, run.Json["tcp"]!["gaps"]!.GetValue<int>());
        Assert.Equal(0, run.Json["tcp"]!["out_of_order"]!.GetValue<int>());
        List<long> times = [.. Directory.GetFiles(packets, "*.pcap").SelectMany(TimesIn)];
        Assert.Equal(traffic.Count, times.Count);
        Assert.Equal(times.Order(), times);
    }

    [Fact]
    public async Task Fanout_OfPlainTraffic_GivesEachFlowToOneLane()
    {
        using var veth = new VethPair();
        using var workspace = new Workspace();
        const int connections = 40;
        Recording traffic = Connections(connections);
        using RunningProbe probe = Listen(workspace, veth, "--json", "-x", "files", "--lanes", "2", "--fanout");
        await probe.Says("listening on v0");
        veth.Send(traffic.Frames);
        await probe.Signal("TERM");
        Outcome run = (await probe.End()).MustExit(0);

        MustBalance(run, traffic.Count, lost: 0);
        Assert.Equal(0, run.Json["capture"]!["on_wrong_lane"]!.GetValue<int>());
        Assert.Equal(connections, run.Json["traffic"]!["flows"]!.GetValue<int>());
        Assert.Equal(connections, workspace.FilesIn("files").Count);
    }

    [Fact]
    public async Task Fanout_OfATunnel_CountsPacketsWhoseFlowIsOnAnotherLane()
    {
        using var veth = new VethPair();
        using var workspace = new Workspace();
        Recording traffic = Connections(40);
        using RunningProbe probe = Listen(workspace, veth, "--json", "--lanes", "2", "--fanout", "-f", "udp port 4789");
        await probe.Says("listening on v0");
        // As a VXLAN end does: the source port is a hash of the inner flow, another one for the other direction.
        const int ipv4Source = 26,
            sourcePort = 34,
            destinationPort = 36;
        veth.Send(
            traffic.Frames.Select(frame =>
            {
                bool isClients = frame[ipv4Source] == 10;
                ushort port = BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(isClients ? sourcePort : destinationPort));
                byte[] inner = [8, 0, 0, 0, 0, 0, 1, 0, .. frame];
                return isClients
                    ? Datagram.OfUdp(0xC0000201, port, 0xC0000202, 4789, inner)
                    : Datagram.OfUdp(0xC0000202, (ushort)(port ^ 0x5555), 0xC0000201, 4789, inner);
            })
        );
        await probe.Signal("TERM");
        Outcome run = (await probe.End()).MustExit(0);

        MustBalance(run, traffic.Count, lost: 0);
        Assert.InRange(run.Json["capture"]!["on_wrong_lane"]!.GetValue<int>(), 1, traffic.Count - 1);
    }

    [Theory]
    [InlineData("lo")]
    [InlineData("any")]
    public async Task Loopback_WhosePacketsComeTwice_CountsThemOnce(string name)
    {
        using var veth = new VethPair();
        using var workspace = new Workspace();
        veth.Link("set", "lo", "up");
        const int packets = 50;
        using RunningProbe probe = Inside(
            workspace,
            veth,
            Probe.Executable,
            "run",
            "-i",
            name,
            "-f",
            "udp dst port 4789",
            "--json",
            "-o",
            workspace.Output
        );
        await probe.Says("listening on " + name);
        veth.SendUdp(4789, Enumerable.Repeat(new byte[100], packets));
        await probe.Signal("TERM");

        MustBalance((await probe.End()).MustExit(0), packets, lost: 0);
    }

    [Fact]
    public async Task RunThatIsKilled_OnTwoLanes_LeavesASoundStoreAndRoomForTheNext()
    {
        using var veth = new VethPair();
        using var workspace = new Workspace();
        Recording traffic = Connections(40);
        using (RunningProbe killed = Listen(workspace, veth, "--lanes", "2", "--window", "1", "--packets", workspace.PathOf("packets")))
        {
            await killed.Says("listening on v0");
            veth.Send(traffic.Frames);
            await Stored(workspace, "SELECT count(*) FROM flows", at: 1);
            await Stored(workspace, "SELECT coalesce(max(packets), 0) FROM runs WHERE last_packet_ns > 0", at: traffic.Count);
            veth.Send(traffic.Frames);
            await killed.Signal("KILL");
            Assert.Equal(137, (await killed.End()).ExitCode);
        }

        Assert.Equal(["ok"], Store.Ask(workspace, "PRAGMA integrity_check"));
        using RunningProbe next = Listen(
            workspace,
            veth,
            "--lanes",
            "2",
            "--json",
            "--packets",
            workspace.PathOf("packets"),
            "-c",
            $"{traffic.Count}"
        );
        await next.Says("listening on v0");
        veth.Send(traffic.Frames);
        Outcome run = (await next.End()).MustExit(0);

        Assert.Equal(traffic.Count, run.Json["traffic"]!["packets"]!.GetValue<int>());
        Assert.Equal(["ok"], Store.Ask(workspace, "PRAGMA integrity_check"));
        Assert.Equal(["2"], Store.Ask(workspace, "SELECT count(*) FROM runs"));
        Assert.Equal(["40"], Store.Ask(workspace, "SELECT count(*) FROM flows WHERE run_id = 2"));
    }

    // While a run goes on: it must be there in the end, however long that takes.
    private static async Task Stored(Workspace workspace, string query, long at)
    {
        while (long.Parse(Store.Ask(workspace, query).Single(), System.Globalization.CultureInfo.InvariantCulture) < at)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    public async Task Count_EndsTheRunAfterSoManyPackets(string lanes)
    {
        using var veth = new VethPair();
        using var workspace = new Workspace();
        using RunningProbe probe = Listen(workspace, veth, "--json", "--count", "7", "--lanes", lanes);
        await probe.Says("listening on v0");
        veth.Send(Traffic().Frames);
        Outcome run = (await probe.End()).MustExit(0);

        Assert.Equal(7, run.Json["capture"]!["processed"]!.GetValue<int>());
        Assert.Equal(run.Json["capture"]!["received"]!.GetValue<int>(), 7 + run.Json["capture"]!["lost"]!.GetValue<int>());
    }

    [Fact]
    public async Task UnknownInterface_IsNamedWithThoseThereAre()
    {
        using var veth = new VethPair();
        using var workspace = new Workspace();
        using RunningProbe probe = Inside(workspace, veth, Probe.Executable, "run", "-i", "v7", "-o", workspace.Output);
        Outcome run = (await probe.End()).MustExit(1);

        Assert.StartsWith("error: there is no interface 'v7'; there are: ", Assert.Single(run.Told), StringComparison.Ordinal);
        Assert.Contains("v0", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutTheRightToCapture_SaysHowToGetIt()
    {
        using var veth = new VethPair();
        using var workspace = new Workspace();
        using RunningProbe probe = Inside(
            workspace,
            veth,
            "setpriv",
            "--bounding-set",
            "-net_raw",
            "--inh-caps",
            "-net_raw",
            Probe.Executable,
            "run",
            "-i",
            "v0",
            "-o",
            workspace.Output
        );
        Outcome run = (await probe.End()).MustExit(1);

        Assert.StartsWith("error: no permission to capture from 'v0': ", Assert.Single(run.Told), StringComparison.Ordinal);
        Assert.Contains("sudo setcap cap_net_raw+ep", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interfaces_AreListedWithWhatCanBeCaptured()
    {
        using var veth = new VethPair();
        using var workspace = new Workspace();
        veth.Link("set", "v1", "down");
        using RunningProbe probe = Inside(workspace, veth, Probe.Executable, "interfaces");
        Outcome run = (await probe.End()).MustExit(0);

        using RunningProbe again = Inside(workspace, veth, Probe.Executable, "interfaces", "--json");
        JsonArray all = JsonNode.Parse((await again.End()).MustExit(0).Output)!.AsArray();
        Assert.Equal(
            [("lo", false, "is down"), ("v0", true, null), ("v1", false, "is down")],
            all.Select(one => ((string)one!["name"]!, (bool)one["can_be_captured"]!, (string?)one["reason"])).Order()
        );
        Assert.Matches("(?m)^v0 +no carrier, can be captured", run.Output);
        Assert.Matches("(?m)^v1 +down, cannot be captured: is down", run.Output);
        Assert.Matches("(?m)^lo +down, loopback, cannot be captured: is down", run.Output);
    }

    private static Recording Connections(int count)
    {
        var traffic = new Recording();
        for (int i = 0; i < count; i++)
        {
            TcpConversation connection = traffic.Connect(clientPort: (ushort)(40_000 + i));
            connection.ClientSends(Http.Get("/" + i));
            connection.ServerSends(Http.Ok(Http.Noise(2000)));
            connection.Close();
        }

        return traffic;
    }

    // Of each packet of a capture that this machine has written.
    private static IEnumerable<long> TimesIn(string path)
    {
        const int fileHeader = 24,
            recordHeader = 16;
        byte[] bytes = File.ReadAllBytes(path);
        for (int at = fileHeader; at < bytes.Length; at += recordHeader + BitConverter.ToInt32(bytes, at + 8))
            yield return (BitConverter.ToUInt32(bytes, at) * 1_000_000_000L) + BitConverter.ToUInt32(bytes, at + 4);
    }

    private static Recording Traffic() => Recording.Of(Http.Get("/one"), Http.Ok(Http.Noise(BodyBytes)));
}
