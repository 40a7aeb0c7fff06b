using Spillway.Scripting.Backend;
using Spillway.Scripting.Loading;
using static Spillway.Scripting.Tests.Backend.BackendHarness;

namespace Spillway.Scripting.Tests.Backend;

/// <summary>Backend scripts that come, change and go while the stream flows: the real watcher, loader and writer.</summary>
public sealed class ReloadTests : IDisposable
{
    private readonly ScriptFolder _folder = new();

    [Fact]
    public void NewScript_IsLoaded_AndSeesTheStreamFromThenOn()
    {
        using ReloadHarness run = Start();
        run.Backend.Alert("before");
        run.Write(
            "a.lua",
            Plugin(
                "alert_monitor = { alert_guid = '{B5F1DECB-51D5-4395-B71B-6FA730B772D9}', onnewalert = "
                    + "function(engine, a) print(a:sigid()) end }"
            )
        );
        run.Backend.Alert("after");
        run.Backend.End().MustBeQuiet();

        Assert.Equal(["after"], run.Backend.Printed);
        Assert.Equal(["before", "after"], run.Backend.Store.Alerts.Select(alert => alert.Key));
        Assert.Equal(1, run.Counters.Reloads);
        Assert.Contains(run.Backend.Output.Logs, line => line == "Information: loaded");
    }

    [Fact]
    public void ChangedScript_IsUnloaded_AndLoadedAnew()
    {
        _folder.Write("a.lua", LifeOf("old"));
        using ReloadHarness run = Start("a.lua");
        run.Write("a.lua", LifeOf("new"));
        run.Backend.End().MustBeQuiet();

        // Each is looked at once before it is loaded.
        Assert.Equal(
            ["load old", "unload old", "load old", "load new", "unload new", "unload old", "load new", "flush new", "unload new"],
            run.Backend.Printed
        );
        Assert.Equal(1, run.Counters.Reloads);
        Assert.Contains(run.Backend.Output.Logs, line => line == "Information: loaded anew");
    }

