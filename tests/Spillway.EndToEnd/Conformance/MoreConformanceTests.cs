using System.Text.Json.Nodes;

namespace Spillway.EndToEnd.Conformance;

/// <summary>Tunnels, SSH, TLS and DHCP in the further captures against tshark; docs/conformance.md says why what differs does.</summary>
public sealed class MoreConformanceTests(MoreCaptures captures) : IClassFixture<MoreCaptures>
{
    private const string NoCaptures = "no further captures: name a directory that has them in 'more' with SPILLWAY_PCAPS";

    // Where the innermost packet is ICMP or nothing at all, the table has the ports of the tunnel: no conversation.
    [Fact]
    public void InnermostFlows_HaveTsharksPackets()
    {
        Assert.SkipWhen(MoreCaptures.Root is null, NoCaptures);
        var differences = new List<string>();
        int agreed = 0;
        foreach (var rows in MoreCaptures.Table("innermost_flows.tsv").GroupBy(row => row["file"]))
        {
            var packets = captures
                .Of(rows.Key, "flow")
                .Where(flow => flow["src_port"] is not null)
                .GroupBy(flow => KeyOf(Text(flow["proto"]).ToLowerInvariant(), EndOf(flow, "src"), EndOf(flow, "dest")))
                .ToDictionary(
                    flows => flows.Key,
                    flows => flows.Sum(flow => (long)flow["flow"]!["pkts_toserver"]! + (long)flow["flow"]!["pkts_toclient"]!)
                );
            foreach (IReadOnlyDictionary<string, string> row in rows)
            {
                string layers = row["layers_of_first"];
                if (layers.Contains("icmp", StringComparison.Ordinal) || layers.EndsWith(":ipv6", StringComparison.Ordinal))
                    continue;
                string key = KeyOf(row["proto"], MoreCaptures.End(row["a"], row["a_port"]), MoreCaptures.End(row["b"], row["b_port"]));
                if (packets.GetValueOrDefault(key).ToString(System.Globalization.CultureInfo.InvariantCulture) == row["packets"])
                    agreed++;
                else
                    differences.Add($"{rows.Key}: {key} has {packets.GetValueOrDefault(key)} packets, tshark {row["packets"]}");
            }
        }

        Assert.True(agreed >= 304, string.Join('\n', differences));
    }

    // tshark looks for SSH on its port alone.
    [Fact]
    public void Banners_AreTsharks()
    {
        Assert.SkipWhen(MoreCaptures.Root is null, NoCaptures);
        AssertSame(
            MoreCaptures.Table("ssh.tsv").Select(row => $"{row["file"]} {row["banner"].Split(' ')[0]}"),
            capture =>
                captures
                    .Of(capture, "ssh")
                    .Where(e => (int)e["dest_port"]! == 22)
                    .SelectMany(e => new[] { e["ssh"]!["client"], e["ssh"]!["server"] })
                    .Where(side => side is not null)
                    .Select(side => $"{capture} SSH-{side!["proto_version"]}-{side["software_version"]}")
        );
    }

    // Hellos of TLS over TCP; those of QUIC are encrypted, those of RDP over UDP are not looked into.
    [Fact]
    public void Hellos_HaveTsharksNamesFingerprintsAndProtocols()
    {
        Assert.SkipWhen(MoreCaptures.Root is null, NoCaptures);
        AssertSame(
            MoreCaptures
                .Table("hellos.tsv")
                .Where(row => row["layer"] == "tls" && row["tcp_port"].Length > 0)
                .Select(row => $"{row["file"]} {row["sni"]} {row["ja3"]} {row["alpn"]}"),
            capture =>
                captures
                    .Of(capture, "tls")
                    .Select(e => e["tls"]!)
                    .Select(tls => $"{capture} {tls["sni"]} {tls["ja3"]?["hash"]} {string.Join(',', tls["client_alpns"]?.AsArray() ?? [])}")
        );
    }

    [Fact]
    public void DhcpMessages_HaveTsharksAddressesAndNames()
    {
        Assert.SkipWhen(MoreCaptures.Root is null, NoCaptures);
        string[] types = ["", "discover", "offer", "request", "decline", "ack", "nak", "release", "inform"];
        AssertSame(
            MoreCaptures
                .Table("dhcp.tsv")
                .Select(row =>
                    $"{row["file"]} {row["mac"].Split(',')[0]} {row["host_name"]} {row["your_ip"]} "
                    + (int.TryParse(row["message_type"], out int type) && type < types.Length ? types[type] : "")
                ),
            capture =>
                captures
                    .Of(capture, "dhcp")
                    .Select(e => e["dhcp"]!)
                    .Select(dhcp => $"{capture} {dhcp["client_mac"]} {dhcp["hostname"]} {dhcp["assigned_ip"]} {dhcp["dhcp_type"]}")
        );
    }

    private static void AssertSame(IEnumerable<string> expected, Func<string, IEnumerable<string>> seen)
    {
        string[] rows = [.. expected.Order(StringComparer.Ordinal)];
        Assert.Equal(rows, rows.Select(row => row.Split(' ')[0]).Distinct().SelectMany(seen).Order(StringComparer.Ordinal));
    }

    private static string KeyOf(string protocol, string one, string other) =>
        string.CompareOrdinal(one, other) < 0 ? $"{protocol} {one} - {other}" : $"{protocol} {other} - {one}";

    private static string EndOf(JsonNode flow, string end) => MoreCaptures.End(Text(flow[$"{end}_ip"]), Text(flow[$"{end}_port"]));

    private static string Text(JsonNode? value) => value?.ToString() ?? "";
}
