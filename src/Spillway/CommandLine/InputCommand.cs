using System.CommandLine;
using Spillway.Run;

namespace Spillway.CommandLine;

/// <summary><c>spillway input</c>: packets, flow records and alerts that a script makes, through the same pipeline as captures.</summary>
internal static class InputCommand
{
    private static readonly Argument<string> Script = new("script")
    {
        Description = "Lua script with an inputfilter block: its step function makes the packets or flow records, step_alert alerts",
        HelpName = "SCRIPT",
    };

    private static readonly Argument<string?> Data = new("data")
    {
        Description = "Text for the script, as T.args: most take the path of a file",
        HelpName = "DATA",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command("input", "Run a script that makes the input: packets, flow records, alerts") { Script, Data };
        PipelineCommandLine.AddTo(command);
        Script.Validators.Add(result =>
        {
            if (result.GetValue(Script) is { } path && !File.Exists(path))
                result.AddError($"script {path}: no such file; the input is made by one .lua file");
        });
        command.SetAction(result =>
        {
            RunOptions options = PipelineCommandLine.ToOptions(result);
            return Probe.Execute(options with { Input = result.GetValue(Script), Arguments = result.GetValue(Data) ?? options.Arguments });
        });
        return command;
    }
}
