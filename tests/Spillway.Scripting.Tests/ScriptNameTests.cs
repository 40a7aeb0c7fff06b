using Spillway.Scripting.Loading;

namespace Spillway.Scripting.Tests;

/// <summary>Scripts that have one file name are two scripts, in messages, figures and pools.</summary>
public class ScriptNameTests
{
    [Fact]
    public void Names_OfFilesThatShareOne_AreTheShortestThatTellThemApart()
    {
        var names = new ScriptNames();
        names.Add(["/s/lab/x.lua", "/s/site/x.lua", "/t/site/x.lua", "/s/y.lua"]);

        Assert.Equal("lab/x.lua", names.NameOf("/s/lab/x.lua"));
        Assert.Equal("s/site/x.lua", names.NameOf("/s/site/x.lua"));
        Assert.Equal("t/site/x.lua", names.NameOf("/t/site/x.lua"));
        Assert.Equal("y.lua", names.NameOf("/s/y.lua"));
    }

    [Fact]
    public void Names_OfFilesThatComeLater_LeaveThoseGivenAsTheyAre()
    {
        var names = new ScriptNames();
        names.Add(["/s/x.lua"]);

        Assert.Equal("t/x.lua", names.NameOf("/t/x.lua"));
        Assert.Equal("/x.lua", names.NameOf("/x.lua"));
        Assert.Equal("x.lua", names.NameOf("/s/x.lua"));
    }

    [Fact]
    public void Scripts_OfOneFileName_RunTheirOwnTasksAndAreNamedApart()
    {
        using var harness = new ScriptHarness();
        string[] paths = [.. new[] { "a", "b" }.Select(directory => Path.Combine(harness.Directory, directory, "x.lua"))];
        foreach (string path in paths)
        {
            string which = Path.GetFileName(Path.GetDirectoryName(path)!);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(
                path,
                ScriptHarness.Plugin(
                    $$"""
                    onload = function()
                      T.async:schedule { onexecute = function() return '{{which}}' end, onresult = function(_, _, result) print('{{which}} got ' .. result) end }
                    end
                    """
                )
            );
        }

        using ScriptHost host = harness.Loader.Load([.. paths.Select(path => (path, true))], harness.Lane);
        harness.Drain();

        Assert.Equal(["a got a", "b got b"], harness.Output.Printed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
        Assert.Equal(["a/x.lua", "b/x.lua"], host.GetFigures().Select(script => script.Name));
        Assert.Equal(2, host.GetFigures().Select(script => script.Pool).Distinct().Count());
    }

    [Fact]
    public void Directory_WithAToolThatNeverSaysTrisulPlugin_DoesNotRunItAndCountsIt()
    {
        using var harness = new ScriptHarness();
        string tool = Path.Combine(harness.Directory, "tool.lua"),
            plugin = Path.Combine(harness.Directory, "plugin.lua");
        File.WriteAllText(tool, "print('the tool ran')");
        File.WriteAllText(plugin, ScriptHarness.Plugin("onload = function() print('the plugin ran') end"));

        using ScriptHost host = harness.Loader.Load([(plugin, false), (tool, false)], harness.Lane);

        Assert.Equal("the plugin ran\n", harness.Output.Printed);
        Assert.Contains("Information: 1 file without TrisulPlugin was skipped", harness.Output.Logs);
        Assert.Equal(1, host.FilesSkipped);
    }

    [Fact]
    public void Directory_OfToolsOnly_IsTold()
    {
        using var harness = new ScriptHarness();
        string tool = Path.Combine(harness.Directory, "tool.lua");
        File.WriteAllText(tool, "os.exit(1)");

        using ScriptHost host = harness.Loader.Load([(tool, false)], harness.Lane);

        Assert.Equal("1 file without TrisulPlugin was skipped: no script is there to run", Assert.Single(harness.Output.Problems));
    }
}
