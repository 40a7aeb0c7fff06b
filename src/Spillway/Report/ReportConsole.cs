using Spectre.Console;

namespace Spillway.Report;

/// <summary>Makes the console that reports are written to.</summary>
public static class ReportConsole
{
    // Wide enough that nothing important is cut in a file, and no line is absurd.
    private const int WidthOfFiles = 160;

    /// <summary>The console of the process: colours on a terminal only, and not if <c>NO_COLOR</c> is set (https://no-color.org).</summary>
    public static IAnsiConsole ForStandardOutput() =>
        Console.IsOutputRedirected
            ? Create(Console.Out, WidthOfFiles, hasColors: false)
            : Create(Console.Out, null, hasColors: string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")));

    /// <summary>A console on any writer.</summary>
    /// <param name="writer">Where text goes.</param>
    /// <param name="width">Columns; null for the terminal's own.</param>
    /// <param name="hasColors">False writes no escape sequence at all.</param>
    public static IAnsiConsole Create(TextWriter writer, int? width, bool hasColors)
    {
        IAnsiConsole console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Out = new AnsiConsoleOutput(writer),
                Ansi = hasColors ? AnsiSupport.Detect : AnsiSupport.No,
                ColorSystem = hasColors ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
                Interactive = InteractionSupport.No,
            }
        );
        if (width is { } columns)
            console.Profile.Width = columns;
        return console;
    }
}
