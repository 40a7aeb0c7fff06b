using System.CommandLine;

namespace Spillway.CommandLine;

/// <summary><c>spillway serve</c>: a run of a service.</summary>
internal static class ServeCommand
{
    // Without the short name, which is the file's here.
    private static readonly Option<int?> Count = new("--count")
    {
        Description = "End after so many packets [default: all]",
        HelpName = "N",
        CustomParser = WholeNumber.Between(1, int.MaxValue, "at least 1"),
    };

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        Command command = RunCommand.Create(
            "serve",
            """
            Run as a service with a configuration file: says to systemd when packets are taken, and that it goes on

            Takes every option of 'spillway run', which go before the file. SIGTERM ends it well; SIGHUP opens logs anew and looks at
            the file, of which it reports what is wrong, or what a restart would change.

            Examples:
              spillway config init /etc/spillway/spillway.yaml   a file with every key, explained
              spillway serve -c /etc/spillway/spillway.yaml
            """,
            Count
        );
        command.Options.Add(ConfigurationCommandLine.ServiceFile);
        command.SetAction(result => RunCommand.Execute(result, Count, isService: true));
        return command;
    }
}
