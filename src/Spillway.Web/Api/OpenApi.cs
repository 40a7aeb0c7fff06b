using System.Text;
using System.Text.Json;
using Spillway.Questions;

namespace Spillway.Web.Api;

/// <summary>The document of the API, made from the routes themselves. A test asks each route and holds the answer against it.</summary>
internal static class OpenApi
{
    private static readonly ApiParameter[] Common =
    [
        new("run", "number of the run, or all"),
        new("from", $"from this time on: {QuestionTime.Examples}"),
        new("to", "up to this time, with it"),
        new("limit", "most rows"),
        new("format", "json (usual), jsonl or csv"),
        new("fields", "only these fields, joined by commas"),
    ];

    /// <summary>Writes it.</summary>
    /// <param name="version">Of the program.</param>
    /// <param name="columns">The columns of a route's answer with the store at hand; null if they are not known.</param>
    public static string Write(string version, Func<ApiRoute, IReadOnlyList<AnswerColumn>?> columns)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("openapi", "3.1.0");
            json.WriteStartObject("info");
            json.WriteString("title", "Spillway");
            json.WriteString("version", version);
            json.WriteString("description", "What a run found. Rows are those of --json of the command line; new fields may come.");
            json.WriteEndObject();
            json.WriteStartObject("paths");
            foreach (ApiRoute route in ApiRoute.All)
                WriteRoute(json, route, columns(route));
            foreach (ApiDirect.Route route in ApiDirect.Routes)
                WriteDirect(json, route);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void WriteRoute(Utf8JsonWriter json, ApiRoute route, IReadOnlyList<AnswerColumn>? columns)
    {
        json.WriteStartObject("/api/v1/" + route.Name);
        json.WriteStartObject("get");
        json.WriteString("operationId", route.Name);
        json.WriteString("summary", route.Summary);
        WriteParameters(json, [.. route.Parameters, .. Common]);
        json.WriteStartObject("responses");
        json.WriteStartObject("200");
        json.WriteString("description", "The answer; without rows too");
        json.WriteStartObject("content");
        json.WriteStartObject("application/json");
        json.WriteStartObject("schema");
        json.WriteString("type", "object");
        WriteRequired(json, "title", "scope", "more", "rows");
        json.WriteStartObject("properties");
        WriteType(json, "title", "string", "what it is");
        WriteType(json, "scope", "string", "which run and time");
        WriteType(json, "more", "boolean", "whether there are more rows than limit");
        json.WriteStartObject("rows");
        json.WriteString("type", "array");
        json.WriteStartObject("items");
        json.WriteString("type", "object");
        json.WriteStartObject("properties");
        foreach (AnswerColumn column in (columns ?? []).Where(column => column.Place != ColumnPlace.Table))
            WriteColumn(json, column);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartObject("text/csv");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        WriteProblem(json, "400", "The question is wrong; the message says how");
        WriteProblem(json, "401", "Nobody is logged in");
        WriteProblem(json, "503", "The answer took too long: ask for less");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteDirect(Utf8JsonWriter json, ApiDirect.Route route)
    {
        json.WriteStartObject("/api/v1/" + route.Name);
        json.WriteStartObject("get");
        json.WriteString("operationId", route.Name);
        json.WriteString("summary", route.Summary);
        WriteParameters(json, route.Parameters);
        json.WriteStartObject("responses");
        json.WriteStartObject("200");
        json.WriteString("description", route.Summary);
        json.WriteStartObject("content");
        json.WriteStartObject(route.MediaType);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        WriteProblem(json, "404", "There is none");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteParameters(Utf8JsonWriter json, IEnumerable<ApiParameter> parameters)
    {
        json.WriteStartArray("parameters");
        foreach (ApiParameter parameter in parameters)
        {
            json.WriteStartObject();
            json.WriteString("name", parameter.Name);
            json.WriteString("in", "query");
            json.WriteBoolean("required", parameter.IsRequired);
            json.WriteString("description", parameter.Description);
            json.WriteStartObject("schema");
            json.WriteString("type", "string");
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteColumn(Utf8JsonWriter json, AnswerColumn column)
    {
        json.WriteStartObject(column.Name);
        json.WriteStartArray("type");
        string type = column.Kind switch
        {
            ValueKind.Text or ValueKind.Lines or ValueKind.Time or ValueKind.Window => "string",
            ValueKind.Count => "integer",
            ValueKind.Json => "",
            _ => "number",
        };
        if (type.Length > 0)
        {
            json.WriteStringValue(type);
        }
        else
        {
            json.WriteStringValue("object");
            json.WriteStringValue("array");
        }

        json.WriteStringValue("null");
        json.WriteEndArray();
        if (column.IsTime)
            json.WriteString("format", "date-time");
        json.WriteString("description", column.Title);
        json.WriteEndObject();
    }

    private static void WriteType(Utf8JsonWriter json, string name, string type, string description)
    {
        json.WriteStartObject(name);
        json.WriteString("type", type);
        json.WriteString("description", description);
        json.WriteEndObject();
    }

    private static void WriteRequired(Utf8JsonWriter json, params string[] names)
    {
        json.WriteStartArray("required");
        foreach (string name in names)
            json.WriteStringValue(name);
        json.WriteEndArray();
    }

    private static void WriteProblem(Utf8JsonWriter json, string status, string description)
    {
        json.WriteStartObject(status);
        json.WriteString("description", description);
        json.WriteEndObject();
    }
}
