using Spillway.EndToEnd.Running;

namespace Spillway.EndToEnd;

/// <summary>What <c>spillway completion</c> prints, in the shells that it is for.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task Line_WithABeginning_HasTheWordsThatMayFollow()
    {
        Outcome run = (await Probe.Command(_workspace, "completion", "--line", "spillway scripts ch")).MustExit(0);

        Assert.Equal("check", run.Output.Trim());
    }

    [Theory]
    [InlineData(
        "bash",
        "COMP_LINE='spillway scripts ch' COMP_POINT=19 COMP_WORDS=(spillway scripts ch) COMP_CWORD=2; _spillway; echo \"$COMPREPLY\""
    )]
    [InlineData("zsh", "_files() { :; }; compadd() { print -l -- ${(P)2}; }; words=(spillway scripts ch) CURRENT=3; _spillway")]
    [InlineData("fish", "complete -C 'spillway scripts ch'")]
    public async Task Script_InItsShell_CompletesACommand(string shell, string line)
    {
        Assert.SkipUnless(Tool.IsThere(shell), $"{shell} is missing");
        string bin = Directory.CreateDirectory(_workspace.PathOf("bin")).FullName;
        File.CreateSymbolicLink(Path.Combine(bin, "spillway"), Probe.Executable);
        string load =
            shell == "fish" ? "spillway completion fish | source"
            : shell == "zsh" ? "compdef() { :; }; eval \"$(spillway completion zsh)\""
            : "eval \"$(spillway completion)\"";
        _workspace.Write("complete", System.Text.Encoding.UTF8.GetBytes($"{load}\n{line}\n"));

        Outcome run = (await Probe.Shell(_workspace, $"PATH={bin}:$PATH HOME=$PWD {shell} complete")).MustExit(0);

        Assert.Equal("check", run.Output.Split('\t', '\n')[0]);
    }
}
