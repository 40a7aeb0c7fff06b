using System.Net;
using System.Net.Sockets;
using System.Text;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>Figures and traces by OTLP, as a receiver gets them.</summary>
public sealed class TelemetryTests : IDisposable
{
    private const string Script = """
        TrisulPlugin = {
          id = { name = "Traced", description = "a task for each packet" },
          simplecounter = {
            protocol_guid = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}",
            onpacket = function(engine, layer)
              T.async:schedule { name = "look-up", data = "x", onexecute = function(arg) return arg end, onresult = function() end }
            end,
          },
        }
        """;

    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task Otlp_ReceiverThatIsThere_GetsFiguresAndTracesOfTasks()
    {
        Recording recording = Recording.Of(Http.Get("/a"), Http.Ok([1, 2, 3]));
        recording.Save(_workspace.PathOf("a.pcap"));
        int port = Mirror.FreePort(SocketType.Stream);
        using var receiver = new HttpListener { Prefixes = { $"http://127.0.0.1:{port}/" } };
        receiver.Start();
        Task<Dictionary<string, string>> got = Receive(receiver);

        Outcome run = await Probe.Run(
            _workspace,
            "-r",
            "a.pcap",
            "-q",
            "-s",
            _workspace.Write("traced.lua", Script),
            "--otlp",
            $"http://127.0.0.1:{port}",
            "--trace-sample",
            "1"
        );
        run.MustExit(0);
        receiver.Stop();
        Dictionary<string, string> texts = await got;

        Assert.Contains("spillway_packets_total", texts["/v1/metrics"], StringComparison.Ordinal);
        Assert.Contains("spillway_script_calls_total", texts["/v1/metrics"], StringComparison.Ordinal);
        Assert.All(
            (string[])["task", "submit", "wait", "run", "deliver", "traced.lua", "look-up", "Succeeded"],
            word => Assert.Contains(word, texts["/v1/traces"], StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Otlp_ReceiverThatIsAway_CostsTheRunNothing()
    {
        Recording.Of(Http.Get("/a"), Http.Ok([1, 2, 3])).Save(_workspace.PathOf("a.pcap"));

        Outcome run = await Probe.Run(_workspace, "-r", "a.pcap", "-q", "--otlp", $"http://127.0.0.1:{Mirror.FreePort(SocketType.Stream)}");

        run.MustExit(0);
        Assert.Empty(run.Told);
    }

    // What came, by path: names and values are texts in protobuf as they are.
    private static async Task<Dictionary<string, string>> Receive(HttpListener receiver)
    {
        var texts = new Dictionary<string, string>();
        try
        {
            while (true)
            {
                HttpListenerContext context = await receiver.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                string path = context.Request.Url!.AbsolutePath;
                Assert.Equal("application/x-protobuf", context.Request.ContentType);
                texts[path] = texts.GetValueOrDefault(path) + Encoding.Latin1.GetString(body.ToArray());
                context.Response.ContentType = "application/x-protobuf";
                context.Response.Close();
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
        {
            return texts; // it was stopped
        }
    }
}
