using System.Reflection;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>
/// The examples do what their headers say: each is run as a reader would run it, and what comes out is compared with a file. With
/// UPDATE_EXAMPLES=1 in the environment the tests write the capture and the expected files (examples/README.md).
/// </summary>
public sealed class ExampleTests
{
    private static readonly string Root = Path.Combine(
        typeof(ExampleTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(item => item.Key == "RepositoryRoot").Value!,
        "examples"
    );

    private static readonly bool Updates = Environment.GetEnvironmentVariable("UPDATE_EXAMPLES") == "1";

    private static readonly Lazy<string> Traffic = new(() =>
    {
        string path = Path.Combine(Root, "traffic.pcap");
        if (Updates)
            Record(path);
        return path;
    });

    private static void Record(string path) =>
        ExampleTraffic.Record(File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Captured", "server-chain.txt"))).Save(path);

    [Theory]
    [InlineData("packet-sizes")]
    [InlineData("icmp-tunnel")]
    [InlineData("syslog")]
    [InlineData("tls-clients")]
    [InlineData("large-uploads", "--args", "20000")]
    [InlineData("quarantine")]
    [InlineData("storage-policy", "--packets", "stored")]
    [InlineData("user-agents")]
    [InlineData("host-list")]
    [InlineData("heartbeat")]
    [InlineData("busy-hosts", "--args", "500")]
    [InlineData("slow-flows", "--args", "900")]
    [InlineData("alert-digest", "-s", "syslog.lua")]
    [InlineData("dns-watch")]
    [InlineData("weak-certificates")]
    [InlineData("top-uploads")]
    public async Task Example_OnTheTraffic_DoesWhatItSays(string name, params string[] options)
    {
        using var workspace = new Workspace();
        string[] arguments =
        [
            .. options.Select(option => option.EndsWith(".lua", StringComparison.Ordinal) ? Path.Combine(Root, option) : option),
        ];
        Outcome test = (
            await Probe.Command(workspace, ["test", "-r", Traffic.Value, "-s", Path.Combine(Root, name + ".lua"), .. arguments])
        ).MustExit(0);

        Assert.Empty(test.Error);
        Compare(name, test.Output);
    }

    [Fact]
    public async Task CsvFlows_WithFlowExport_TakesRowsAndWritesRecords()
    {
        using var workspace = new Workspace();
        string export = workspace.PathOf("flows.json");
        Outcome run = (
            await Probe.Command(
                workspace,
                "input",
                Path.Combine(Root, "csv-flows.lua"),
                Path.Combine(Root, "flows.csv"),
                "-s",
                Path.Combine(Root, "flow-export.lua"),
                "--set",
                "Export>File=" + export,
                "-o",
                workspace.Output,
                "-q",
                "--deterministic"
            )
        ).MustExit(0);
        string[] flows =
        [
            .. Store.Ask(workspace, "SELECT flow_id, bytes_az, bytes_za, packets_az, packets_za FROM flows ORDER BY first_ns"),
        ];

        Assert.Empty(run.Error);
        Assert.Equal(
            run.Output.Split('\n').Where(line => line.StartsWith('{')),
            await File.ReadAllLinesAsync(export, TestContext.Current.CancellationToken)
        );
        Compare("csv-flows", run.Output + string.Join('\n', flows) + "\n");
    }

    [Fact]
    public async Task Quarantine_KeepsFilesUnderTheirHash()
    {
        using var workspace = new Workspace();
        string directory = workspace.PathOf("kept");
        (
            await Probe.Command(workspace, "test", "-r", Traffic.Value, "-s", Path.Combine(Root, "quarantine.lua"), "--args", directory)
        ).MustExit(0);

        string[] kept = Directory.GetFiles(directory);
        Assert.Equal([".exe", ".exe", ".exe", ".pdf"], kept.Select(Path.GetExtension).Order());
        Assert.All(
            kept,
            file =>
                Assert.Equal(
                    Path.GetFileNameWithoutExtension(file),
                    Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))
                )
        );
    }

    [Fact]
    public async Task Check_OfAllExamples_FindsNothing()
    {
        using var workspace = new Workspace();
        Outcome check = (
            await Probe.Command(
                workspace,
                [
                    "scripts",
                    "check",
                    "--args",
                    Path.Combine(Root, "flows.csv"),
                    .. Directory.GetFiles(Root, "*.lua").Order(StringComparer.Ordinal),
                ]
            )
        ).MustExit(0);
        string files = Directory.GetFiles(Root, "*.lua").Length.ToString(System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal($"{files} files checked: 0 errors, 0 warnings", (check.Output + check.Error).Trim());
    }

    [Fact]
    public void Traffic_IsWhatTheTestsMake()
    {
        using var workspace = new Workspace();
        Record(workspace.PathOf("again.pcap"));
        Assert.Equal(File.ReadAllBytes(Traffic.Value), File.ReadAllBytes(workspace.PathOf("again.pcap")));
    }

    [Fact]
    public void Readme_NamesEachExample()
    {
        string readme = File.ReadAllText(Path.Combine(Root, "README.md"));
        Assert.All(
            Directory.GetFiles(Root, "*.lua"),
            file => Assert.Contains($"[{Path.GetFileName(file)}]({Path.GetFileName(file)})", readme, StringComparison.Ordinal)
        );
    }

    private static void Compare(string name, string output)
    {
        string path = Path.Combine(Root, "expected", name + ".txt");
        if (Updates)
            File.WriteAllText(path, output);
        Assert.Equal(File.ReadAllText(path), output);
    }
}
