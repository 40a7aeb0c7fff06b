using System.Text;
using Spillway.Async;
using Spillway.Scripting.Backend;
using static Spillway.Scripting.Tests.Backend.BackendHarness;

namespace Spillway.Scripting.Tests.Backend;

/// <summary>A run of weeks: scripts change, come and go all the time, and what is kept of them does not grow. No figure is lost.</summary>
public sealed class LongLifeTests : IDisposable
{
    private readonly BackendHarness _run = new(new BackendOptions { MaxGoneScripts = 3 });

    public LongLifeTests() => _run.Host.Apply = change => _run.Loader.Apply(change, _run.Host);

    private long Pending => _run.Host.Lane.Async.Pending;

    private AsyncRuntime Runtime => _run.Host.Lane.Async.Runtime;

    public void Dispose() => _run.Dispose();

    [Fact]
    public void Script_ThatChangesAgainAndAgain_KeepsOneOfEverything_AndAllFigures()
    {
        const int Changes = 150;
        for (int i = 1; i <= Changes; i++)
            Change("a.lua", Counting(i));

        Assert.Equal(Changes, _run.Host.Counters.Reloads);
        Assert.Equal((0, 1), (_run.Host.Retired.LeavingCount, _run.Host.Retired.NamedCount));
        AsyncPool pool = Assert.Single(Runtime.Pools);
        Assert.Equal(1, pool.ClientCount);
        Assert.Equal(1, _run.Host.Plugins.Single().Code.Count);
        ScriptFigures figures = Assert.Single(_run.Host.GetFigures());
        Assert.Equal((2 * Changes) - 1, figures.Tasks!.Submitted); // the last one's onunload is still to come
        Assert.Equal(figures.Tasks.Submitted, figures.Tasks.Succeeded);
        _run.End().MustBeQuiet();
    }

    [Fact]
    public void Scripts_ThatComeAndGo_LeaveNothingButTheirFigures()
    {
        const int Scripts = 150;
        for (int i = 1; i <= Scripts; i++)
        {
            Change(
                $"s{i}.lua",
                Plugin("engine_monitor = { onbeginflush = function() end }, onload = function() T.async:rm('/none/x') end")
            );
            Assert.Equal((1, 1), (_run.Loader.KnownFiles, Runtime.Pools.Count));
            Change($"s{i}.lua", null);
        }

        Assert.Equal((0, 3), (_run.Host.Retired.LeavingCount, _run.Host.Retired.NamedCount));
        Assert.Equal(0, _run.Loader.KnownFiles);
        Assert.Empty(Runtime.Pools);
        IReadOnlyList<ScriptFigures> figures = _run.Host.GetFigures();
        Assert.Equal(["s148.lua", "s149.lua", "s150.lua", "147 more that are gone"], figures.Select(script => script.Name));
        Assert.Equal([1, 1, 1, Scripts - 3], figures.Select(script => script.Tasks!.Succeeded));
        Assert.Equal(Scripts, Runtime.Ended!.Succeeded);
        Assert.Equal($"{Scripts} scripts that are gone", Runtime.Ended.Plugin);
        _run.End().MustBeQuiet();
    }

    private static string Counting(int number) =>
        Plugin(
            $$"""
            engine_monitor = { onbeginflush = function() end },
            onload = function() T.async:schedule { onexecute = loadstring('return {{number}}'), onresult = function() end } end,
            onunload = function() T.async:schedule { onexecute = loadstring('return -{{number}}') } end,
            """
        );

    /// <summary>One change, and all that follows from it: tasks that it leaves are waited for.</summary>
    private void Change(string name, string? source)
    {
        _run.Host.Submit([
            new ScriptChange(Path.Combine(_run.Directory, name), source is null ? null : Encoding.UTF8.GetBytes(source), Named: true),
        ]);
        do _run.Settle();
        while (_run.Host.HasChanges);
        do _run.Settle(); // the change itself has been carried out only when this is seen
        while (Pending > 0 || _run.Host.HasGone || _run.Host.Retired.LeavingCount > 0);
    }
}
