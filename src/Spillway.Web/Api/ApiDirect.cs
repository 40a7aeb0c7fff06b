using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Spillway.Metrics.Figures;
using Spillway.Net.Capture;
using Spillway.Net.Storage;
using Spillway.Questions;
using Spillway.Web.Data;
using Spillway.Web.Live;
using Spillway.Web.Pages;

namespace Spillway.Web.Api;

/// <summary>Routes whose answers are no rows of the store: the live run, packets, files, completion.</summary>
internal sealed class ApiDirect(Surroundings around, StoreDoor door, LiveHub hub, ApiAnswers answers)
{
    /// <summary>Most bytes of packets that are given at once.</summary>
    public const long MaxPacketBytes = 1L << 30;

    private const int MostCompletions = 12;
    private const int SafeNameLength = 120;

    private static readonly TimeSpan PatienceOfCompletion = TimeSpan.FromMilliseconds(300);

    /// <summary>A route of these.</summary>
    internal sealed record Route(
        string Name,
        string Summary,
        string MediaType,
        ApiParameter[] Parameters,
        Func<ApiDirect, HttpContext, Task> Answer
    );

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Route> Routes { get; } =
    [
        new(
            "live",
            "The run at this moment, once a second, as server-sent events",
            "text/event-stream",
            [],
            (api, context) => api.Stream(context)
        ),
        new("now", "The run at this moment: one message of live", "application/json", [], (api, context) => Json(context, api.Now())),
        new(
            "figures",
            "All figures of the run, as /metrics has them",
            "application/json",
            [],
            (api, context) => Json(context, api.Figures())
        ),
        new("scripts", "Scripts of the run", "application/json", [], (api, context) => Json(context, api.Scripts())),
        new(
            "host",
            "The story of a host",
            "application/json",
            [new("address", "address or name", IsRequired: true), new("run", "run"), new("from", "begin"), new("to", "end")],
            (api, context) => api.Host(context)
        ),
        new(
            "complete",
            "Addresses and names that begin so",
            "application/json",
            [new("q", "the beginning", IsRequired: true)],
            (api, context) => api.Complete(context)
        ),
        new(
            "flow-packets",
            "The packets of a flow, if they were stored",
            "application/vnd.tcpdump.pcap",
            [new("id", "flow id", IsRequired: true), new("from", "begin"), new("to", "end")],
            (api, context) => api.Packets(context)
        ),
        new(
            "file-content",
            "A file, if it was kept",
            "application/octet-stream",
            [new("name", "its name in the store", IsRequired: true)],
            (api, context) => api.File(context)
        ),
        new("openapi.json", "This document", "application/json", [], (api, context) => api.Document(context)),
    ];

    private Task Host(HttpContext context) => answers.Host(context);

    private Task Document(HttpContext context) => answers.Document(context);

    private string Now() => hub.Message();

