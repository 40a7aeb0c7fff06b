using System.CommandLine;
using Spillway.Run;

namespace Spillway.CommandLine;

/// <summary><c>spillway run</c>: captures through scripts.</summary>
internal static class RunCommand
{
    private static readonly Option<string[]> Read = new("--read", "-r")
    {
        Description = "Capture files to read, one after the other: pcap or pcapng, also gzip-compressed; - is standard input",
        HelpName = "FILE",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string?> Filter = new("--filter", "-f") { Description = "Take only packets that match this BPF filter, such as 'tcp port 80'", HelpName = "BPF" };

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command("run", """
            Read captures and run scripts on them

            Examples:
              spillway run -r traffic.pcap                       count, find flows and files; then: spillway top hosts
              spillway run -r traffic.pcap -s mine.lua -o results
              spillway run -r traffic.pcap --resources all --documents all; spillway search example.com
              spillway run -r traffic.pcap --extract files --eve eve.json
            """) { Read, Filter };
        PipelineCommandLine.AddTo(command);
        Read.Validators.Add(PipelineCommandLine.RefuseOptions);
        command.SetAction(result => CaptureRun.Execute(PipelineCommandLine.ToOptions(result) with { Captures = result.GetValue(Read)!, Filter = result.GetValue(Filter) }));
        return command;
    }
}
