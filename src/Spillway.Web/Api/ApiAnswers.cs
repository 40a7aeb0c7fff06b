using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Spillway.Questions;
using Spillway.Web.Data;
using Spillway.Web.Pages;

namespace Spillway.Web.Api;

/// <summary>Answers questions of programs.</summary>
internal sealed class ApiAnswers(WebOptions options, StoreDoor door)
{
    /// <summary>Most rows of an answer in JSON, which is put together in memory.</summary>
    public const int MaxRows = 10_000;

    /// <summary>Most rows of an answer in lines, CSV or JSON.</summary>
    public const int MaxLines = 1_000_000;

    private const int UsualRows = 100;

    // Whoever saves a table waits longer than whoever looks at one.
    private const int PatienceOfLines = 15;

    /// <summary>Answers a route.</summary>
    public async Task Answer(HttpContext context, ApiRoute route)
    {
        Dictionary<string, string> query = QueryOf(context);
        string format = query.GetValueOrDefault("format") is { Length: > 0 } given ? given : "json";
        if (
            route.Parameters.FirstOrDefault(each => each.IsRequired && query.GetValueOrDefault(each.Name) is not { Length: > 0 }) is
            { } missing
        )
        {
            await Problem(context, StatusCodes.Status400BadRequest, $"{missing.Name} is missing: {missing.Description}");
            return;
        }

        if (format is not ("json" or "jsonl" or "csv"))
        {
            await Problem(context, StatusCodes.Status400BadRequest, $"format '{format}' is none: json, jsonl, csv");
            return;
        }

        int most = format == "json" ? MaxRows : MaxLines;
        int limit =
            int.TryParse(query.GetValueOrDefault("limit"), out int rows) ? Math.Clamp(rows, 1, most)
            : format == "json" ? UsualRows
            : most;
        try
        {
            using var body = new MemoryStream();
            await door.Ask(
                store =>
                {
                    store.GiveUpAfter(options.Patience * (format == "json" ? 1 : PatienceOfLines));
                    Write(store, route, query, format, limit, body);
                    return true;
                },
                context.RequestAborted
            );
            context.Response.ContentType = format switch
            {
                "csv" => "text/csv; charset=utf-8",
                "jsonl" => "application/jsonl; charset=utf-8",
                _ => "application/json; charset=utf-8",
            };
            if (format != "json")
                context.Response.Headers.ContentDisposition = $"attachment; filename=\"{route.Name}.{format}\"";
            body.Position = 0;
            context.Response.ContentLength = body.Length;
            await body.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
        catch (QuestionException exception)
        {
            await Problem(context, StatusCodes.Status400BadRequest, View.Words(exception.Message));
        }
        catch (StoreReadException exception)
        {
            await Problem(
                context,
                StatusCodes.Status503ServiceUnavailable,
                exception.IsTooSlow ? "this takes too long: narrow the time or the filter" : exception.Message
            );
        }
    }

    /// <summary>The story of a host.</summary>
    public async Task Host(HttpContext context)
    {
        Dictionary<string, string> query = QueryOf(context);
        try
        {
            string text = await door.Ask(
                store =>
                {
                    store.GiveUpAfter(options.Patience * PatienceOfLines);
                    QuestionScope scope = QuestionScope.Of(store, View.Asked(query, UsualRows, isReversed: false));
                    using var writer = new StringWriter();
                    new AnswerData(writer, isUtc: true).WriteJson(HostStory.Tell(store, scope, query.GetValueOrDefault("address") ?? ""));
                    return writer.ToString();
                },
                context.RequestAborted
            );
            context.Response.ContentType = "application/json; charset=utf-8";
            await context.Response.WriteAsync(text, context.RequestAborted);
        }
        catch (QuestionException exception)
        {
            await Problem(context, StatusCodes.Status400BadRequest, View.Words(exception.Message));
        }
        catch (StoreReadException exception)
        {
            await Problem(context, StatusCodes.Status503ServiceUnavailable, exception.Message);
        }
    }

    /// <summary>The document of the API.</summary>
    public async Task Document(HttpContext context)
    {
        string text;
        try
        {
            text = await door.Ask(store => OpenApi.Write(options.Version, route => ColumnsOf(store, route)), context.RequestAborted);
        }
        catch (Exception exception) when (exception is QuestionException or StoreReadException)
        {
            text = OpenApi.Write(options.Version, _ => null);
        }

        context.Response.ContentType = "application/json; charset=utf-8";
        await context.Response.WriteAsync(text, context.RequestAborted);
    }

    /// <summary>A problem as RFC 9457 has it.</summary>
    public static async Task Problem(HttpContext context, int status, string detail)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        using var buffer = new MemoryStream();
        await using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("status", status);
            json.WriteString("detail", SafeText.Clean(detail));
            json.WriteEndObject();
        }

        await context.Response.Body.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), context.RequestAborted);
    }

    /// <summary>The query of a request, the last value of each name.</summary>
    public static Dictionary<string, string> QueryOf(HttpContext context) =>
        context.Request.Query.ToDictionary(pair => pair.Key, pair => pair.Value.LastOrDefault() ?? "", StringComparer.Ordinal);

    private static void Write(
        QuestionStore store,
        ApiRoute route,
        Dictionary<string, string> query,
        string format,
        int limit,
        MemoryStream body
    )
    {
        QuestionScope scope = QuestionScope.Of(store, View.Asked(query, limit, query.GetValueOrDefault("reverse") == "1"));
        Answer answer = route.Ask(store, scope, query) with { Limit = limit };
        if (query.GetValueOrDefault("fields") is { Length: > 0 } fields)
            answer = answer.Only(fields);
        if (format == "json")
        {
            WriteJson(answer, scope, limit, body);
            return;
        }

        using var writer = new StreamWriter(body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        var data = new AnswerData(writer, isUtc: true);
        _ = format == "csv" ? data.WriteCsv(answer) : data.WriteJson(answer);
    }

    private static void WriteJson(Answer answer, QuestionScope scope, int limit, MemoryStream body)
    {
        var data = new AnswerData(TextWriter.Null, isUtc: true);
        using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        json.WriteString("title", answer.Title);
        json.WriteString("scope", scope.Heading);
        json.WriteStartArray("rows");
        int count = 0;
        foreach (object?[] row in answer.Rows)
        {
            if (++count > limit)
                break;
            data.WriteObject(json, answer, row);
        }

        json.WriteEndArray();
        json.WriteBoolean("more", count > limit);
        json.WriteEndObject();
    }

    // Rows are read when they are asked for, columns are known at once; what a store does not have has none.
    private static IReadOnlyList<AnswerColumn>? ColumnsOf(QuestionStore store, ApiRoute route)
    {
        try
        {
            var query = route.Parameters.ToDictionary(
                each => each.Name,
                each =>
                    each.Name == "group" ? "hosts"
                    : each.Name == "key" ? "total"
                    : ""
            );
            foreach (string name in query.Where(pair => pair.Value.Length == 0).Select(pair => pair.Key).ToArray())
            {
                if (!route.Parameters.First(each => each.Name == name).IsRequired)
                    query.Remove(name);
            }

            if (route.Name.StartsWith("alert", StringComparison.Ordinal) || route.Name == "resources")
                query.Remove("group");
            return route.Ask(store, QuestionScope.Of(store, new QuestionRequest { Limit = 1, IsUtc = true }), query).Columns;
        }
        catch (QuestionException)
        {
            return null;
        }
    }
}
