using Spillway.Async;

namespace Spillway.Scripting.Tests;

/// <summary>io.popen and os.execute of a worker are those of Lua 5.1, as scripts rely on them.</summary>
public sealed class CommandTests
{
    /// <summary>Runs code in a worker and gives what it returned, or the error.</summary>
    private static string Work(string code, bool allowsShell = true)
    {
        using var harness = new ScriptHarness(
            new AsyncOptions(),
            allowsShell,
            ScriptHarness.Plugin(
                $$"""
                onload = function()
                  T.async:schedule { onexecute = function()
                {{code}}
                  end, onresult = function(e, d, r) print(r) end, onerror = function(e, d, m) print(m) end }
                end
                """
            )
        );
        harness.Drain();
        return harness.Output.Printed.TrimEnd('\n');
    }

    [Theory]
    [InlineData("return io.popen('printf abc'):read('*a')", "abc")]
    [InlineData("return io.popen('printf abc', 'r'):read(2)", "ab")]
    [InlineData("local t = {} for l in io.popen('printf \"a\\nb\\n\"'):lines() do t[#t + 1] = l end return table.concat(t, ',')", "a,b")]
    [InlineData("return tostring(io.popen('exit 3'):close())", "true")]
    [InlineData("return tostring(io.close(io.popen('true')))", "true")]
    [InlineData("local f = io.popen('true') local a = io.type(f) f:close() return a .. ' ' .. io.type(f)", "file closed file")]
    [InlineData("local f = io.popen('true') f:close() return (select(2, pcall(f.read, f)))", "attempt to use a closed file")]
    [InlineData("local f = io.popen('true') f:close() return (select(2, pcall(f.close, f)))", "attempt to use a closed file")]
    [InlineData("return tostring(select(2, io.popen('x', 'q'))) .. tostring(io.popen('x', 'q'))", "x: Invalid argumentnil")]
    [InlineData("return tostring(io.popen('seq 100000'):read('*a'):len())", "588895")]
    [InlineData("return io.popen('cat; echo end'):read('*a')", "end\n")]
    [InlineData("return io.popen('yes | head -1'):read('*a')", "y\n")]
    [InlineData("return os.execute('exit 3')", "768")]
    [InlineData("return os.execute('kill -9 $$')", "9")]
    [InlineData("return os.execute()", "1")]
    [InlineData("return os.execute(':')", "0")]
    [InlineData("return tostring(io.open('/dev/null'):close())", "true")]
    [InlineData("return io.popen('no-such-command-here 2>&1'):read('*l')", "sh: 1: no-such-command-here: not found")]
    public void Call_GivesWhatLuaGives(string code, string expected) => Assert.Equal(expected.TrimEnd('\n'), Work(code).TrimEnd('\n'));

    [Theory]
    [InlineData("io.popen()", "bad argument #1 to 'popen' (string expected, got no value)")]
    [InlineData("io.popen({})", "bad argument #1 to 'popen' (string expected, got table)")]
    [InlineData("os.execute({})", "bad argument #1 to 'execute' (string expected, got table)")]
    public void WrongArgument_RaisesAtTheScriptsLine(string code, string expected) =>
        Assert.Matches(@"^\S*script\.lua:4: " + System.Text.RegularExpressions.Regex.Escape(expected), Work(code));

    [Fact]
    public void Popen_ForWriting_CommandSeesTheEndAtClose()
    {
        string file = Path.GetTempFileName();
        Assert.Equal(
            "true true",
            Work(
                $"""
                local f = io.popen('cat > {file}', 'w')
                local ok = f:write('a', 1, '\n') ~= nil
                return tostring(ok) .. ' ' .. tostring(f:close())
                """
            )
        );
        Assert.Equal("a1\n", File.ReadAllText(file));
        File.Delete(file);
    }

    [Fact]
    public void Popen_ManyTimes_LeavesNeitherFilesNorProcesses()
    {
        int files = Directory.GetFiles("/proc/self/fd").Length;
        string result = Work(
            """
            for i = 1, 100 do
              local f = io.popen('echo ' .. i)
              if i % 3 == 0 then f:read('*a') end
              if i % 2 == 0 then f:close() end
              f = nil
              if i % 10 == 0 then collectgarbage() collectgarbage() end
            end
            collectgarbage() collectgarbage()
            -- Children of this process that have ended and were not waited for. The last released ones are reaped by another thread.
            for attempt = 1, 100 do
              local list = io.popen("ps -o stat= --ppid $PPID | grep -c Z")
              local zombies = list and list:read('*l')
              if list then list:close() end
              if zombies == '0' then return 'none' end
            end
            return 'zombies'
            """
        );

        Assert.Equal("none", result);
        Assert.True(Directory.GetFiles("/proc/self/fd").Length <= files + 20, "files are left open");
    }

    [Fact]
    public void Popen_FilesOfAnotherWorker_AreNotInherited()
    {
        // With an inherited end of the pipe, cat would not see the end of its input while the other command runs.
        using var harness = new ScriptHarness(
            """
            TrisulPlugin = { id = { name = 'x' }, request_async_workers = 2, onload = function()
              for i = 1, 2 do
                T.async:schedule { onexecute = function()
                  for n = 1, 50 do
                    local f = io.popen('cat > /dev/null', 'w')
                    f:write('x')
                    f:close()
                  end
                  return 'done'
                end, onresult = function(e, d, r) print(r) end }
              end
            end }
            """
        );
        harness.Drain();

        Assert.Empty(harness.Output.Errors);
        Assert.Equal("done\ndone\n", harness.Output.Printed);
    }

    [Fact]
    public void Popen_MoreThanTheLimit_RaisesTheReason() =>
        Assert.Contains(
            "io.popen: more than 256 commands at a time: close what popen returns",
            Work(
                """
                local files = {}
                while true do
                  local f, message = io.popen('true')
                  if not f then return message end
                  files[#files + 1] = f
                end
                """
            )
        );

    [Theory]
    [InlineData("io.popen('true')", "io.popen is not available: the program runs with --no-shell")]
    [InlineData("os.execute('true')", "os.execute is not available: the program runs with --no-shell")]
    public void NoShell_InWorkersAndOnLanes_SaysSoByName(string call, string expected)
    {
        Assert.Matches(@"^\S*script\.lua:4: " + expected, Work(call, allowsShell: false));

        using var harness = new ScriptHarness(
            new AsyncOptions(),
            allowsShell: false,
            ScriptHarness.Plugin($"onload = function() print(select(2, pcall(function() {call} end))) end")
        );
        Assert.Contains(expected, harness.Output.Printed, StringComparison.Ordinal);
    }

    [Fact]
    public void OnTheLane_CommandsWorkToo() =>
        Assert.Equal("lane 256\n", ScriptHarness.Run("print((io.popen('echo lane'):read('*l')) .. ' ' .. os.execute('exit 1'))"));

    [Fact]
    public void Upvalue_IoOpenedOnTheLane_IsTheWorkersOwn() =>
        Assert.Equal(
            "x\n",
            ScriptHarness.Run(
                """
                local popen = io.popen
                T.async:schedule { onexecute = function() return popen('echo x'):read('*l') end, onresult = function(e, d, r) print(r) end }
                """
            )
        );
}
