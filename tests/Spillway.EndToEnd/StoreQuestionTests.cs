using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>The questions of docs/store.md, asked of a store that a real run has made.</summary>
public sealed partial class StoreQuestionTests
{
    [Fact]
    public async Task TenQuestions_OfTheDocumentation_HaveAnswers()
    {
        using var workspace = new Workspace();
        var recording = new Recording();
        byte[] body = Http.Noise(5_000);
        for (ushort port = 50_000; port < 50_003; port++)
        {
            TcpConversation connection = recording.Connect(port);
            connection.ClientSends("GET /a HTTP/1.1\r\nHost: www.example.org\r\n\r\n"u8.ToArray());
            connection.ServerSends([
                .. "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 5000\r\n\r\n"u8,
                .. body,
            ]);
            connection.Close();
        }

        (
            await Probe.Run(
                workspace,
                "-r",
                recording.Save(workspace.PathOf("a.pcap"), stepNs: 40_000_000_000),
                "-s",
                Probe.Script("alerts.lua"),
                "--extract",
                workspace.PathOf("files"),
                "--documents",
                "http"
            )
        ).MustExit(0);
        string documentation = await File.ReadAllTextAsync(
            Path.Combine(AppContext.BaseDirectory, "store.md"),
            TestContext.Current.CancellationToken
        );
        string[] questions = [.. Question().Matches(documentation).Select(match => match.Groups[1].Value)];

        Assert.Equal(10, questions.Length);
        Assert.All(questions, question => Assert.NotEmpty(Store.Ask(workspace, question)));
    }

    [Fact]
    public async Task Runs_OfAStore_AreListedTheLastFirst()
    {
        using var workspace = new Workspace();
        Recording.Of(Http.Get("/a"), Http.Ok(Http.Noise(10))).Save(workspace.PathOf("a.pcap"));
        Recording.Of(Http.Get("/b"), Http.Ok(Http.Noise(2000))).Save(workspace.PathOf("b.pcap"));
        (await Probe.Run(workspace, "a.pcap")).MustExit(0);
        (await Probe.Run(workspace, "b.pcap")).MustExit(0);

        Outcome runs = (await Probe.Command(workspace, "runs", "-o", workspace.Output, "--json")).MustExit(0);

        JsonNode[] lines = [.. runs.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
        Assert.Equal([2, 1], lines.Select(line => (int)line["run"]!));
        Assert.Equal(["b.pcap", "a.pcap"], lines.Select(line => Path.GetFileName((string)line["sources"]!)));
        Assert.True((long)lines[0]["bytes"]! > (long)lines[1]["bytes"]!);
    }

    [GeneratedRegex("```sql\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Question();
}
