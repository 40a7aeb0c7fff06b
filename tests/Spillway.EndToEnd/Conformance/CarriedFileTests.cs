using Spillway.EndToEnd.Running;

namespace Spillway.EndToEnd.Conformance;

/// <summary>
/// Files of FTP and parts of mail against tshark and Python's reader of mail. What is no part is left out: empty ones, and what tshark
/// takes for messages that are lines of POP3. docs/conformance.md says which.
/// </summary>
public sealed class CarriedFileTests
{
    private const int LeastMailParts = 18;

    [Fact]
    public async Task Ftp_GivesEachFileWithItsName()
    {
        RequireCaptures();
        var missing = new List<string>();
        foreach (var rows in More("objects.tsv").Where(row => row["kind"] == "ftp-data").GroupBy(row => row["file"]))
        {
            IReadOnlyList<string> files = await Files(rows.Key);
            missing.AddRange(
                rows.Where(row => !files.Contains($"ftp-data|{row["name"]}|{row["sha1"]}")).Select(row => $"{rows.Key}: {row["name"]}")
            );
        }

        Assert.Empty(missing);
    }

    [Fact]
    public async Task Mail_GivesEachPartWithItsName()
    {
        RequireCaptures();
        var missing = new List<string>();
        int found = 0;
        foreach (var rows in More("mail_parts.tsv").Where(row => row["bytes"] != "0").GroupBy(row => row["file"]))
        {
            List<string> files = [.. (await Files(rows.Key)).Select(file => file[(file.IndexOf('|', StringComparison.Ordinal) + 1)..])];
            foreach (IReadOnlyDictionary<string, string> row in rows)
            {
                if (files.Remove($"{row["name"]}|{row["sha1"]}"))
                    found++;
                else
                    missing.Add($"{rows.Key}: {row["message"]}, {row["bytes"]} bytes");
            }
        }

        Assert.True(found >= LeastMailParts, $"only {found}; missing:\n{string.Join('\n', missing)}");
    }

    [Fact]
    public async Task Upload_GivesTheFileThatSuricataHas()
    {
        RequireCaptures();
        const string Capture = "http/sv-http-multiple100.pcap";
        string sha1 = Captures.Table("http_consensus.tsv").Single(row => row["file"] == Capture && row["seen_by"] == "suricata")[
            "body_sha1"
        ];

        Assert.Contains($"http|otherhtp.pcap|{sha1}", await Files(Path.Combine("..", Capture)));
    }

    // The URL of the first names its SHA-1; the second was read as a PDF of 87 pages; Zeek's description of the third says what is in it.
    [Theory]
    [InlineData("206_example_b.pcap", "7d99803eaf3b6e8dfa3581348bc694089579d25a")]
    [InlineData("206_example_c.pcap", "250aa71dd1594363bc7083d25cfd0240e441b119")]
    [InlineData("concurrent-range-requests-complete.pcap", "1cdae2c87714f6042f1fffb5e5edc5f18e815838")]
    public async Task Ranges_AreJoinedIntoTheirFile(string capture, string sha1)
    {
        RequireCaptures();

        Assert.Contains($"http||{sha1}", await Files(Path.Combine("..", "http", capture)));
    }

    private static IEnumerable<IReadOnlyDictionary<string, string>> More(string table) =>
        Captures.Table(Path.Combine("..", "more", "TRUTH", table));

    private static void RequireCaptures() =>
        Assert.SkipUnless(
            Captures.Root is { } root && Directory.Exists(Path.Combine(root, "more")),
            "no captures of mail and FTP: name the directory that has them in more/ with SPILLWAY_PCAPS"
        );

    private static async Task<IReadOnlyList<string>> Files(string capture)
    {
        using var workspace = new Workspace();
        await Probe.Run(workspace, "-r", Path.Combine(Captures.Root!, "more", capture), "--checksums", "ignore", "--json");
        return Store.Ask(workspace, "SELECT protocol, coalesce(sent_name, ''), sha1 FROM files");
    }
}
