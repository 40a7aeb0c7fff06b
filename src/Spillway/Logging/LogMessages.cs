using Microsoft.Extensions.Logging;

namespace Spillway.Logging;

/// <summary>What the program and its scripts have to say, each kind with its number. docs/configuration.md lists them.</summary>
internal static partial class LogMessages
{
    /// <summary>Something that was asked for is not done.</summary>
    [LoggerMessage(EventId = 100, Level = LogLevel.Error, Message = "{Text}")]
    public static partial void RunError(this ILogger log, string text);

    /// <summary>Something that the user should know.</summary>
    [LoggerMessage(EventId = 101, Level = LogLevel.Warning, Message = "{Text}")]
    public static partial void RunWarning(this ILogger log, string text);

    /// <summary>What the run does.</summary>
    [LoggerMessage(EventId = 102, Level = LogLevel.Information, Message = "{Text}")]
    public static partial void RunNotice(this ILogger log, string text);

    /// <summary>Packets are taken.</summary>
    [LoggerMessage(EventId = 110, Level = LogLevel.Information, Message = "listening on {Source}")]
    public static partial void Listening(this ILogger log, string source);

    /// <summary>What a killed run has left is found.</summary>
    [LoggerMessage(EventId = 120, Level = LogLevel.Information, Message = "recovered: {What}")]
    public static partial void Recovered(this ILogger log, string what);

    /// <summary>The configuration was looked at again.</summary>
    [LoggerMessage(EventId = 130, Level = LogLevel.Information, Message = "{Text}")]
    public static partial void Reloaded(this ILogger log, string text);

    /// <summary>The configuration is refused.</summary>
    [LoggerMessage(EventId = 131, Level = LogLevel.Warning, Message = "{Text}")]
    public static partial void ReloadRefused(this ILogger log, string text);

    /// <summary>A task took much longer than others of its script.</summary>
    [LoggerMessage(EventId = 150, Level = LogLevel.Information, Message = "slow: {Text}")]
    public static partial void SlowTask(this ILogger log, string text);

    /// <summary>T.log.</summary>
    [LoggerMessage(EventId = 200, Message = "[{Script}] {Text}")]
    public static partial void ScriptLog(this ILogger log, LogLevel level, string script, string text);

    /// <summary>A script cannot be loaded.</summary>
    [LoggerMessage(EventId = 201, Level = LogLevel.Error, Message = "[{Script}] {Text}")]
    public static partial void ScriptLoadFailure(this ILogger log, string script, string text);

    /// <summary>Something is wrong with a script, which runs.</summary>
    [LoggerMessage(EventId = 202, Level = LogLevel.Warning, Message = "[{Script}] {Text}")]
    public static partial void ScriptProblem(this ILogger log, string script, string text);

    /// <summary>A script has raised an error.</summary>
    [LoggerMessage(EventId = 203, Level = LogLevel.Error, Message = "[{Script}] {Callback}{More}: {Text}")]
    public static partial void ScriptError(this ILogger log, string script, string callback, string more, string text);

    /// <summary>A fault of the program's own in a script's call.</summary>
    [LoggerMessage(EventId = 204, Level = LogLevel.Error, Message = "[{Script}] {Text}")]
    public static partial void ScriptFault(this ILogger log, string script, string text);
}