    [Fact]
    public void RemovedScript_IsUnloaded_AndWhatItWatchedGoesBy()
    {
        _folder.Write(
            "a.lua",
            Plugin(
                "onunload = function() print 'unload' end, alert_monitor = { alert_guid = "
                    + "'{B5F1DECB-51D5-4395-B71B-6FA730B772D9}', flushfilter = function() return false end }"
            )
        );
        using ReloadHarness run = Start("a.lua");
        run.Backend.Alert("kept");
        run.Delete("a.lua");
        run.Backend.Alert("later");
        run.Backend.End().MustBeQuiet();

        Assert.Equal(["unload", "unload"], run.Backend.Printed);
        Assert.Equal(["kept", "later"], run.Backend.Store.Alerts.Select(alert => alert.Key).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("TrisulPlugin = { id = ", "a.lua:1:")]
    [InlineData("TrisulPlugin = nil", "has no TrisulPlugin table")]
    [InlineData("TrisulPlugin = { id = {}, engine_monitor = {} }", "id.name is missing")]
    [InlineData("error 'at file scope'", "at file scope")]
    [InlineData("TrisulPlugin = { id = { name = 'x' },\n onload = function() error 'no' end, engine_monitor = {} }", "a.lua:2: no")]
    [InlineData("TrisulPlugin = { id = { name = 'x' },\n cg_monitor = { counter_guid = function() error 'which' end } }", "a.lua:2: which")]
    public void Change_ThatDoesNotLoad_IsToldOnce_AndTheOldScriptRunsOn(string source, string told)
    {
        _folder.Write(
            "a.lua",
            Plugin(
                "alert_monitor = { alert_guid = '{B5F1DECB-51D5-4395-B71B-6FA730B772D9}', onnewalert = "
                    + "function(engine, a) print(a:sigid()) end }"
            )
        );
        using ReloadHarness run = Start("a.lua");
        run.Write("a.lua", source);
        run.Write("a.lua", source); // saved again as it is
        run.Backend.Alert("still");
        run.Backend.End();

        Assert.Equal(["still"], run.Backend.Printed);
        string problem = Assert.Single(run.Backend.Output.Problems);
        Assert.Contains(told, problem, StringComparison.Ordinal);
        Assert.Contains("runs on", problem, StringComparison.Ordinal);
        Assert.Equal((0, 2), (run.Counters.Reloads, run.Counters.ReloadFailures));
    }

    [Fact]
    public void Script_ThatIsMended_IsLoaded_AndItsNextFaultIsToldAgain()
    {
        using ReloadHarness run = Start();
        run.Write("a.lua", "TrisulPlugin = {");
        run.Write("a.lua", LifeOf("mended"));
        run.Write("a.lua", "TrisulPlugin = { {");
        run.Backend.End();

        Assert.Contains("flush mended", run.Backend.Printed);
        Assert.Equal(2, run.Backend.Output.Problems.Count);
    }

    [Fact]
    public void Modules_AndFilesThatAreNoPlugins_AreLeftAlone()
    {
        using ReloadHarness run = Start();
        run.Write("module.lua", "return { f = function() end }");
        run.Write("tool.lua", "print(#arg)");
        run.Backend.End().MustBeQuiet();

        Assert.Equal((0, 1), (run.Counters.Reloads, run.Counters.ReloadFailures + 1));
    }

    [Fact]
    public void OnloadThatReturnsFalse_EndsTheOldScript_WithoutANewOne()
    {
        _folder.Write("a.lua", LifeOf("old"));
        using ReloadHarness run = Start("a.lua");
        run.Write(
            "a.lua",
            Plugin("onload = function() return false end, engine_monitor = { onbeginflush = function() print 'never' end }")
        );
        run.Backend.End().MustBeQuiet();

        Assert.DoesNotContain("never", run.Backend.Printed);
        Assert.DoesNotContain("flush old", run.Backend.Printed);
        Assert.Equal(2, run.Backend.Printed.Count(line => line == "unload old"));
    }

    [Fact]
    public void PacketPathBlocks_KeepTheirCode_WhichIsToldOnce()
    {
        const string Counter = "simplecounter = { protocol_guid = '{77E462AB-2E42-42EC-9A58-C1A6821D6B31}', onpacket = function() end }, ";
        _folder.Write("a.lua", Plugin(Counter + "alert_monitor = { alert_guid = '{B5F1DECB-51D5-4395-B71B-6FA730B772D9}' }"));
        using ReloadHarness run = Start("a.lua");
        run.Write(
            "a.lua",
            Plugin(
                Counter
                    + "alert_monitor = { alert_guid = '{B5F1DECB-51D5-4395-B71B-6FA730B772D9}', onnewalert = "
                    + "function(engine, a) print(a:sigid()) end }"
            )
        );
        run.Write(
            "a.lua",
            Plugin(
                Counter
                    + "alert_monitor = { alert_guid = '{B5F1DECB-51D5-4395-B71B-6FA730B772D9}', onnewalert = "
                    + "function(engine, a) print('2 ' .. a:sigid()) end }"
            )
        );
        run.Write("new.lua", Plugin(Counter));
        run.Backend.Alert("x");
        run.Backend.End();

        Assert.Equal(["2 x"], run.Backend.Printed);
        Assert.Collection(
            run.Backend.Output.Problems,
            line =>
                Assert.Contains(
                    "has changed: blocks of the packet path (simplecounter) run on as they were loaded",
                    line,
                    StringComparison.Ordinal
                ),
            line =>
                Assert.Contains(
                    "has come: blocks of the packet path (simplecounter) are loaded at the next start",
                    line,
                    StringComparison.Ordinal
                )
        );
    }

    [Fact]
    public void TasksOfAnUnloadedScript_AreDone_AndTheirResultsDropped()
    {
        string gate = Path.Combine(_folder.Path, "gate"),
            done = Path.Combine(_folder.Path, "done");
        _folder.Write(
            "a.lua",
            Plugin(
                $$"""
                alert_monitor = { alert_guid = '{B5F1DECB-51D5-4395-B71B-6FA730B772D9}', onnewalert = function()
                  print 'began'
                  T.async:schedule {
                    data = '{{gate}} {{done}}',
                    onexecute = function(paths)
                      local gate, done = paths:match('(%S+) (%S+)')
                      repeat local f = io.open(gate) until f
                      io.open(done, 'w'):close()
                      return 'result'
                    end,
                    onresult = function() print 'never' end,
                  }
                end }
                """
            )
        );
        using ReloadHarness run = Start("a.lua");
        run.Backend.Alert("go");
        run.Backend.Lane.HandOverEvents();
        run.Change(() => { }, until: () => run.Backend.Printed.Length == 1);
        run.Change(() => File.Delete(Path.Combine(_folder.Path, "a.lua")), until: () => run.Counters.Reloads == 1);
        File.WriteAllText(gate, "");
        run.Backend.End().MustBeQuiet();

        Assert.True(File.Exists(done));
        Assert.Equal(["began"], run.Backend.Printed);
        Assert.Equal(1, run.Counters.ResultsDropped);
    }

    [Fact]
    public void NewKeys_AreAllNew_ToAScriptLoadedAnew()
    {
        string script = Plugin($"cg_monitor = {{ counter_guid = '{Hosts}', onnewkey = function(engine, ts, key) print(key) end }}");
        _folder.Write("a.lua", script);
        using ReloadHarness run = Start("a.lua");
        run.Backend.Count(Hosts, "A", 0, 1);
        run.Backend.At(61);
        run.Backend.Settle();
        run.Write("a.lua", script);
        run.Backend.Count(Hosts, "A", 0, 1);
        run.Backend.End().MustBeQuiet();

        Assert.Equal(["A", "A"], run.Backend.Printed);
    }

    [Fact]
    public void FlowTracker_LoadedAnew_GoesOnWithItsList()
    {
        string script = Plugin(
            "flowtracker = { control = { name = 'BYTES', bucketsize = 86400 }, getmetric = function(engine, f) return f:az_bytes() end }"
        );
        _folder.Write("a.lua", script);
        using ReloadHarness run = Start("a.lua");
        EndFlow(run.Backend, 1000, 100);
        run.Backend.At(61);
        run.Backend.Settle();
        run.Write("a.lua", script);
        EndFlow(run.Backend, 1001, 200);
        run.Backend.End().MustBeQuiet();

        Assert.Equal([(1, 200d), (2, 100d)], run.Backend.Store.Tracked.Select(tracked => (tracked.Rank, tracked.Value)));
    }

    [Fact]
    public void GroupOfANewScript_CanBeWatched_AndItsCountsAreStored()
    {
        const string Guid = "{0B1A2C3D-1111-4222-8333-444455556666}";
        using ReloadHarness run = Start();
        run.Write(
            "a.lua",
            Plugin(
                $$"""
                countergroup = { control = { guid = '{{Guid}}', name = 'Mine' }, meters = { { 0, T.K.vartype.COUNTER, 10, 10, 'n', 'n', 'n' } } },
                engine_monitor = { onbeginflush = function(engine) engine:update_counter('{{Guid}}', 'k', 0, 7) end },
                cg_monitor = { counter_name_match = 'Mine', onflush = function(engine, ts, key) print(key) end },
                """
            )
        );
        run.Backend.End().MustBeQuiet();

        Assert.Contains("k", run.Backend.Printed);
        Assert.Equal(7, run.Backend.Store.Value(Guid, "k", 0));
    }

    [Fact]
    public void Figures_AddUpWhatAScriptDid_BeforeAndAfterItsChange()
    {
        string script = Plugin(
            "alert_monitor = { alert_guid = '{B5F1DECB-51D5-4395-B71B-6FA730B772D9}', onnewalert = function() error 'x' end }"
        );
        _folder.Write("a.lua", script);
        using ReloadHarness run = Start("a.lua");
        run.Backend.Alert("1");
        run.Backend.Lane.HandOverEvents();
        run.Backend.Settle();
        run.Write("a.lua", script);
        run.Backend.Alert("2");
        run.Backend.End();

        ScriptFigures figures = Assert.Single(run.Backend.Host.GetFigures());
        Assert.Equal(2, figures.Errors);
        Assert.Equal([("onnewalert", 2L)], figures.Callbacks);
    }

    [Fact]
    public void Workers_ThatAChangeAsksFor_CountFromTheNextStart()
    {
        _folder.Write("a.lua", LifeOf("old"));
        using ReloadHarness run = Start("a.lua");
        run.Write("a.lua", LifeOf("new").Replace("onload", "request_async_workers = 3, onload", StringComparison.Ordinal));
        run.Backend.End();

        Assert.Contains("flush new", run.Backend.Printed);
        Assert.Contains("request_async_workers = 3", Assert.Single(run.Backend.Output.Problems), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static string LifeOf(string name) =>
        Plugin(
            $$"""
            onload = function() print 'load {{name}}' end, onunload = function() print 'unload {{name}}' end,
            engine_monitor = { onbeginflush = function() print 'flush {{name}}' end },
            """
        );

    private static void EndFlow(BackendHarness backend, ushort port, int bytes)
    {
        Spillway.Net.Flows.Flow flow = backend.Begin(port);
        backend.Touch(flow, bytes);
        backend.Lane.AddFlow(flow);
    }

    private ReloadHarness Start(params string[] names) => Start(new BackendOptions(), names);

    private ReloadHarness Start(BackendOptions options, params string[] names) => new(_folder, options, names);

    /// <summary>A run whose scripts are files of a folder that is watched.</summary>
    private sealed class ReloadHarness : IDisposable
    {
        private readonly ScriptFolder _folder;
        private readonly ScriptWatcher _watcher;

        public ReloadHarness(ScriptFolder folder, BackendOptions options, string[] names)
        {
            _folder = folder;
            Backend = BackendHarness.OfFiles(options, [.. names.Select(name => Path.Combine(folder.Path, name))]);
            _watcher = new ScriptWatcher([folder.Path], Backend.Output);
            Backend.Host.Apply = change => Backend.Loader.Apply(change, Backend.Host);
            Backend.Lane.HandOverEvents();
        }

        public BackendHarness Backend { get; }

        public BackendCounters Counters => Backend.Host.Counters;

        public void Write(string name, string text) => Change(() => _folder.Write(name, text));

        public void Delete(string name) => Change(() => File.Delete(Path.Combine(_folder.Path, name)));

        /// <summary>Changes files and has that taken; what was posted before has been seen by then.</summary>
        public void Change(Action change)
        {
            Backend.Lane.HandOverEvents();
            Backend.Settle();
            Post(change);
            do Backend.Settle();
            while (Backend.Host.HasChanges);
            Backend.Settle();
        }

        /// <summary>The same without waiting for tasks, which settling does.</summary>
        public void Change(Action change, Func<bool> until)
        {
            Post(change);
            Backend.ScriptContext.PostToBackend!([], []);
            Assert.True(SpinWait.SpinUntil(until, TimeSpan.FromSeconds(60)));
        }

        public void Dispose() => Backend.Dispose();

        private void Post(Action change)
        {
            change();
            Assert.Empty(_watcher.Look());
            Backend.Host.Submit(_watcher.Look());
        }
    }
}
