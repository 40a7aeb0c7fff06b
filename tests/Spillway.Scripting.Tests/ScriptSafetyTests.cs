using Spillway.Async;

namespace Spillway.Scripting.Tests;

/// <summary>What scripts do to the process that runs them: it is survived, and reported as any other error.</summary>
public sealed class ScriptSafetyTests
{
    private const string Counter = """simplecounter = { protocol_guid = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}",""";

    [Theory]
    [InlineData("os.exit(0)")]
    [InlineData("os.exit()")]
    [InlineData("local leave = os.exit leave(true)")]
    public void OsExit_InEveryPhase_IsAnErrorAtItsLine(string exit)
    {
        using var harness = new ScriptHarness(
            exit,
            ScriptHarness.Plugin($"onload = function() {exit} end"),
            ScriptHarness.Plugin($"onunload = function() {exit} end"),
            ScriptHarness.Plugin($"{Counter} onpacket = function() {exit} end }}"),
            ScriptHarness.Plugin($"onload = function() T.async:schedule {{ onexecute = function() {exit} end, onresult = print }} end"),
            ScriptHarness.Plugin(
                $"onload = function() T.async:schedule {{ onexecute = function() return 1 end, onresult = function() {exit} end }} end"
            )
        );
        harness.Send(Packets.Syn());
        harness.Drain();
        harness.Host.Unload();

        Assert.Equal(2, harness.Output.Problems.Count(IsExit));
        Assert.Equal(
            ["onexecute", "onpacket", "onresult", "onunload"],
            harness.Output.Errors.Where(IsExit).Select(error => error[..error.IndexOf(':', StringComparison.Ordinal)]).Order()
        );

        static bool IsExit(string text) =>
            System.Text.RegularExpressions.Regex.IsMatch(text, @"script\d?\.lua:\d: os\.exit is not available");
    }

    [Fact]
    public void IoWrite_AndPrint_ComeInTheOrderOfTheCalls()
    {
        string printed = ScriptHarness.Run(
            """
            io.write('1 ', 2, '\n') print '3' io.stdout:write('4 ', '5\n') io.stderr:write('6\n') io.output():write('7\n')
            io.output(io.stderr) io.write('8\n') io.output(io.stdout)
            print(io.write(), io.stdout:write(), io.stdout:flush(), io.type(io.stdout), pcall(io.write, 'a', {}))
            """
        );
        Assert.StartsWith("1 2\n3\n4 5\n[stderr]6\n7\n[stderr]8\natrue\ttrue\ttrue\tfile\tfalse\t", printed, StringComparison.Ordinal);
        Assert.Contains("bad argument #2 to 'write' (string expected, got table)", printed, StringComparison.Ordinal);
    }

    [Fact]
    public void IoWrite_ToAFileOfTheScripts_GoesThere()
    {
        string path = Path.GetTempFileName();
        Assert.Equal(
            "back\n",
            ScriptHarness.Run($"io.output('{path}') io.write('x', 1) io.close() io.output(io.stdout) io.write('back\\n')")
        );
        Assert.Equal("x1", File.ReadAllText(path));
        File.Delete(path);
    }

    [Fact]
    public void Popen_HandlesThatAreDropped_AreCollectedBeforeOneIsRefused()
    {
        string printed = ScriptHarness.Run(
            """
            T.async:schedule { onexecute = function()
              for i = 1, 600 do if io.popen('echo ' .. i):read('*l') ~= tostring(i) then return 'wrong' end end
              return 'all'
            end, onresult = function(_, _, result) print(result) end }
            """
        );
        Assert.Equal("all\n", printed);
    }