    private async Task Stream(HttpContext context)
    {
        System.Threading.Channels.ChannelReader<string>? messages = hub.Join(out Action leave);
        if (messages is null)
        {
            await ApiAnswers.Problem(
                context,
                StatusCodes.Status503ServiceUnavailable,
                $"{LiveHub.MaxStreams} browsers follow the run already"
            );
            return;
        }

        try
        {
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("retry: 3000\n\n", context.RequestAborted);
            await foreach (string message in messages.ReadAllAsync(context.RequestAborted))
            {
                await context.Response.WriteAsync($"data: {message}\n\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            // The browser has gone.
        }
        finally
        {
            leave();
        }
    }

    private string Figures() =>
        WriteJson(json =>
        {
            json.WriteStartArray();
            foreach (Figure figure in around.Probe()?.Figures() ?? [])
            {
                foreach (FigureSample sample in figure.Samples)
                {
                    json.WriteStartObject();
                    json.WriteString("name", figure.Name);
                    json.WriteString("help", figure.Help);
                    foreach ((string name, string value) in sample.Labels)
                        json.WriteString(name, value);
                    json.WriteNumber("value", sample.Value);
                    json.WriteEndObject();
                }
            }

            json.WriteEndArray();
        });

    private string Scripts() =>
        WriteJson(json =>
        {
            json.WriteStartArray();
            foreach (ScriptState script in around.Probe()?.Scripts() ?? [])
            {
                json.WriteStartObject();
                json.WriteString("name", script.Name);
                json.WriteString("title", script.Title);
                json.WriteNumber("errors", script.Errors);
                json.WriteString("first_error", script.FirstError);
                json.WriteString("disabled", script.Disabled);
                json.WriteStartObject("calls");
                foreach ((string callback, long calls) in script.Callbacks)
                    json.WriteNumber(callback, calls);
                json.WriteEndObject();
                if (script.Tasks is { } tasks)
                {
                    json.WriteStartObject("tasks");
                    json.WriteNumber("submitted", tasks.Submitted);
                    json.WriteNumber("succeeded", tasks.Succeeded);
                    json.WriteNumber("failed", tasks.Failed);
                    json.WriteNumber("timed_out", tasks.TimedOut);
                    json.WriteNumber("dropped", tasks.Dropped);
                    json.WriteNumber("waiting", tasks.Waiting);
                    json.WriteNumber("running", tasks.Busy);
                    json.WriteEndObject();
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        });

    private async Task Complete(HttpContext context)
    {
        string text = ApiAnswers.QueryOf(context).GetValueOrDefault("q") ?? "";
        IReadOnlyList<string> found;
        try
        {
            found = await door.Ask(
                store =>
                {
                    store.GiveUpAfter(PatienceOfCompletion);
                    return CompletionQuestion.Ask(store, text, MostCompletions);
                },
                context.RequestAborted
            );
        }
        catch (Exception exception) when (exception is QuestionException or StoreReadException)
        {
            found = [];
        }

        await Json(
            context,
            WriteJson(json =>
            {
                json.WriteStartArray();
                foreach (string each in found)
                    json.WriteStringValue(SafeText.Clean(each));
                json.WriteEndArray();
            })
        );
    }

    private async Task Packets(HttpContext context)
    {
        Dictionary<string, string> query = ApiAnswers.QueryOf(context);
        if (around.Options.Packets is not { } directory)
        {
            await ApiAnswers.Problem(context, StatusCodes.Status404NotFound, "packets were not stored: run with --packets DIR");
            return;
        }

        if (FlowName.TryParse(query.GetValueOrDefault("id") ?? "") is not { } flow)
        {
            await ApiAnswers.Problem(context, StatusCodes.Status400BadRequest, "id is no flow id");
            return;
        }

        // A slow reader must not hold the store of packets open: they are put into a file first.
        string path = Path.GetTempFileName();
        try
        {
            int written = await Task.Run(() => WritePackets(directory, new PacketQuery { Flow = flow }, path), context.RequestAborted);
            if (written == 0)
            {
                await ApiAnswers.Problem(context, StatusCodes.Status404NotFound, "no packet of this flow is stored");
                return;
            }

            await Download(context, path, "flow.pcap", "application/vnd.tcpdump.pcap");
        }
        catch (Exception exception) when (exception is CaptureException or IOException or UnauthorizedAccessException)
        {
            await ApiAnswers.Problem(context, StatusCodes.Status404NotFound, exception.Message);
        }
        finally
        {
            System.IO.File.Delete(path);
        }
    }

    private static int WritePackets(string directory, PacketQuery query, string path)
    {
        using PacketStoreReader store = PacketStoreReader.Open(directory);
        using PacketQueryReader packets = store.Read(query);
        CaptureWriter? writer = null;
        LinkType? linkType = null;
        long bytes = 0;
        int count = 0;
        try
        {
            while (bytes < MaxPacketBytes && packets.TryRead(out CapturedPacket packet, out _))
            {
                linkType ??= packet.LinkType;
                writer ??= CaptureWriter.Create(path, packet.LinkType);
                // One capture has one link type.
                if (packet.LinkType != linkType)
                    continue;
                writer.Write(packet.TimestampNs, packet.Data, packet.WireLength);
                bytes += packet.Data.Length;
                count++;
            }
        }
        finally
        {
            writer?.Dispose();
        }

        return count;
    }

    private async Task File(HttpContext context)
    {
        string name = ApiAnswers.QueryOf(context).GetValueOrDefault("name") ?? "";
        if (around.Options.Files is not { } directory || KeptFile.Find(directory, name) is not { } path)
        {
            await ApiAnswers.Problem(context, StatusCodes.Status404NotFound, "this file was not kept: run with --extract DIR");
            return;
        }

        await Download(context, path, SafeName(name), "application/octet-stream");
    }

    // Whatever it is, a browser only saves it.
    private static async Task Download(HttpContext context, string path, string name, string mediaType)
    {
        await using FileStream content = KeptFile.Open(path);
        context.Response.ContentType = mediaType;
        context.Response.ContentLength = content.Length;
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
        context.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        await content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private static string SafeName(string name)
    {
        string safe = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '_'));
        return safe.Length > SafeNameLength ? safe[^SafeNameLength..] : safe;
    }

    private static Task Json(HttpContext context, string text)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }

    private static string WriteJson(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
            write(json);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
