using System.Globalization;
using Spectre.Console;
using Spillway.Metrics.Records;

namespace Spillway.Report;

/// <summary>The summary as bare lines.</summary>
internal static class PlainReport
{
    /// <summary>Writes it.</summary>
    public static void Write(IAnsiConsole console, RunSummary summary)
    {
        foreach (FileRecord file in summary.Files.All)
            console.Profile.Out.Writer.WriteLine($"{file.Size,10} {file.Sha1,-40} {file.End} {file.Host}{file.Uri}");
        foreach (ScriptSummary script in summary.Scripts)
            console.Profile.Out.Writer.WriteLine($"{script.Name}: {script.Errors} errors");
        console.Profile.Out.Writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{summary.Traffic.Packets} packets in {summary.WallTime.TotalSeconds:N2} s"));
    }
}
