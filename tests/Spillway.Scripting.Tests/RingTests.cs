using Spillway.Async;
using Spillway.Async.Figures;

namespace Spillway.Scripting.Tests;

/// <summary>
/// The contract of T.async for the tasks that go by a ring: small ones, to one worker, with nothing special. What is asked here holds on
/// the other way too (<see cref="RingTestsWithoutRings"/>).
/// </summary>
public class RingTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(600);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private bool UsesRings => GetType() == typeof(RingTests);

    private static ScriptHarness Start(string onload, AsyncOptions? options = null, ScriptLimits? limits = null) =>
        new(
            options ?? new AsyncOptions(),
            allowsShell: true,
            limits ?? new ScriptLimits { SlowCallback = Timeout.InfiniteTimeSpan },
            ScriptHarness.Plugin($"onload = function()\n{onload}\nend")
        );

    private static AsyncStatistics Figures(ScriptHarness harness) => Assert.Single(harness.Lane.Async.Runtime.Pools).GetStatistics();

    private static string[] Lines(ScriptHarness harness) => harness.Output.Printed.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    [Fact]
    public void SmallTasks_GoByTheRing_AndAreCountedAndTimed()
    {
        using ScriptHarness harness = Start(
            """
            local left = 1000
            for i = 1, 1000 do
              T.async:schedule { data = i, onexecute = function(d) return d end, onresult = function(e, d, r)
                left = left - 1
                if d ~= r or T.async:pending_items() ~= left + 1 then print('FAIL ' .. d) end
                if left == 0 then
                  local s = T.async:stats()
                  print(s.submitted, s.completed, s.failed, s.pending, s.workers, s.wait.max > 0, s.run.max > 0, s.run.p50 <= s.run.p99)
                end
              end }
            end
            print(T.async:pending_items())
            """
        );
        harness.Drain();

        Assert.Equal("1000\n1000\t1000\t0\t1\t1\ttrue\ttrue\ttrue\n", harness.Output.Printed);
        AsyncStatistics figures = Figures(harness);
        Assert.Equal(
            (1000, 1000, 0, UsesRings ? 1000 : 0),
            (figures.Submitted, figures.Succeeded, figures.Pending, figures.SucceededInRings)
        );
        Assert.Equal((1000, 1000), (figures.Wait.Count, figures.Run.Count));
        Assert.Equal(0, harness.Lane.Async.Pending);
    }

    [Fact]
    public void Numbers_OfTasks_RiseWhateverWayTheyGo()
    {
        using ScriptHarness harness = Start(
            """
            local last = 0
            local function check(id) if id <= last then print('FAIL') end last = id end
            for i = 1, 3000 do
              check(T.async:schedule { onexecute = function() end })
              if i % 500 == 0 then check(T.async:schedule { key = 'k', onexecute = function() end }) end
            end
            """
        );
        harness.Drain();

        Assert.Equal("", harness.Output.Printed);
        Assert.Equal(3006, Figures(harness).Succeeded);
    }

    [Fact]
    public void Error_HasLineAndTraceback_CallsOnErrorAndRaisesAnAlert()
    {
        using ScriptHarness harness = Start(
            """
            local function deep(d) error('on purpose ' .. d) end
            T.async:schedule { data = 'x', onexecute = function(d) deep(d) return 1 end, onresult = print,
              onerror = function(e, d, m) print(d, m:match('^[^\n]*')) end }
            T.async:schedule { data = 'y', onexecute = function(d) return d end, onresult = function(e, d, r) print(r) end }
            """
        );
        harness.Drain();
        harness.Metrics.Complete();

        string[] lines = Lines(harness);
        Assert.Matches(@"^x\t\S*script\.lua:3: on purpose x$", lines[0]);
        Assert.Equal("y", lines[1]);
        string error = Assert.Single(harness.Output.Errors);
        Assert.Matches(@"^onexecute: \S*script\.lua:3: on purpose x", error);
        Assert.Contains("script.lua:4: in function", error, StringComparison.Ordinal);
        Assert.Contains(harness.Sink.Alerts, alert => alert.Message.Contains("on purpose", StringComparison.Ordinal));
        Assert.Equal((1, 1), (Figures(harness).Failed, Figures(harness).Succeeded));
        Assert.Contains("on purpose", Figures(harness).LastError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("while true do end")]
    [InlineData("while true do pcall(function() while true do end end) end")]
    [InlineData("os.execute('sleep 1000')")]
    public void TaskWithoutEnd_IsStopped_AndTheOthersAreDone(string loop)
    {
        using ScriptHarness harness = Start(
            $$"""
            for i = 1, 50 do
              T.async:schedule { data = i, onexecute = function(d) if d == '7' or d == '30' then {{loop}} end return d end,
                onresult = function(e, d, r) print(d) end, onerror = function(e, d, m) print(d .. ' ' .. m) end }
            end
            """,
            new AsyncOptions { TaskTimeout = Short, StopGrace = Patience }
        );
        harness.Drain();

        Assert.Equal(Enumerable.Range(1, 50).Select(i => i is 7 or 30 ? $"{i} timed out after 0.6 s" : $"{i}"), Lines(harness));
        AsyncStatistics figures = Figures(harness);
        Assert.Equal((2, 0, 48, 0), (figures.TimedOut, figures.Failed, figures.Succeeded, figures.AbandonedWorkers));
        Assert.All(
            harness.Output.Errors,
            error => Assert.StartsWith("onexecute: timed out after 0.6 s (script.lua:4)", error, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void WorkerThatCannotBeStopped_IsReplaced_AndTheOthersAreDone()
    {
        using ScriptHarness harness = Start(
            """
            for i = 1, 20 do
              T.async:schedule { data = i, onexecute = function(d)
                if d ~= '5' then return d end
                local ffi = require 'ffi'
                ffi.cdef 'unsigned sleep(unsigned seconds);'
                ffi.C.sleep(3)
                return 'too late'
              end, onresult = function(e, d, r) print(r) end, onerror = function(e, d, m) print(d .. ' ' .. m) end }
            end
            """,
            new AsyncOptions { TaskTimeout = Short, StopGrace = TimeSpan.FromMilliseconds(50) }
        );
        harness.Drain();

        Assert.Equal(Enumerable.Range(1, 20).Select(i => i == 5 ? "5 timed out after 0.6 s" : $"{i}"), Lines(harness));
        AsyncStatistics figures = Figures(harness);
        Assert.Equal((1, 1, 1, 19), (figures.Workers, figures.AbandonedWorkers, figures.TimedOut, figures.Succeeded));
    }

    [Fact]
    public void MemoryOfAWorker_IsLimited_AndTheNextTaskRuns()
    {
        using ScriptHarness harness = Start(
            """
            T.async:schedule { onexecute = function() return ('x'):rep(60e6) end,
              onerror = function(e, d, m) print(m:match '^[^:]*') end }
            T.async:schedule { onexecute = function() return 'alive' end, onresult = function(e, d, r) print(r) end }
            """,
            limits: new ScriptLimits { SlowCallback = Timeout.InfiniteTimeSpan, MemoryBytes = 32 << 20 }
        );
        harness.Drain();

        Assert.Equal(["wanted more memory than 32 MB (--script-memory)", "alive"], Lines(harness));
    }

    [Theory]
    [InlineData("nil", "nil")]
    [InlineData("true", "true")]
    [InlineData("'a\\0b'", "a\0b")]
    [InlineData("12.5", "12.5")]
    [InlineData("('x'):rep(16000)", "*16000")]
    [InlineData("('x'):rep(17000)", "*17000")]
    [InlineData("('x'):rep(200000)", "*200000")]
    [InlineData("{ 1, { 'two' } }", "table two")]
    public void DataAndResults_OfEveryKindAndSize_CrossByValue(string value, string expected)
    {
        using ScriptHarness harness = Start(
            $$"""
            local function show(v)
              if type(v) == 'table' then return 'table ' .. v[2][1] end
              if type(v) == 'string' and #v > 100 then return '*' .. #v end
              return tostring(v)
            end
            for i = 1, 30 do
              T.async:schedule { data = {{value}}, onexecute = function(d) return { d, d, i } end, onresult = function(e, d, r)
                if i ~= r[3] or show(r[1]) ~= show(d) then print('FAIL') end
                if i == 30 then print(show(d)) end
              end }
            end
            """
        );
        harness.Drain();

        Assert.Empty(harness.Output.Errors);
        Assert.Equal(expected + "\n", harness.Output.Printed);
    }

    [Fact]
    public void Burst_LargerThanAllSegments_IsDoneInOrder_AndGivesItsMemoryBack()
    {
        using ScriptHarness harness = Start(
            """
            local last, wrong = 0, 0
            for i = 1, 30000 do
              local text = ('%d '):format(i):rep(20)
              T.async:schedule { data = text, onexecute = function(d) return d .. i end, onresult = function(e, d, r)
                if d ~= text or r ~= text .. i or i ~= last + 1 then wrong = wrong + 1 end
                last = i
                if i == 30000 then print(wrong) end
              end }
            end
            """
        );
        harness.Drain();

        Assert.Equal("0\n", harness.Output.Printed);
        AsyncRuntime runtime = harness.Lane.Async.Runtime;
        Assert.True(SpinWait.SpinUntil(() => runtime.QueuedBytes < 1 << 20 && runtime.ResultBytes < 1 << 20, Patience));
    }

    [Fact]
    public void MemoryIsUsedUp_TheRestGoesToDisk_AndAllIsDoneInOrder()
    {
        using ScriptHarness harness = Start(
            """
            local last, wrong = 0, 0
            local padding = ('x'):rep(2000)
            for i = 1, 15000 do
              T.async:schedule { data = padding .. i, onexecute = function(d) return d:sub(2001) end, onresult = function(e, d, r)
                if tonumber(r) ~= last + 1 then wrong = wrong + 1 end
                last = last + 1
                if last == 15000 then print(wrong) end
              end }
            end
            """,
            new AsyncOptions { MemoryCap = 16 << 20 }
        );
        harness.Drain();

        Assert.Equal("0\n", harness.Output.Printed);
        AsyncStatistics figures = Figures(harness);
        Assert.Equal(15000, figures.Succeeded);
        Assert.True(figures.Spilled > 0, "nothing was put on disk");
    }

    [Fact]
    public void Stop_WithTasksInTheRing_CancelsThemAll()
    {
        using ScriptHarness harness = Start(
            """
            for i = 1, 100 do
              T.async:schedule { onexecute = function() while true do end end, onerror = function(e, d, m) print(m) end }
            end
            """,
            new AsyncOptions { TaskTimeout = TimeSpan.Zero }
        );
        AsyncPool pool = Assert.Single(harness.Lane.Async.Runtime.Pools);
        Assert.True(SpinWait.SpinUntil(() => pool.GetStatistics().Busy == 1, Patience));

        Assert.True(harness.Lane.Async.Runtime.Stop(Patience), "the worker has not ended");
        harness.Drain();

        string[] lines = Lines(harness);
        Assert.Equal("stopped, since the slow path has stopped", lines[0]);
        Assert.Equal(Enumerable.Repeat("cancelled, since the slow path has stopped", 99), lines[1..]);
        Assert.Equal((1, 99, 0), (Figures(harness).Failed, Figures(harness).Cancelled, Figures(harness).Pending));
    }

    [Fact]
    public void Submission_AfterTheStop_IsCancelled()
    {
        using ScriptHarness harness = Start(
            """
            local function again(e, d, m)
              print(m)
              if again then local f = again again = nil T.async:schedule { onexecute = function() end, onerror = f } end
            end
            T.async:schedule { onexecute = function() return 1 end, onresult = function(e, d, r) print(r) end }
            T.async:schedule { onexecute = function() while true do end end, onerror = again }
            """,
            new AsyncOptions { TaskTimeout = TimeSpan.Zero }
        );
        AsyncPool pool = Assert.Single(harness.Lane.Async.Runtime.Pools);
        Assert.True(SpinWait.SpinUntil(() => pool.GetStatistics() is { Busy: 1, Succeeded: 1 }, Patience));
        Assert.True(harness.Lane.Async.Runtime.Stop(Patience), "the worker has not ended");
        harness.Drain();

        Assert.Equal("1", Lines(harness)[0]);
        Assert.Equal(0, harness.Lane.Async.Pending);
    }

    [Fact]
    public void SlowTask_IsReported_WithItsPlace()
    {
        var told = new List<SlowTask>();
        using ScriptHarness harness = Start(
            """
            local function wait(d) if d == '20' then os.execute 'sleep 1.1' end end
            for i = 1, 20 do
              T.async:schedule { data = i, onexecute = function(d) wait(d) end }
            end
            """,
            new AsyncOptions { OnSlowTask = told.Add }
        );
        harness.Drain();

        Assert.True(SpinWait.SpinUntil(() => told.Count > 0, Patience), "nothing was reported"); // by the worker, which goes on meanwhile
        Assert.Equal("schedule at script.lua:5", Assert.Single(told).Task);
        Assert.InRange(told[0].Run.TotalSeconds, 1.1, 60);
    }

    [Fact]
    public void ManyFunctions_InTurn_EachRunsItsOwn()
    {
        using ScriptHarness harness = Start(
            """
            local wrong, done = 0, 0
            for i = 1, 3000 do
              local f = loadstring('return function(d) return d .. ":' .. i % 1500 .. '" end')()
              T.async:schedule { data = i, onexecute = f, onresult = function(e, d, r)
                if r ~= d .. ':' .. i % 1500 then wrong = wrong + 1 end
                done = done + 1
                if done == 3000 then print(wrong) end
              end }
            end
            """
        );
        harness.Drain();

        Assert.Empty(harness.Output.Errors);
        Assert.Equal("0\n", harness.Output.Printed);
    }

    [Fact]
    public void Onresult_Raises_ItsTaskIsOver_AndTheOthersAreDelivered()
    {
        using ScriptHarness harness = Start(
            """
            for i = 1, 200 do
              T.async:schedule { data = i, onexecute = function(d) return d end, onresult = function(e, d, r)
                if i % 10 == 0 then error 'of the result' end
                if i == 199 then print(T.async:pending_items()) end
              end }
            end
            """
        );
        harness.Drain();

        Assert.Equal("2\n", harness.Output.Printed);
        Assert.Equal((20, 0), (harness.Host.Errors, harness.Lane.Async.Pending));
    }
}
