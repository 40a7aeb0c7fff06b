using System.Text;
using System.Text.Json.Nodes;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>Services that are named by what flows carry, with what their first bytes tell.</summary>
public sealed class ServiceTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task Flows_AreNamedByTheirFirstBytes_WithWhatTheseTell()
    {
        var recording = new Recording();
        TcpConversation remote = recording.Connect(40001, 13389);
        remote.ClientSends([3, 0, 0, 0x25, 0x20, 0xE0, 0, 0, 0, 0, 0, .. "Cookie: mstshash=operator\r\n"u8]);
        remote.Close();
        TcpConversation shell = recording.Connect(40002, 2222);
        shell.ServerSends("SSH-2.0-server_1 x\r\n"u8.ToArray());
        shell.ClientSends("SSH-2.0-client_2\r\n"u8.ToArray());
        shell.Close();
        TcpConversation none = recording.Connect(40003, 9000);
        none.ClientSends(Encoding.ASCII.GetBytes(new string('z', 3000)));
        none.Close();
        for (int i = 0; i < 5; i++)
            recording.Add(Datagram.OfUdp(0x0A010203, 40004, 0xC6336407, 9001, [0xC3, 0, 0, 0, 1, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0]));
        recording.Save(_workspace.PathOf("s.pcap"));
        (await Probe.Run(_workspace, ["-r", "s.pcap", "-q", "--eve", "eve.json", "--eve-types", "flow,ssh"])).MustExit(0);
        JsonNode[] events = [.. File.ReadLines(_workspace.PathOf("eve.json")).Select(line => JsonNode.Parse(line)!)];

        Assert.Equal(
            ["13389 rdp", "2222 ssh", "9000 ", "9001 quic"],
            events.Where(e => (string?)e["event_type"] == "flow").Select(e => $"{e["dest_port"]} {e["app_proto"]}").Order()
        );
        Assert.Equal(
            """{"client":{"proto_version":"2.0","software_version":"client_2"},"server":{"proto_version":"2.0","software_version":"server_1"}}""",
            Assert.Single(events, e => (string?)e["event_type"] == "ssh")["ssh"]!.ToJsonString()
        );
        Assert.Equal(
            ["QUIC:VERSION|00000001", "RDP:COOKIE|operator", "SSH:CLIENT|SSH-2.0-client_2", "SSH:SERVER|SSH-2.0-server_1 x"],
            Store.Ask(_workspace, "SELECT name, value FROM flow_attributes ORDER BY name")
        );
    }

    [Fact]
    public async Task Lease_LabelsAddressesWithTheNameThatTheClientTold()
    {
        var recording = new Recording();
        recording.Add(Datagram.OfUdp(0, 68, 0xFFFFFFFF, 67, Dhcp(1, 0, [53, 1, 3, 12, 6, .. "laptop"u8])));
        recording.Add(Datagram.OfUdp(0x0A000001, 67, 0x0A000007, 68, Dhcp(2, 0x0A000007, [53, 1, 5, 51, 4, 0, 0, 1, 0])));
        recording.Save(_workspace.PathOf("d.pcap"));
        (await Probe.Run(_workspace, ["-r", "d.pcap", "-q", "--eve", "eve.json", "--eve-types", "dhcp"])).MustExit(0);

        Assert.Equal(
            [
                """{"type":"request","id":1,"client_mac":"02:00:00:00:00:0a","assigned_ip":"0.0.0.0","dhcp_type":"request","hostname":"laptop"}""",
                """{"type":"reply","id":1,"client_mac":"02:00:00:00:00:0a","assigned_ip":"10.0.0.7","dhcp_type":"ack","lease_time":256}""",
            ],
            File.ReadLines(_workspace.PathOf("eve.json")).Select(line => JsonNode.Parse(line)!["dhcp"]!.ToJsonString())
        );
        Assert.Equal(["laptop"], Store.Ask(_workspace, "SELECT label FROM keys WHERE key = '0A.00.00.07' AND label <> ''"));
        Assert.Equal(
            ["DHCP:HOST|laptop", "DHCP:LEASE|10.0.0.7", "DHCP:MAC|02:00:00:00:00:0a"],
            Store.Ask(_workspace, "SELECT DISTINCT name, value FROM flow_attributes ORDER BY name")
        );
    }

    private static byte[] Dhcp(byte operation, uint yourAddress, byte[] options)
    {
        byte[] bytes = [.. new byte[240], .. options, 255];
        (bytes[0], bytes[1], bytes[2], bytes[7]) = (operation, 1, 6, 1);
        for (int i = 0; i < 4; i++)
            bytes[16 + i] = (byte)(yourAddress >> (24 - (8 * i)));
        (bytes[28], bytes[33]) = (2, 10);
        (bytes[236], bytes[237], bytes[238], bytes[239]) = (0x63, 0x82, 0x53, 0x63);
        return bytes;
    }
}
