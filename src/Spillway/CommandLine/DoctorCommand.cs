using System.CommandLine;
using Spillway.Life;
using Spillway.Machine;
using Spillway.Net.Files;

namespace Spillway.CommandLine;

/// <summary><c>spillway doctor</c>: what this machine lacks, and the line that mends it.</summary>
internal static class DoctorCommand
{
    private static readonly Option<string> Output = new("--output", "-o")
    {
        Description = "Where results are to be written",
        HelpName = "DIR",
        DefaultValueFactory = _ => ".",
    };

    private static readonly Option<string> Ram = new("--ramfs")
    {
        Description = "Where extracted files are to lie until their tasks are done",
        HelpName = "DIR",
        DefaultValueFactory = _ => RamDirectory.DefaultRoot,
    };

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command(
            "doctor",
            """
            Look at this machine: libraries, rights, interfaces, room, limits; for each lack the line that mends it

            The exit code is 1 if something is lacking that captures or scripts need.
            """
        )
        {
            Output,
            Ram,
        };
        command.SetAction(result => Examine(result.GetValue(Output)!, result.GetValue(Ram)!));
        return command;
    }

    private static int Examine(string output, string ram)
    {
        bool lacks = false;
        foreach (Finding finding in Examination.All(output, ram))
        {
            lacks |= finding.Severity == FindingSeverity.Lacking;
            string word = finding.Severity switch
            {
                FindingSeverity.Good => "ok",
                FindingSeverity.Advice => "note",
                _ => "lacking",
            };
            Console.Out.WriteLine($"{word, -8} {SafeText.Clean(finding.Text)}");
            if (finding.Remedy is { } remedy)
                Console.Out.WriteLine($"         {SafeText.Clean(remedy)}");
        }

        return lacks ? ExitCodes.Failed : ExitCodes.Good;
    }
}
