using System.CommandLine;
using Spillway.Net.Tcp;

namespace Spillway.CommandLine;

/// <summary>The option that says what a wrong checksum means.</summary>
internal static class ChecksumsCommandLine
{
    private static readonly Option<string> Checksums = new("--checksums")
    {
        Description =
            "Packets with a wrong IP, TCP or UDP checksum: auto (left out, unless nearly all of their sender are "
            + "wrong), check (left out), ignore (taken)",
        HelpName = "MODE",
        DefaultValueFactory = _ => "auto",
    };

    /// <summary>Adds the option.</summary>
    public static void AddTo(Command command)
    {
        command.Options.Add(Checksums);
        Checksums.AcceptOnlyFromAmong("auto", "check", "ignore");
    }

    /// <summary>What was asked for.</summary>
    public static ChecksumPolicy ToPolicy(ParseResult result) => Enum.Parse<ChecksumPolicy>(result.GetValue(Checksums)!, ignoreCase: true);
}