    [Fact]
    public void Popen_HandlesThatAreKept_AreRefusedWithTheReasonInTheError()
    {
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin(
                """
                onload = function()
                  T.async:schedule { onexecute = function()
                    local kept = {}
                    for i = 1, 300 do kept[i] = io.popen('true') kept[i]:read('*a') end
                  end, onerror = function(_, _, message) print(message) end }
                end
                """
            )
        );
        harness.Drain();
        Assert.Matches(@"script\.lua:5: io\.popen: more than 256 commands at a time: close what popen returns", harness.Output.Printed);
    }

    [Fact]
    public void OpenFiles_ThatWereDropped_AreCollectedWhenTheProcessHasNoMore()
    {
        string printed = ScriptHarness.Run(
            """
            local refusals = 0
            local real = debug.getupvalue
            for i = 1, 10 do
              local name, open = real(io.open, i)
              if name == 'open' then
                debug.setupvalue(io.open, i, function(...)
                  refusals = refusals + 1
                  if refusals == 1 then return nil, 'Too many open files', 24 end
                  return open(...)
                end)
              end
            end
            print(io.type(io.open('/dev/null')), refusals)
            print(select('#', io.open('/dev/null')), (select(2, io.open('/no/such/file'))))
            """
        );
        Assert.Equal("file\t2\n1\t/no/such/file: No such file or directory\n", printed);
    }

    [Theory]
    [InlineData("local p = newproxy(true) getmetatable(p).__gc = function() error('gone wrong') end")]
    [InlineData("require('ffi').gc(require('ffi').new('int[1]'), function() error('gone wrong') end)")]
    [InlineData("local ffi = require 'ffi' ffi.metatype(ffi.typeof('struct { int x; }'), { __gc = function() error('gone wrong') end })()")]
    [InlineData("local p = newproxy(false) debug.setmetatable(p, { __gc = function() error('gone wrong') end })")]
    public void Finalizer_ThatRaises_IsReportedAndDisturbsNothing(string make)
    {
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin(
                $$"""
                onload = function()
                  do {{make}} end
                  collectgarbage() collectgarbage()
                  print 'through'
                  T.async:schedule { onexecute = function() do {{make}} end collectgarbage() collectgarbage() return 'done' end, onresult = function(_, _, r) print(r) end }
                end
                """
            )
        );
        harness.Drain();

        Assert.Equal("through\ndone\n", harness.Output.Printed);
        Assert.Single(
            harness.Output.Errors,
            error =>
                error.StartsWith("a finalizer (__gc): ", StringComparison.Ordinal) && error.Contains("gone wrong", StringComparison.Ordinal)
        );
        Assert.Single(harness.Output.Errors, error => error.StartsWith("a finalizer (__gc) on a worker: ", StringComparison.Ordinal));
        Assert.Equal(2, harness.Host.Errors);
        Assert.Equal(2, harness.Host.GetFigures()[0].Errors);
    }

    // What goes past all that could guard it, and whose turn may come when nothing of the script's runs.
    [Fact]
    public void Finalizer_RawAndRaising_IsAnErrorOfWhateverRuns()
    {
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin(
                $$"""
                {{Counter}} onpacket = function()
                  for i = 1, 100 do
                    local p = newproxy(true)
                    rawset(getmetatable(p), '__gc', function() error('raw') end)
                  end
                end }
                """
            )
        );
        for (int i = 0; i < 300; i++)
            harness.Send(Packets.Syn());
        harness.Host.Unload();

        Assert.Contains(harness.Output.Errors, error => error.Contains("raw", StringComparison.Ordinal));
    }

    [Fact]
    public void Finalizer_ThatRaisesWhenTheStateIsClosed_IsReported()
    {
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin(
                "onunload = function() kept = newproxy(true) getmetatable(kept).__gc = function() error('at the end') end end"
            )
        );
        harness.Host.Unload();
        harness.Host.Dispose();

        Assert.Contains("at the end", Assert.Single(harness.Output.Errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("error({ code = 5 })", "script.lua:3: (error object is a table)")]
    [InlineData("error()", "script.lua:3: (error object is a nil)")]
    [InlineData("error(setmetatable({}, { __tostring = function() return 'own words' end }))", "script.lua:3: own words")]
    [InlineData("error(setmetatable({}, { __tostring = function() error('again') end }))", "script.lua:3: (error object is a table)")]
    [InlineData("error(setmetatable({}, { __tostring = function() return 5 end }))", "script.lua:3: (error object is a table)")]
    [InlineData("error(print)", "script.lua:3: (error object is a function)")]
    [InlineData("pcall, tostring, type, debug.traceback = nil error({})", "script.lua:3: (error object is a table)")]
    [InlineData(
        "setmetatable(_G, { __index = function(_, k) error('no global ' .. k, 2) end }) return nothing",
        "script.lua:3: no global nothing"
    )]
    [InlineData("coroutine.yield(1)", "attempt to yield")]
    [InlineData("local function f() return f() + 1 end f()", "stack overflow")]
    [InlineData("error(select(2, xpcall(error, function() error('in the handler') end)))", "error in error handling")]
    [InlineData("coroutine.wrap(function() error('inside') end)()", "script.lua:3: inside")]
    [InlineData(
        "assert(coroutine.resume(coroutine.create(function() local x = nil + 1 end)))",
        "script.lua:3: attempt to perform arithmetic on a nil value"
    )]
    [InlineData("return ('x'):rep(2 ^ 31 - 1)", "onpacket: not enough memory")]
    [InlineData("return ('%099999d'):format(1)", "onpacket: invalid ")]
    [InlineData("local t = {} for i = 1, 60 do t[i] = ('x'):rep(2 ^ 20 * i) end", "wanted more memory than 48 MB (--script-memory)")]
    [InlineData(
        "local co = {} for i = 1, 1e9 do co[i] = coroutine.create(function() end) end",
        "wanted more memory than 48 MB (--script-memory)"
    )]
    public void Callback_ThatFailsInAnyWay_IsReportedAndTheOthersRun(string code, string expected)
    {
        using var harness = new ScriptHarness(
            new AsyncOptions(),
            allowsShell: true,
            new ScriptLimits { MemoryBytes = 48 << 20, SlowCallback = Timeout.InfiniteTimeSpan },
            ScriptHarness.Plugin($"{Counter} onpacket = function()\n{code}\nend }}"),
            ScriptHarness.Plugin($"{Counter} onpacket = function() print 'the other' end }}")
        );
        harness.Send(Packets.Syn());
        harness.Send(Packets.Syn());

        Assert.Contains(expected, harness.Output.Errors[0], StringComparison.Ordinal);
        Assert.Equal("the other\nthe other\n", harness.Output.Printed);
    }

    [Fact]
    public void Coroutine_AcrossCallbacks_GoesOnAndItsViewsAreDead()
    {
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin(
                $$"""
                onload = function()
                  co = coroutine.wrap(function(layer)
                    local first = layer:getbyte(0)
                    layer = coroutine.yield(first)
                    local kept = layer
                    coroutine.yield(first + layer:getbyte(0))
                    return kept:getbyte(0)
                  end)
                end,
                {{Counter}} onpacket = function(engine, layer) print(co(layer)) end }
                """
            )
        );
        for (int i = 0; i < 3; i++)
            harness.Send(Packets.Syn());

        Assert.Equal(2, harness.Output.Printed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("used after its callback has returned", Assert.Single(harness.Output.Errors), StringComparison.Ordinal);
    }
}
