using Spillway.EndToEnd.Running;

namespace Spillway.EndToEnd.Conformance;

/// <summary>
/// TLS and DNS against tshark: server names, cipher suites, certificates, and names asked for. HelloRetryRequests announce a suite that the
/// server hello repeats; they are told once. Captures made to be malformed are left out: each tool reads another part of them.
/// </summary>
public sealed class ProtocolTests
{
    [Fact]
    public async Task Handshakes_HaveTsharksNamesSuitesAndCertificates()
    {
        Assert.SkipWhen(Captures.Root is null, "no captures: name their directory with SPILLWAY_PCAPS");
        var differences = new List<string>();
        foreach (
            var rows in Captures
                .Table("tls.tsv")
                .Where(row => row["layer"] == "tls" && row["file"] != "tls/hrr.pcap")
                .GroupBy(row => row["file"])
        )
        {
            using var workspace = new Workspace();
            Outcome run = await Probe.Run(
                workspace,
                "-r",
                Path.Combine(Captures.Root, rows.Key),
                "-s",
                Probe.Script("tls.lua"),
                "--resources",
                "tls",
                "--checksums",
                "ignore",
                "--json"
            );
            Compare(rows.Key, rows.Select(row => row["sni"]), Values(run, "TLS:SNI="), differences);
            Compare(
                rows.Key,
                rows.Where(row => row["message"] == "server_hello").Select(row => row["cipher"][2..].ToUpperInvariant()),
                Values(run, "TLS:CIPHER="),
                differences
            );
            Compare(
                rows.Key,
                rows.Select(row => row["leaf_cert_sha1"]),
                Store.Ask(workspace, "SELECT substr(uri, 6, 40) FROM resources"),
                differences
            );
        }

        Assert.Empty(differences);
    }

    [Fact]
    public async Task Responses_HaveTsharksNames()
    {
        Assert.SkipWhen(Captures.Root is null, "no captures: name their directory with SPILLWAY_PCAPS");
        var differences = new List<string>();
        foreach (
            var rows in Captures
                .Table("dns.tsv")
                .Where(row => row["response"] == "1" && !row["file"].StartsWith("malformed/", StringComparison.Ordinal))
                .GroupBy(row => row["file"])
        )
        {
            using var workspace = new Workspace();
            await Probe.Run(
                workspace,
                "-r",
                Path.Combine(Captures.Root, rows.Key),
                "--resources",
                "dns",
                "--checksums",
                "ignore",
                "--json"
            );
            Compare(
                rows.Key,
                rows.Select(row => row["qname"] == "<Root>" ? "." : row["qname"]),
                Store.Ask(workspace, "SELECT uri FROM resources"),
                differences
            );
        }

        Assert.Empty(differences);
    }

    private static IEnumerable<string> Values(Outcome run, string name) =>
        run.Prints.Where(line => line.StartsWith(name, StringComparison.Ordinal)).Select(line => line[name.Length..]);

    private static void Compare(string file, IEnumerable<string> tshark, IEnumerable<string> ours, List<string> differences)
    {
        string[] expected = [.. tshark.Where(text => text.Length > 0).Order(StringComparer.Ordinal)];
        string[] found = [.. ours.Order(StringComparer.Ordinal)];
        if (!expected.SequenceEqual(found))
            differences.Add($"{file}: {string.Join(' ', found)}, not {string.Join(' ', expected)}");
    }
}
