using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>Two tenants with the same addresses, each in a virtual network of its own between the same two tunnel ends.</summary>
public sealed class TunnelTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task FlowKeyVni_TenantsWithTheSameAddresses_AreFlowsOfTheirOwn(int lanes)
    {
        Record();
        IReadOnlyList<JsonNode> flows = await Flows("--flow-key", "vni", "--lanes", $"{lanes}");

        Assert.Equal(2, flows.Count);
        Assert.Equal(["vxlan:100", "vxlan:200"], flows.Select(flow => (string?)flow["tunnel"]!["pkt_src"]).Order());
        Assert.All(flows, flow => Assert.Equal("10.1.2.3 192.0.2.1 192.0.2.2 UDP 4789 1", Ends(flow)));
        Assert.All(flows, flow => Assert.Equal(3L, (long)flow["flow"]!["pkts_toserver"]!));
        Assert.Equal(2, flows.Select(flow => (long)flow["flow_id"]!).Distinct().Count());
        Assert.Equal(
            ["TUNNEL|vxlan:100 192.0.2.1 > 192.0.2.2", "TUNNEL|vxlan:200 192.0.2.1 > 192.0.2.2"],
            Store.Ask(_workspace, "SELECT name, value FROM flow_attributes ORDER BY value")
        );
    }

    [Fact]
    public async Task FlowKeyOfAddresses_TenantsWithTheSameAddresses_AreOneFlow()
    {
        Record();

        Assert.Single(await Flows());
    }

    [Fact]
    public async Task TunnelsOuter_Tenants_AreTheFlowOfTheirTunnel()
    {
        Record();
        JsonNode flow = Assert.Single(await Flows("--tunnels", "outer"));

        Assert.Equal("192.0.2.1 192.0.2.2 4789", $"{flow["src_ip"]} {flow["dest_ip"]} {flow["dest_port"]}");
        Assert.Null(flow["tunnel"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TunnelsOuter_StoredPackets_AreThoseOfTheTunnelsFlow(bool losesIndex)
    {
        Record();
        (await Probe.Run(_workspace, "-r", "t.pcap", "-q", "--tunnels", "outer", "--packets", "store")).MustExit(0);
        string index = Assert.Single(Directory.GetFiles(_workspace.PathOf("store"), "*.idx"));
        if (losesIndex)
        {
            // Another capture of the store says which flows they are.
            File.Copy(index, Path.Combine(_workspace.PathOf("store"), "spillway-20000101T000000.000Z-EN10MB.pcap.idx"));
            File.Copy(index[..^4], Path.Combine(_workspace.PathOf("store"), "spillway-20000101T000000.000Z-EN10MB.pcap"));
            File.Delete(index);
        }

        int times = losesIndex ? 2 : 1;
        string flows = (await Probe.Command(_workspace, "packets", "store")).MustExit(0).Output;
        string packets = (await Probe.Command(_workspace, "packets", "store", "--list", "packets", "--port", "4789")).MustExit(0).Output;
        Outcome written = await Probe.Command(_workspace, "packets", "store", "--flow", Outer, "-w", "o.pcap");

        Assert.Contains("192.0.2.1:40000", flows, StringComparison.Ordinal);
        Assert.DoesNotContain("10.1.2.3", flows, StringComparison.Ordinal);
        Assert.Equal(6 * times, packets.Split('\n').Count(line => line.Contains("192.0.2.2:4789", StringComparison.Ordinal)));
        Assert.DoesNotContain("10.1.2.3", packets, StringComparison.Ordinal);
        Assert.Contains($"{6 * times} packets written", written.MustExit(0).Error, StringComparison.Ordinal);
        (await Probe.Command(_workspace, "packets", "store", "--host", "10.1.2.3")).MustExit(1);
    }

    [Fact]
    public async Task TunnelsInner_StoredPackets_AreThoseOfTheInnerFlow()
    {
        Record();
        (await Probe.Run(_workspace, "-r", "t.pcap", "-q", "--packets", "store")).MustExit(0);

        Outcome inner = await Probe.Command(_workspace, "packets", "store", "--host", "10.1.2.3", "--list", "packets");
        Assert.Equal(6, inner.MustExit(0).Output.Split('\n').Count(line => line.Contains("10.1.2.4:9999", StringComparison.Ordinal)));
        (await Probe.Command(_workspace, "packets", "store", "--flow", Outer)).MustExit(1);
    }

    private const string Outer = "192.0.2.1:40000-192.0.2.2:4789";

    private static string Ends(JsonNode flow)
    {
        JsonNode tunnel = flow["tunnel"]!;
        return $"{flow["src_ip"]} {tunnel["src_ip"]} {tunnel["dest_ip"]} {tunnel["proto"]} {tunnel["dest_port"]} {tunnel["depth"]}";
    }

    private void Record()
    {
        var recording = new Recording();
        for (int i = 0; i < 6; i++)
        {
            byte[] inner = Datagram.OfUdp(0x0A010203, 49152, 0x0A010204, 9999, "hello"u8);
            byte[] vxlan = new byte[8 + inner.Length];
            vxlan[0] = 8;
            BinaryPrimitives.WriteUInt32BigEndian(vxlan.AsSpan(4), (i % 2 == 0 ? 100u : 200u) << 8);
            inner.CopyTo(vxlan, 8);
            recording.Add(Datagram.OfUdp(0xC0000201, 40000, 0xC0000202, 4789, vxlan));
        }

        recording.Save(_workspace.PathOf("t.pcap"));
    }

    private async Task<IReadOnlyList<JsonNode>> Flows(params string[] options)
    {
        (await Probe.Run(_workspace, ["-r", "t.pcap", "-q", "--eve", "eve.json", "--eve-types", "flow", .. options])).MustExit(0);
        return [.. File.ReadLines(_workspace.PathOf("eve.json")).Select(line => JsonNode.Parse(line)!)];
    }
}
