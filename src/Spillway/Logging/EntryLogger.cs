using Microsoft.Extensions.Logging;

namespace Spillway.Logging;

/// <summary>Gives what is logged to whoever writes it, as entries. Any thread.</summary>
/// <param name="isOfScript">Whether it is for the scripts' entries: those have a level from which on they are shown.</param>
/// <param name="level">That level.</param>
/// <param name="write">Takes entries.</param>
internal sealed class EntryLogger(bool isOfScript, Func<LogLevel> level, Action<LogEntry> write) : ILogger
{
    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    // What the program has to say is little, and always shown.
    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) =>
        logLevel != LogLevel.None && (logLevel >= level() || (!isOfScript && logLevel >= LogLevel.Information));

    /// <inheritdoc/>
    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    )
    {
        if (IsEnabled(logLevel))
            write(new LogEntry(DateTime.UtcNow, logLevel, eventId.Id, isOfScript, formatter(state, exception)));
    }
}
