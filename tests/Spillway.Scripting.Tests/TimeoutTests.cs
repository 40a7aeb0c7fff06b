using System.Globalization;
using Spillway.Async;
using Spillway.Async.Figures;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Records;

namespace Spillway.Scripting.Tests;

/// <summary>
/// Time-outs stop the work itself: endless loops, commands with all they have started, and threads that cannot be stopped are replaced.
/// </summary>
public sealed class TimeoutTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static AsyncOptions Options(TimeSpan? grace = null) => new() { TaskTimeout = Short, StopGrace = grace ?? Patience };

    private static ScriptHarness Start(string onload, AsyncOptions? options = null) =>
        new(options ?? Options(), allowsShell: true, ScriptHarness.Plugin($"onload = function()\n{onload}\nend"));

    private static AsyncStatistics Figures(ScriptHarness harness) => Assert.Single(harness.Lane.Async.Runtime.Pools).GetStatistics();

    [Theory]
    [InlineData("while true do end")]
    [InlineData("local n = 0 repeat n = n + 1 until false")]
    [InlineData("while true do pcall(function() while true do end end) end")]
    [InlineData("local words = {} while true do words[#words % 100 + 1] = tostring(#words) end")]
    public void EndlessLoop_TimeIsOver_IsStoppedAndTheWorkerGoesOn(string loop)
    {
        using ScriptHarness harness = Start(
            $$"""
            T.async:schedule { data = "d", name = "looper", onexecute = function(d) {{loop}} end,
              onresult = function() print("FAIL") end, onerror = function(e, d, m) print(d .. ": " .. m) end }
            T.async:schedule { onexecute = function() return "alive" end, onresult = function(e, d, r) print(r) end }
            """
        );
        harness.Drain();

        Assert.Equal("d: timed out after 0.2 s\nalive\n", harness.Output.Printed);
        AsyncStatistics figures = Figures(harness);
        Assert.Equal((1, 0, 1, 0), (figures.TimedOut, figures.Failed, figures.Succeeded, figures.AbandonedWorkers));
    }

    [Fact]
    public void TimedOutTask_IsToldOnceWithPlaceNameAndTraceback_AndRaisesASystemAlert()
    {
        using ScriptHarness harness = Start(
            """
            local function spin() while true do end end
            T.async:schedule { name = "spinner", onexecute = function() spin() end }
            """
        );
        harness.Drain();
        harness.Metrics.Complete();

        string error = Assert.Single(harness.Output.Errors);
        Assert.StartsWith("onexecute of 'spinner': timed out after 0.2 s (script.lua:4)\n", error, StringComparison.Ordinal);
        Assert.Contains("script.lua:3: interrupted", error, StringComparison.Ordinal);
        Assert.Contains("stack traceback:", error, StringComparison.Ordinal);
        AlertRecord alert = Assert.Single(harness.Sink.Alerts);
        Assert.Equal(WellKnownGuids.SystemAlerts, alert.GroupGuid, ignoreCase: true);
        Assert.Equal("script.lua: onexecute of 'spinner': timed out after 0.2 s (script.lua:4)", alert.Message);
        Assert.Equal("timed out", alert.Status);
    }

    [Fact]
    public void Timeout_OfTheTask_GoesBeforeTheDefault()
    {
        using ScriptHarness harness = Start(
            """
            T.async:schedule { timeout = 0.1, onexecute = function() while true do end end, onerror = function(e, d, m) print(m) end }
            T.async:schedule { onexecute = function() local n = 0 for i = 1, 1e7 do n = n + i end return "done" end, onresult = function(e, d, r) print(r) end }
            """,
            new AsyncOptions { TaskTimeout = TimeSpan.Zero, StopGrace = Patience }
        );
        harness.Drain();

        Assert.Equal("timed out after 0.1 s\ndone\n", harness.Output.Printed);
    }

    [Theory]
    [InlineData("os.execute('echo $$ > ' .. pids .. '; sleep 1000 | cat')")]
    [InlineData("io.popen('echo $$ > ' .. pids .. '; sleep 1000 | cat'):read('*a')")]
    [InlineData("local f = io.popen('echo $$ > ' .. pids .. '; sleep 1000 & sleep 1000 | cat', 'r') for l in f:lines() do end f:close()")]
    [InlineData("local f = io.popen('echo $$ > ' .. pids .. '; sleep 1000', 'w') f:write('x') f:close()")]
    [InlineData("os.execute('echo $$ > ' .. pids .. '; trap \"\" TERM; while :; do sleep 1; done')")]
    [InlineData("os.execute('echo $$ > ' .. pids .. '; (trap \"\" TERM; sleep 1000) | cat; true')")]
    public void Command_TimeIsOver_LeavesNoProcessOfItsGroup(string call)
    {
        using ScriptHarness harness = Start(
            $$"""
            local pids = os.tmpname()
            T.async:schedule { onexecute = function() {{call}} return "not stopped" end,
              onresult = function(e, d, r) print(r) end, onerror = function(e, d, m) print(m) print(pids) end }
            """
        );
        harness.Drain();

        string[] printed = harness.Output.Printed.Split('\n');
        Assert.Equal("timed out after 0.2 s", printed[0]);
        int group = int.Parse(File.ReadAllText(printed[1]), CultureInfo.InvariantCulture);
        File.Delete(printed[1]);
        Assert.NotEqual(0, group);
        Assert.True(SpinWait.SpinUntil(() => ProcessesOfGroup(group).Count == 0, Patience), "processes of the command are left");
        Assert.Equal((1, 0), (Figures(harness).TimedOut, Figures(harness).AbandonedWorkers));
    }

    [Theory]
    [InlineData("os.execute('export TEST_MARK=' .. mark .. '; setsid sh -c \"trap : TERM; sleep 1000; sleep 1000\" | cat')")]
    [InlineData("io.popen('export TEST_MARK=' .. mark .. '; (setsid sh -c \"sleep 1000 & sleep 1000\" &); sleep 1000'):read('*a')")]
    [InlineData("io.popen('export TEST_MARK=' .. mark .. '; (setsid sleep 1000 &)'):read('*a')")]
    public void Command_TimeIsOver_WhatHasLeftItsGroupEndsToo(string call)
    {
        string mark = Guid.NewGuid().ToString("n");
        using ScriptHarness harness = Start(
            $$"""
            local mark = '{{mark}}'
            T.async:schedule { onexecute = function() {{call}} return "not stopped" end,
              onresult = function(e, d, r) print(r) end, onerror = function(e, d, m) print(m) end }
            """
        );
        harness.Drain();

        Assert.Equal("timed out after 0.2 s\n", harness.Output.Printed);
        Assert.True(SpinWait.SpinUntil(() => MarkedProcesses(mark) == 0, Patience), "processes of the command are left");
        Assert.Equal((1, 0), (Figures(harness).TimedOut, Figures(harness).AbandonedWorkers));
    }

    [Fact]
    public void WorkerInNativeCode_TimeIsOver_IsReplacedAndThePoolKeepsItsSize()
    {
        using var harness = new ScriptHarness(
            Options(grace: TimeSpan.FromMilliseconds(50)),
            allowsShell: true,
            """
            TrisulPlugin = { id = { name = 'x' }, request_async_workers = 2, onload = function()
              for i = 1, 2 do
                T.async:schedule { data = i, timeout = 0.2, onexecute = function(d)
                  local ffi = require 'ffi'
                  ffi.cdef 'unsigned sleep(unsigned seconds);'
                  ffi.C.sleep(3)
                  return "too late"
                end, onresult = function() print("FAIL") end, onerror = function(e, d, m) print(d .. " " .. m) end }
              end
              for i = 3, 6 do
                T.async:schedule { timeout = 30, onexecute = function() return "alive" end, onresult = function(e, d, r) print(r) end }
              end
            end }
            """
        );
        harness.Drain();

        List<string> lines = [.. harness.Output.Printed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
        Assert.Equal(["1 timed out after 0.2 s", "2 timed out after 0.2 s", "alive", "alive", "alive", "alive"], lines);
        AsyncStatistics figures = Figures(harness);
        Assert.Equal((2, 2, 2, 4), (figures.Workers, figures.AbandonedWorkers, figures.TimedOut, figures.Succeeded));
        Assert.All(
            harness.Output.Errors,
            error => Assert.StartsWith("onexecute: timed out after 0.2 s (script.lua:3)", error, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Stop_WhileALoopRuns_EndsItAndSaysWhy()
    {
        using ScriptHarness harness = Start(
            "T.async:schedule { onexecute = function() while true do end end, onerror = function(e, d, m) print(m) end }",
            new AsyncOptions { TaskTimeout = TimeSpan.Zero }
        );
        AsyncPool pool = Assert.Single(harness.Lane.Async.Runtime.Pools);
        Assert.True(SpinWait.SpinUntil(() => pool.GetStatistics().Busy == 1, Patience));

        Assert.True(harness.Lane.Async.Runtime.Stop(Patience), "the worker has not ended");
        harness.Drain();

        Assert.Equal("stopped, since the slow path has stopped\n", harness.Output.Printed);
    }

    /// <summary>How many processes have a variable with this value in their environment.</summary>
    private static int MarkedProcesses(string mark)
    {
        int found = 0;
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            try
            {
                if (File.ReadAllText(directory + "/environ").Contains(mark, StringComparison.Ordinal))
                    found++;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // No process, or none any more.
            }
        }

        return found;
    }

    private static List<int> ProcessesOfGroup(int group)
    {
        var found = new List<int>();
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out int process))
                continue;
            try
            {
                // After the name, which is in parentheses: state, parent, group.
                string status = File.ReadAllText($"/proc/{process}/stat");
                string[] fields = status[(status.LastIndexOf(')') + 2)..].Split(' ');
                if (fields[0] is not ("Z" or "X") && int.Parse(fields[2], CultureInfo.InvariantCulture) == group)
                    found.Add(process);
            }
            catch (IOException)
            {
                // It has just ended.
            }
        }

        return found;
    }
}
