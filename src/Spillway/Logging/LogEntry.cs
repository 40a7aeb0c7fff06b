using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Spillway.Logging;

/// <summary>One entry of the log.</summary>
/// <param name="At">When.</param>
/// <param name="Level">How much it matters.</param>
/// <param name="Id">The number of its kind.</param>
/// <param name="IsOfScript">Whether it is a script's, or about one.</param>
/// <param name="Text">Its text, which may have several lines.</param>
internal readonly record struct LogEntry(DateTime At, LogLevel Level, int Id, bool IsOfScript, string Text)
{
    /// <summary>The line for a terminal.</summary>
    public string ForTerminal =>
        Level switch
        {
            >= LogLevel.Error => "error: " + Text,
            LogLevel.Warning => "warning: " + Text,
            _ when !IsOfScript => Text,
            LogLevel.Information => "info: " + Text,
            _ => "debug: " + Text,
        };

    /// <summary>The line for the journal of systemd: each line with the priority of syslog in front (sd-daemon(3)).</summary>
    public string ForJournal
    {
        get
        {
            string priority = Level switch
            {
                >= LogLevel.Critical => "<2>",
                LogLevel.Error => "<3>",
                LogLevel.Warning => "<4>",
                LogLevel.Information => "<6>",
                _ => "<7>",
            };
            return priority + ForTerminal.Replace("\n", "\n" + priority, StringComparison.Ordinal);
        }
    }

    /// <summary>The line for a file.</summary>
    public string ForFile =>
        string.Create(CultureInfo.InvariantCulture, $"{At:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {Word} {Id} ")
        + Text.Replace("\n", "\n    ", StringComparison.Ordinal);

    private string Word =>
        Level switch
        {
            >= LogLevel.Error => "error",
            LogLevel.Warning => "warning",
            LogLevel.Information => "info",
            _ => "debug",
        };
}
