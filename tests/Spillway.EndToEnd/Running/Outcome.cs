using System.Text.Json.Nodes;

namespace Spillway.EndToEnd.Running;

/// <summary>What a run of the program has left to be seen.</summary>
public sealed record Outcome(int ExitCode, string Output, string Error)
{
    private static readonly string[] NotPrinted = ["error:", "warning:", "stack traceback:", "\t"];

    /// <summary>Lines of standard error: what the user is told.</summary>
    public string[] Told => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The summary that <c>--json</c> prints.</summary>
    public JsonNode Json => JsonNode.Parse(Output) ?? throw new InvalidOperationException("no summary: " + Error);

    /// <summary>The files of the summary.</summary>
    public IReadOnlyList<JsonNode> Files => [.. Json["files"]!.AsArray().Select(file => file!)];

    /// <summary>What scripts printed, when the summary is JSON: standard error without what the program tells.</summary>
    public string[] Prints => [.. Told.Where(line => !NotPrinted.Any(start => line.StartsWith(start, StringComparison.Ordinal)))];

    /// <summary>The exit code, with all that was said if it is not the expected one.</summary>
    public Outcome MustExit(int expected)
    {
        Assert.True(ExitCode == expected, $"exit code {ExitCode}, not {expected}\n{Error}\n{Output}");
        return this;
    }

    /// <summary>Text of a field of the summary.</summary>
    public string Value(string name) => Json[name]?.ToString() ?? "";
}
