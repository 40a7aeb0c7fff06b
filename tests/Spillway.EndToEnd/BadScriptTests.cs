using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>Scripts that do not load or that raise: told, counted, and everything else goes on.</summary>
public sealed class BadScriptTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public BadScriptTests() => Recording.Of(Http.Get("/whole"), Http.Ok(Http.Noise(500_000))).Save(_workspace.PathOf("good.pcap"));

    [Theory]
    [InlineData("TrisulPlugin = {", "error: [bad.lua] Unable to load: bad.lua:1: unexpected symbol near '<eof>'")]
    [InlineData("local x = 1", "error: [bad.lua] Unable to load: has no TrisulPlugin table")]
    [InlineData("error('on purpose')", "error: [bad.lua] Unable to load: bad.lua:1: on purpose")]
    [InlineData(
        "TrisulPlugin = { id = { name = 'x' }, request_async_workers = 65, simplecounter = { protocol_guid = "
            + "'{77E462AB-2E42-42EC-9A58-C1A6821D6B31}' } }",
        "65"
    )]
    [InlineData(
        "TrisulPlugin = { id = { name = 'x' }, onload = function() error('on purpose') end, filex_monitor = {} }",
        "bad.lua:1: on purpose"
    )]
    public async Task ScriptThatDoesNotLoad_IsToldInOneLine_AndTheOthersRun(string text, string expected)
    {
        _workspace.Write("bad.lua", text);
        Outcome run = (await Probe.Run(_workspace, "-r", "good.pcap", "-s", "bad.lua", Probe.Script("sizes.lua"), "--json")).MustExit(3);

        Assert.Contains(
            expected,
            Assert.Single(run.Told, line => line.StartsWith("error:", StringComparison.Ordinal)),
            StringComparison.Ordinal
        );
        Assert.Contains("/whole 500000", run.Prints);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("'nonsense'")]
    [InlineData("function() end")]
    [InlineData("0/0")]
    [InlineData("-1e300, -1e300")]
    [InlineData("coroutine.create(print)")]
    public async Task Callbacks_ThatReturnNonsense_HarmNobody(string nonsense)
    {
        _workspace.Write(
            "nonsense.lua",
            $$"""
            local function answer() return {{nonsense}} end
            local function block(names, extra)
              local result = extra or {}
              for name in names:gmatch '%S+' do result[name] = answer end
              return result
            end
            TrisulPlugin = {
              id = { name = 'nonsense' },
              protocol_handler = block('parselayer', { control = { guid = '{2B4B4A1C-9A2B-4B67-8B47-1A3C5E7F9B01}', name = 'NONS',
                host_protocol_guid = '{77E462AB-2E42-42EC-9A58-C1A6821D6B31}', host_protocol_ports = { 80 } } }),
              simplecounter = block('onpacket', { protocol_guid = '{77E462AB-2E42-42EC-9A58-C1A6821D6B31}' }),
              reassembly_handler = block 'filter onnewflow onpayload onattribute onterminateflow',
              filex_monitor = block 'filter_flow filter onpayload_raw onfile_http onterminateflow',
              packet_storage = block 'filter filter_payload',
              messagemonitor = block 'onnewflowrecord onflowmetric',
              flowmonitor = block 'onflowattribute',
              engine_monitor = block 'onbeginflush onendflush onmetronome',
              cg_monitor = block('onbeginflush onflushfilter onflush onendflush onbegintopperflush ontopperflushfilter ontopperflush onupdate onnewkey',
                { counter_guid = '{4CD742B1-C1CA-4708-BE78-0FCA2EB01A86}' }),
              sg_monitor = block 'onnewflow onupdate onterminate flushfilter onflush',
              flowtracker = block('getmetric', { control = { name = 'NONS', bucketsize = 60, count = 5 } }),
            }
            """
        );
        Outcome run = await Probe.Run(
            _workspace,
            "-r",
            "good.pcap",
            "-s",
            "nonsense.lua",
            Probe.Script("sizes.lua"),
            "--packets",
            "kept",
            "--json"
        );

        Assert.True(run.ExitCode is 0 or 3, $"exit code {run.ExitCode}");
        Assert.Contains("/whole 500000", run.Prints);
        Assert.True((long)run.Json["scripts"]![0]!["callbacks"]!.AsObject().Sum(pair => (long)pair.Value!) > 300);
    }

    // Whatever way a script, its commands and its C code write: standard output has the JSON and nothing else.
    [Theory]
    [InlineData("--json")]
    [InlineData("--eve", "-")]
    public async Task Scripts_ThatWriteToStandardOutput_LeaveItToTheJson(params string[] options)
    {
        _workspace.Write(
            "writes.lua",
            """
            local ffi = require 'ffi'
            ffi.cdef 'int puts(const char *); int fflush(void *);'
            TrisulPlugin = { id = { name = 'writes' }, onload = function()
              io.write('1 written\n') print('2 printed') io.stdout:write('3 written\n') os.execute('echo 4 of a command')
              print('5 printed') io.stderr:write('6 error\n') ffi.C.puts('7 of C') ffi.C.fflush(nil)
              T.async:schedule { onexecute = function() io.write('8 of a task\n') os.execute('echo 9 of its command') end }
            end }
            """
        );
        Outcome run = (await Probe.Run(_workspace, ["-r", "good.pcap", "-s", "writes.lua", .. options])).MustExit(0);

        Assert.All(run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.False(char.IsAsciiDigit(line[0]), line));
        if (options[0] == "--eve")
            Assert.All(
                run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries),
                line => Assert.NotNull(System.Text.Json.Nodes.JsonNode.Parse(line))
            );
        else
            Assert.Equal("writes.lua", (string)run.Json["scripts"]![0]!["name"]!);
        Assert.Equal(
            ["1", "2", "3", "4", "5", "6", "7", "8", "9"],
            run.Told.Where(line => char.IsAsciiDigit(line[0])).Select(line => line[..1])
        );
    }

    [Fact]
    public async Task Commands_AndPrints_ComeInTheOrderOfTheCallsInAPipe()
    {
        _workspace.Write(
            "order.lua",
            """
            TrisulPlugin = { id = { name = 'order' }, onload = function()
              print('1') os.execute('echo 2') io.write('3\n') print('5')
            end }
            """
        );
        Outcome run = (await Probe.Run(_workspace, "-r", "good.pcap", "-s", "order.lua", "-q")).MustExit(0);

        Assert.Equal("1\n2\n3\n5\n", run.Output);
    }

    [Fact]
    public async Task OsExit_InATask_EndsTheTaskAndLosesNothing()
    {
        _workspace.Write(
            "leaves.lua",
            """
            TrisulPlugin = { id = { name = 'leaves' }, filex_monitor = { onfile_http = function(engine, ts, flow, path)
              T.async:copy(path, 'copied')
              T.async:schedule { onexecute = function() os.exit(0) end }
              os.exit(0)
            end } }
            """
        );
        Outcome run = (await Probe.Run(_workspace, "-r", "good.pcap", "-s", "leaves.lua", Probe.Script("sizes.lua"), "--json")).MustExit(3);

        Assert.Equal(2, (long)run.Json["scripts"]![0]!["errors"]!);
        Assert.Contains("/whole 500000", run.Prints);
        Assert.Equal(500_000, new FileInfo(_workspace.PathOf("copied")).Length);
        Assert.Contains("leaves.lua:4: os.exit is not available", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Callback_ThatRaisesOnEveryPacket_IsToldSparinglyAndCountedInFull()
    {
        Outcome run = (
            await Probe.Run(_workspace, "-r", "good.pcap", "-s", Probe.Script("raises.lua"), Probe.Script("sizes.lua"), "--json")
        ).MustExit(3);

        long packets = (long)run.Json["traffic"]!["packets"]!;
        Assert.True(packets > 300, $"{packets} packets");
        Assert.Equal(packets, (long)run.Json["scripts"]![0]!["errors"]!);
        Assert.Contains(
            "raises.lua:8: attempt to index local 'missing' (a nil value)",
            (string)run.Json["scripts"]![0]!["first_error"]!,
            StringComparison.Ordinal
        );
        Assert.Equal(3, run.Told.Count(line => line.StartsWith("error: [raises.lua] onpacket", StringComparison.Ordinal)));
        Assert.Contains("/whole 500000", run.Prints);
    }

    [Fact]
    public async Task Directory_OfScripts_RunsItsPluginsAndLeavesModulesAlone()
    {
        Directory.CreateDirectory(_workspace.PathOf("apps/one"));
        _workspace.Write("apps/module.lua", "return { answer = 42 }");
        _workspace.Write("apps/tool.lua", "print(#arg)");
        _workspace.Write("apps/one/greeter.lua", "return 'hello'");
        _workspace.Write(
            "apps/one/app.lua",
            "local hello = require 'greeter'\nTrisulPlugin = { id = { name = 'app' }, onload = function() print(hello) end }"
        );
        Outcome run = (await Probe.Run(_workspace, "-r", "good.pcap", "-s", "apps", "-q")).MustExit(0);

        Assert.Equal(("hello\n", ""), (run.Output, run.Error));
    }

    public void Dispose() => _workspace.Dispose();
}
