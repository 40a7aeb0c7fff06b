using Spillway.Async;

namespace Spillway.Scripting.Tests;

/// <summary>What T.async has beyond the original: move, hash, stats, and the extra fields of schedule.</summary>
public sealed class AsyncExtrasTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("spillway-extras-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private string PathOf(string name) => Path.Combine(_directory, name);

    [Fact]
    public void Hash_EveryForm_DeliversFileAndDigits()
    {
        File.WriteAllText(PathOf("file"), "abc");
        Assert.Equal(
            $"{PathOf("file")} 900150983cd24fb0d6963f7d28e17f72 F000000\n"
                + $"{PathOf("file")} a9993e364706816aba3e25717850c26c9cd0d89d F000000\n"
                + $"{PathOf("file")} ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad F000000\n",
            ScriptHarness.Run(
                $$"""
                local file = "{{PathOf("file")}}"
                local function onresult(engine, f, digits) print(f .. " " .. digits .. " " .. engine:instanceid()) end
                assert(T.async:hash(file, "md5", onresult) > 0)
                T.async.hash(file, "sha1", onresult)
                T.async:hash { file = file, algorithm = "sha256", onresult = onresult }
                """
            )
        );
    }

    [Fact]
    public void Hash_FileMissing_IsToldAndCallsOnError()
    {
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin(
                $$"""
                onload = function()
                  T.async:hash("{{PathOf(
                    "missing"
                )}}", "sha1", function() print("FAIL") end, function(engine, file, message) print(file, message) end)
                  assert(T.async:pending_items() == 1)
                end, onunload = function() print(T.async:pending_items()) end
                """
            )
        );
        harness.Drain();
        harness.Host.Unload();

        Assert.Equal($"{PathOf("missing")}\thash {PathOf("missing")}: no such file or directory\n0\n", harness.Output.Printed);
        Assert.Equal($"T.async: hash {PathOf("missing")}: no such file or directory", Assert.Single(harness.Output.Errors));
    }

    [Fact]
    public void Move_FollowedByATaskThatReadsTheTarget_FindsIt()
    {
        File.WriteAllText(PathOf("from"), "content");
        Assert.Equal(
            "content\n",
            ScriptHarness.Run(
                $$"""
                T.async:move("{{PathOf("from")}}", "{{PathOf("store/to")}}")
                T.async:schedule { data = "{{PathOf(
                    "store/to"
                )}}", onexecute = function(p) return io.open(p):read("*a") end, onresult = function(e, d, r) print(r) end }
                """
            )
        );
        Assert.False(File.Exists(PathOf("from")));
    }

    [Theory]
    [InlineData("T.async:move('a')", "bad argument #2 to 'move' (string expected, got nil)")]
    [InlineData("T.async:hash(nil, 'sha1', print)", "bad argument #1 to 'hash' (string expected, got nil)")]
    [InlineData("T.async:hash('a', 'crc32', print)", "bad argument #2 to 'hash' ('md5', 'sha1' or 'sha256' expected, got crc32)")]
    [InlineData("T.async.hash('a', 'md5')", "bad argument #3 to 'hash' (function expected, got nil)")]
    [InlineData(
        "T.async:hash{file = 'a', algorithm = 'md5', onresult = print, onerror = 1}",
        "bad argument #4 to 'hash' (function expected, got number)"
    )]
    [InlineData(
        "T.async:schedule{onexecute = function() end, timeout = '5'}",
        "bad argument #1 to 'schedule' (timeout must be a number, got string)"
    )]
    [InlineData(
        "T.async:schedule{onexecute = function() end, timeout = -1}",
        "bad argument #1 to 'schedule' (timeout must be seconds from 0 to 604800, got -1)"
    )]
    [InlineData(
        "T.async:schedule{onexecute = function() end, timeout = 0/0}",
        "bad argument #1 to 'schedule' (timeout must be seconds from 0 to 604800, got "
    )]
    [InlineData(
        "T.async:schedule{onexecute = function() end, retries = 1.5}",
        "bad argument #1 to 'schedule' (retries must be a whole number from 0 to 100, got 1.5)"
    )]
    [InlineData(
        "T.async:schedule{onexecute = function() end, retries = 101}",
        "bad argument #1 to 'schedule' (retries must be a whole number from 0 to 100, got 101)"
    )]
    public void Arguments_Wrong_RaiseAtTheCallersLine(string call, string expected)
    {
        string printed = ScriptHarness.Run($"local ok, message = pcall(function()\n{call}\nend) print(message)");
        Assert.Matches(@"^\S*script\.lua:4: ", printed);
        Assert.Contains(expected, printed, StringComparison.Ordinal);
    }

    [Fact]
    public void Retries_OfSchedule_RepeatUntilItSucceeds()
    {
        using var harness = new ScriptHarness(
            new AsyncOptions { RetryDelay = TimeSpan.FromMilliseconds(1) },
            allowsShell: true,
            ScriptHarness.Plugin(
                """
                onload = function()
                  T.async:schedule { retries = 5, onexecute = function()
                    runs = (runs or 0) + 1
                    if runs < 3 then error("not yet") end
                    return tostring(runs)
                  end, onresult = function(e, d, r) print("run " .. r) end }
                end, onunload = function() print("retried " .. T.async:stats().retried) end
                """
            )
        );
        harness.Drain();
        harness.Host.Unload();

        Assert.Equal("run 3\nretried 2\n", harness.Output.Printed);
        Assert.Empty(harness.Output.Errors);
    }

    [Fact]
    public void Stats_AfterSomeTasks_CountsThem()
    {
        using var harness = new ScriptHarness(
            """
            TrisulPlugin = { id = { name = 'x' }, request_async_workers = 3,
              onload = function()
                for i = 1, 4 do T.async:schedule { onexecute = function() end } end
                T.async:schedule { onexecute = function() error('x') end }
                T.async.schedule { timeout = 0.1, onexecute = function() while true do end end }
              end,
              onunload = function()
                local s = T.async:stats()
                print(s.submitted, s.completed, s.failed, s.timed_out, s.retried, s.spilled, s.dropped, s.pending, s.workers)
                print(s.run.max >= 0.1, s.run.p50 <= s.run.p99, s.run.p99 <= s.run.max, s.wait.p50 <= s.wait.p99, s.wait.p99 <= s.wait.max, s.wait.max > 0)
              end }
            """
        );
        harness.Drain();
        harness.Host.Unload();

        Assert.Equal("6\t6\t1\t1\t0\t0\t0\t0\t3\ntrue\ttrue\ttrue\ttrue\ttrue\ttrue\n", harness.Output.Printed);
    }

    [Fact]
    public void Failure_OfAScheduledTask_RaisesASystemAlert()
    {
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin("onload = function() T.async:schedule { onexecute = function() error('broken') end } end")
        );
        harness.Drain();
        harness.Metrics.Complete();

        Assert.Matches(@"^script\.lua: onexecute: \S*script\.lua:2: broken$", Assert.Single(harness.Sink.Alerts).Message);
    }
}
