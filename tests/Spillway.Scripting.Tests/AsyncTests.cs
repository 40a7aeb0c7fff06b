namespace Spillway.Scripting.Tests;

/// <summary>T.async through real scripts and workers: sections 1 to 5 and 7 of its contract.</summary>
public sealed class AsyncTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("spillway-async-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private string PathOf(string name) => Path.Combine(_directory, name);

    [Fact]
    public void Schedule_TheSmokeScriptOfTheReference_BehavesAsItExpects()
    {
        using var harness = new ScriptHarness(
            """
            local PREFIX = "captured"
            local helper = { twice = function(s) return s .. s end }
            function global_helper() return "global" end
            TrisulPlugin = {
              id = { name = "Smoke async schedule", description = "worker VM and results" },
              request_async_workers = 2,
              onload = function()
                T.marker = "script state"
                T.async:schedule {
                  data = "probe",
                  onexecute = function(arg)
                    return table.concat({ arg, "util=" .. T.util.ntop(3232235777), "marker=" .. tostring(T.marker), "global=" .. tostring(global_helper),
                      "plugin=" .. tostring(TrisulPlugin), "prefix=" .. tostring(PREFIX), "helper=" .. helper.twice("ab"),
                      "module=" .. tostring(pcall(require, "bit")) }, " ")
                  end,
                  onresult = function(engine, arg, res)
                    print("SMOKE visible " .. res .. " marker here " .. tostring(T.marker) .. " upvalue here " .. PREFIX)
                  end,
                }
                local block = {
                  onexecute = function(arg) return "done " .. arg end,
                  onresult = function(engine, arg, res) print("SMOKE item " .. arg .. " -> " .. res) end,
                }
                for i = 1, 5 do
                  block.data = "n" .. i
                  T.async.schedule(block)
                end
                T.async:schedule { data = "x", onexecute = function(a) end, onresult = function() print("SMOKE FAIL called without a result") end }
                T.async:schedule { data = "x", onexecute = function(a) error("on purpose") end, onresult = function() print("SMOKE FAIL called after an error") end }
                T.async:schedule { data = "a\0b", onexecute = function(a) return "" end, onresult = function(e, a, r) print("SMOKE empty " .. #a .. " " .. #r) end }
                T.async:schedule { data = "fire and forget", onexecute = function(a) os.execute("true") return "unused" end }
                print("SMOKE scheduled, pending " .. T.async:pending_items())
              end,
              onunload = function() print("SMOKE left " .. T.async:pending_items()) end,
            }
            """
        );
        harness.Drain();
        harness.Host.Unload();

        string printed = harness.Output.Printed;
        Assert.Contains(
            "SMOKE visible probe util=192.168.1.1 marker=nil global=nil plugin=nil prefix=captured helper=abab "
                + "module=true marker here script state upvalue here captured",
            printed,
            StringComparison.Ordinal
        );
        for (int i = 1; i <= 5; i++)
            Assert.Contains($"SMOKE item n{i} -> done n{i}\n", printed, StringComparison.Ordinal);
        Assert.Contains("SMOKE empty 3 0\n", printed, StringComparison.Ordinal);
        Assert.Contains("SMOKE scheduled, pending 10\n", printed, StringComparison.Ordinal);
        Assert.DoesNotContain("FAIL", printed, StringComparison.Ordinal);
        Assert.EndsWith("SMOKE left 0\n", printed, StringComparison.Ordinal);
        string error = Assert.Single(harness.Output.Errors);
        Assert.StartsWith("onexecute: ", error, StringComparison.Ordinal);
        Assert.Contains("on purpose", error, StringComparison.Ordinal);
        Assert.Contains("stack traceback", error, StringComparison.Ordinal);
    }

    [Fact]
    public void FileOperations_BothCallStyles_TakeEffectInOrder()
    {
        File.WriteAllText(PathOf("one"), "1111");
        File.WriteAllText(PathOf("two"), "22");
        File.WriteAllText(PathOf("old"), "previous content");
        ScriptHarness.Run(
            $$"""
            local D = "{{_directory}}/"
            T.async:copy(D .. "one", D .. "old")
            T.async.copy(D .. "two", D .. "new")
            T.async:cat(D .. "one", D .. "joined")
            T.async.cat(D .. "two", D .. "joined")
            T.async:cp(D .. "two", D .. "gone")
            T.async:rm(D .. "gone")
            T.async.rm(D .. "never-existed")
            T.async:copybuffer("bytes", D .. "deep/er/buffer", 2)
            T.async.copybuffer("!", D .. "deep/er/buffer")
            assert(type(T.async:copy(D .. "one", D .. "again")) == "number")
            """
        );

        Assert.Equal("1111", File.ReadAllText(PathOf("old")));
        Assert.Equal("22", File.ReadAllText(PathOf("new")));
        Assert.Equal("111122", File.ReadAllText(PathOf("joined")));
        Assert.False(File.Exists(PathOf("gone")));
        Assert.Equal("\0\0bytes!", File.ReadAllText(PathOf("deep/er/buffer")));
    }

    [Fact]
    public void FileOperation_SourceMissing_IsToldWithScriptAndPaths()
    {
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin($"onload = function() T.async:copy('{PathOf("missing")}', '{PathOf("x")}') end")
        );
        harness.Drain();

        string error = Assert.Single(harness.Output.Errors);
        Assert.Contains(PathOf("missing"), error, StringComparison.Ordinal);
        Assert.False(File.Exists(PathOf("x")));
    }

    [Theory]
    [InlineData("T.async:copy('a', nil)", "bad argument #2 to 'copy' (string expected, got nil)")]
    [InlineData("T.async.cat(7, 'b')", "bad argument #1 to 'cat' (string expected, got number)")]
    [InlineData("T.async:rm()", "bad argument #1 to 'rm' (string expected, got nil)")]
    [InlineData("T.async:rm('')", "bad argument #1 to 'rm' (a path is empty)")]
    [InlineData("T.async:copybuffer({}, 'x')", "bad argument #1 to 'copybuffer' (Buffer or string expected, got table)")]
    [InlineData("T.async:copybuffer('x', 'y', -1)", "bad argument #3 to 'copybuffer' (position out of range)")]
    [InlineData("T.async:copybuffer('x', 'y', 0/0)", "bad argument #3 to 'copybuffer' (position out of range)")]
    [InlineData("T.async:schedule()", "bad argument #1 to 'schedule' (table expected, got nil)")]
    [InlineData("T.async:schedule{data = 'x'}", "bad argument #1 to 'schedule' (onexecute must be a function, got nil)")]
    [InlineData(
        "T.async:schedule{onexecute = function() end, onresult = 5}",
        "bad argument #1 to 'schedule' (onresult must be a function, got number)"
    )]
    [InlineData("T.async:schedule{onexecute = string.format}", "bad argument #1 to 'schedule' (onexecute must be a Lua function)")]
    public void Arguments_Wrong_RaiseAtTheCallersLine(string call, string expected)
    {
        string printed = ScriptHarness.Run($"local ok, message = pcall(function()\n{call}\nend) print(message)");
        Assert.Matches(@"^\S*script\.lua:4: ", printed);
        Assert.Contains(expected, printed, StringComparison.Ordinal);
    }

    [Fact]
    public void Schedule_DataAndResultOfEveryKind_CrossByValue() =>
        Assert.Equal(
            "nil data\nnumber 7 string\ntable back 3 true\nfalse result\n",
            ScriptHarness.Run(
                """
                T.async:schedule { onexecute = function(d) return tostring(d) end, onresult = function(e, d, r) print(r .. " data") end }
                T.async:schedule { data = 7, onexecute = function(d) return 7 end, onresult = function(e, d, r) print("number", r, type(d)) end }
                """.Replace("print(\"number\", r, type(d))", "print(\"number \" .. r .. \" \" .. type(d))", StringComparison.Ordinal)
                    + """

                    T.async:schedule { data = { list = { 1, 2, 3 } }, onexecute = function(d) d.list.self = d return { n = #d.list, d = d } end,
                      onresult = function(e, d, r) print("table back " .. r.n .. " " .. tostring(r.d.list.self == r.d)) end }
                    T.async:schedule { onexecute = function(d) return false end, onresult = function(e, d, r) print(tostring(r) .. " result") end }
                    """
            )
        );

    [Fact]
    public void Upvalue_Engine_BecomesAStandInThatNamesItself()
    {
        using var harness = new ScriptHarness(
            """
            TrisulPlugin = { id = { name = 'x' },
              simplecounter = { protocol_guid = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}",
                onpacket = function(engine, layer)
                  T.async:schedule { data = "fine",
                    onexecute = function(data)
                      local ok, message = pcall(function() return engine:timestamp() end)
                      return data .. ": " .. message
                    end,
                    onresult = function(e, d, r) print(r) end }
                end } }
            """
        );
        harness.Send(Packets.Syn());
        harness.Drain();

        Assert.Matches(@"^fine: .*upvalue 'engine' of onexecute cannot cross to a worker \(\S*script\.lua:5\)\n$", harness.Output.Printed);
    }

    [Fact]
    public void Worker_TouchesTheLane_IsToldByName() =>
        Assert.Contains(
            "T.async is not available in a worker",
            ScriptHarness.Run(
                """
                T.async:schedule { onexecute = function() return select(2, pcall(function() T.async:rm('x') end)) end, onresult = function(e, d, r) print(r) end }
                """
            ),
            StringComparison.Ordinal
        );

    [Fact]
    public void OnError_OnexecuteRaises_IsCalledWithDataAndMessage()
    {
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin(
                """
                onload = function()
                  T.async:schedule { data = "d", onexecute = function() error("broken") end, onerror = function(engine, data, message)
                    print(data, engine:instanceid(), message:match("broken")) end }
                end
                """
            )
        );
        harness.Drain();
        Assert.Equal($"d\t{harness.Lane.InstanceId}\tbroken\n", harness.Output.Printed);
    }

    [Fact]
    public void OnResult_SchedulesAgain_AllAreDelivered() =>
        Assert.Equal(
            "10\n",
            ScriptHarness.Run(
                """
                local function step(n)
                  T.async:schedule { data = tostring(n), onexecute = function(d) return tostring(d + 1) end,
                    onresult = function(e, d, r) if r == "10" then print(r) else step(tonumber(r)) end end }
                end
                step(0)
                """
            )
        );

    [Fact]
    public void Require_InTheWorker_FindsModulesBesideTheScript()
    {
        File.WriteAllText(PathOf("beside.lua"), "return { name = function() return 'found' end }");
        File.WriteAllText(
            PathOf("main.lua"),
            """
            local beside = require 'beside'
            TrisulPlugin = { id = { name = 'x' }, onload = function()
              T.async:schedule { onexecute = function() return beside.name() .. require('beside').name() .. type(require('JSON').encode) end,
                onresult = function(e, d, r) print(r) end }
            end }
            """
        );
        using var harness = new ScriptHarness();
        using ScriptHost host = harness.Loader.Load([(PathOf("main.lua"), true)], harness.Lane);
        ScriptHost handler = host;
        Assert.Equal(0, harness.Lane.Async.Drain(ref handler, TimeSpan.FromSeconds(30)));

        Assert.Empty(harness.Output.Errors);
        Assert.Equal("foundfoundfunction\n", harness.Output.Printed);
    }

    [Fact]
    public void Schedule_TwoScriptsOfOneName_EachRunsItsOwnCode()
    {
        using var harness = new ScriptHarness();
        var files = new List<(string, bool)>();
        foreach (string name in new[] { "one", "two" })
        {
            Directory.CreateDirectory(PathOf(name));
            string path = PathOf(name + "/same.lua");
            File.WriteAllText(
                path,
                "TrisulPlugin = { id = { name = 'x' }, onload = function() T.async:schedule { onexecute = function() return '"
                    + name
                    + "' end, onresult = function(e, d, r) print('"
                    + name
                    + " got ' .. r) end } end }"
            );
            files.Add((path, true));
        }

        using ScriptHost host = harness.Loader.Load(files, harness.Lane);
        ScriptHost handler = host;
        Assert.Equal(0, harness.Lane.Async.Drain(ref handler, TimeSpan.FromSeconds(30)));

        Assert.Contains("one got one\n", harness.Output.Printed, StringComparison.Ordinal);
        Assert.Contains("two got two\n", harness.Output.Printed, StringComparison.Ordinal);
    }

    [Fact]
    public void CopyBuffer_BufferOfThePacket_IsCopiedInTheCall()
    {
        using var harness = new ScriptHarness(
            $$"""
            TrisulPlugin = { id = { name = 'x' },
              simplecounter = { protocol_guid = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}",
                onpacket = function(engine, layer) T.async:copybuffer(layer:rawbytes(), "{{PathOf("bytes")}}") end } }
            """
        );
        byte[] packet = Packets.Syn();
        harness.Send(packet);
        harness.Drain();

        Assert.Equal(packet[34..], File.ReadAllBytes(PathOf("bytes")));
    }
}
