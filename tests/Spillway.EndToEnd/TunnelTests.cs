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
