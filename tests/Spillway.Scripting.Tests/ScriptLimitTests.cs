using Spillway.Async;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Records;

namespace Spillway.Scripting.Tests;

/// <summary>Scripts that loop for ever or take all memory: told once, disabled, and everything else goes on.</summary>
public sealed class ScriptLimitTests
{
    private const string Counter = """
        TrisulPlugin = { id = { name = 'counter' }, simplecounter = { protocol_guid = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}",
          onpacket = function(engine, layer) seen = (seen or 0) + 1 print('seen ' .. seen) end } }
        """;

    private static readonly ScriptLimits Short = new()
    {
        CallbackTimeout = TimeSpan.FromMilliseconds(100),
        SlowCallback = Timeout.InfiniteTimeSpan,
        MemoryBytes = 32 << 20,
    };

    private static ScriptHarness Start(ScriptLimits limits, params string[] scripts) =>
        new(new AsyncOptions(), allowsShell: true, limits, scripts);

    private static string OnPacket(string body) =>
        $$"""TrisulPlugin = { id = { name = 'bad' }, simplecounter = { protocol_guid = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}", onpacket = function(engine, layer) {{body}} end } }""";

    [Theory]
    [InlineData("while true do end")]
    [InlineData("while true do pcall(function() while true do end end) end")]
    [InlineData("while true do layer:rawbytes():hval_16(2) end")]
    [InlineData("while true do engine:update_counter('{393B5EBC-AB41-4387-8F31-8077DB917336}', 'k', 0, 1) end")]
    [InlineData("os.execute('sleep 1000')")]
    public void EndlessCallback_IsStoppedAndTheScriptDisabled_OthersGoOn(string body)
    {
        using ScriptHarness harness = Start(Short, OnPacket(body), Counter);
        for (int i = 0; i < 3; i++)
            harness.Send(Packets.Syn());
        harness.Metrics.Complete();

        string error = Assert.Single(harness.Output.Errors);
        Assert.StartsWith("onpacket: ran longer than 0.1 s (--callback-timeout); the script is disabled", error, StringComparison.Ordinal);
        Assert.Equal("seen 1\nseen 2\nseen 3\n", harness.Output.Printed);
        AlertRecord alert = Assert.Single(harness.Sink.Alerts);
        Assert.Equal(WellKnownGuids.SystemAlerts, alert.GroupGuid, ignoreCase: true);
        Assert.Equal(
            ("script.lua: onpacket ran longer than 0.1 s (--callback-timeout); the script is disabled", "disabled"),
            (alert.Message, alert.Status)
        );
        ScriptFigures figures = harness.Host.GetFigures()[0];
        Assert.Equal((1, "onpacket ran longer than 0.1 s (--callback-timeout)"), (figures.Callbacks.Single().Calls, figures.Disabled));
        Assert.Null(harness.Host.GetFigures()[1].Disabled);
    }

    [Fact]
    public void EndlessLoop_ErrorNamesTheLine()
    {
        using ScriptHarness harness = Start(Short, "local function spin()\n while true do end\nend\n" + OnPacket("spin()"));
        harness.Send(Packets.Syn());

        Assert.Contains("script.lua:2: interrupted\nstack traceback:", Assert.Single(harness.Output.Errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("while true do end")]
    [InlineData("TrisulPlugin = { id = { name = 'x' }, onload = function() while true do end end }")]
    public void EndlessLoading_IsStopped_OthersGoOn(string script)
    {
        using ScriptHarness harness = Start(Short with { CallbackTimeout = TimeSpan.FromMilliseconds(20) }, script, Counter);
        harness.Send(Packets.Syn());

        Assert.Equal(1, harness.Loader.Failures);
        Assert.Contains("ran longer than 0.2 s (--callback-timeout)", Assert.Single(harness.Output.Problems), StringComparison.Ordinal);
        Assert.Equal("seen 1\n", harness.Output.Printed);
    }

    [Theory]
    [InlineData("kept = kept or {} while true do kept[#kept + 1] = { #kept } end")]
    [InlineData(
        "kept = kept or {} for i = 1, 1e9 do pcall(function() kept[#kept + 1] = ('x'):rep(1e6) .. #kept end) if #kept "
            + "> 40 then return end end"
    )]
    [InlineData("kept = ('x'):rep(2e9)")]
    [InlineData("kept = {} while true do kept[#kept + 1] = layer:packet():flowid():id() .. #kept end")]
    public void CallbackThatTakesAllMemory_ScriptIsDisabled_OthersGoOn(string body)
    {
        using ScriptHarness harness = Start(
            Short with
            {
                CallbackTimeout = null,
            },
            OnPacket(body.Replace("1e9", "100", StringComparison.Ordinal)),
            Counter
        );
        for (int i = 0; i < 2; i++)
            harness.Send(Packets.Syn());
        harness.Host.Unload();

        Assert.StartsWith(
            "onpacket: wanted more memory than 32 MB (--script-memory); the script is disabled",
            Assert.Single(harness.Output.Errors),
            StringComparison.Ordinal
        );
        Assert.Equal("seen 1\nseen 2\n", harness.Output.Printed);
    }

    [Fact]
    public void TaskThatTakesAllMemory_FailsAndTheWorkerGoesOn()
    {
        using ScriptHarness harness = Start(
            Short with
            {
                CallbackTimeout = null,
            },
            ScriptHarness.Plugin(
                """
                onload = function()
                  T.async:schedule { onexecute = function() local t = {} while true do t[#t + 1] = { 1 } end end, onerror = function(e, d, m) print(m) end }
                  T.async:schedule { onexecute = function() return #('y'):rep(1e7) end, onresult = function(e, d, r) print(r) end }
                end
                """
            )
        );
        harness.Drain();

        Assert.StartsWith("wanted more memory than 32 MB (--script-memory): ", harness.Output.Printed, StringComparison.Ordinal);
        Assert.EndsWith("\n10000000\n", harness.Output.Printed, StringComparison.Ordinal);
    }

    [Fact]
    public void SlowCallback_WithoutATimeout_IsToldAndNamedWhileItRuns()
    {
        using var told = new ManualResetEventSlim();
        using ScriptHarness harness = Start(
            new ScriptLimits { SlowCallback = TimeSpan.FromMilliseconds(50) },
            OnPacket("while not io.open(T.env.get_config('App>DBRoot') .. '/go') do end"),
            Counter
        );
        harness.Output.OnProblem = message =>
        {
            // Only with the file the callback may end: so it was told while it ran.
            told.Set();
            File.WriteAllText(Path.Combine(harness.Directory, "go"), "");
        };
        harness.Send(Packets.Syn());

        Assert.True(told.IsSet);
        Assert.Matches(
            "^onpacket has been running for [0-9.]+ s and holds the packets up \\(--callback-timeout SECONDS would stop it\\)$",
            harness.Output.Problems[0]
        );
        Assert.Empty(harness.Output.Errors);
        Assert.Equal("seen 1\n", harness.Output.Printed);
    }
}
