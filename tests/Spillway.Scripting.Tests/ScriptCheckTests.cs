using Spillway.Scripting.Authoring;
using Spillway.Scripting.Blocks;

namespace Spillway.Scripting.Tests;

/// <summary><c>spillway scripts check</c>: what it finds, and what it leaves alone.</summary>
public sealed class ScriptCheckTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("spillway-check-").FullName;
    private readonly ScriptInspector _inspector;

    public ScriptCheckTests() =>
        _inspector = new ScriptInspector(new ScriptEnvironment(new Dictionary<string, string> { ["App>DBRoot"] = _directory }));

    public static TheoryData<string> Types => new(BlockTypes.All.Select(type => type.Name));

    [Theory]
    [MemberData(nameof(Types))]
    public void Skeleton_IsWithoutFault_AndLoads(string type)
    {
        string text = ScriptSkeleton.Create(BlockTypes.Find(type)!, () => Guid.NewGuid().ToString("B").ToUpperInvariant());

        Assert.DoesNotContain(Check(text), finding => finding.Severity != FindingSeverity.Note);
        Assert.DoesNotContain("NEW-GUID", text, StringComparison.Ordinal);
        ScriptListing listing = _inspector.List(Path.Combine(_directory, "script.lua"), named: true);
        Assert.Equal(ScriptFileKind.Plugin, listing.Kind);
        Assert.Contains(listing.Blocks, block => block.Type.Name == type);
        Assert.Empty(listing.Problems);
    }

    [Theory]
    [InlineData(
        "simplecounter = { protocol_guid = TCP, onpaket = function() end }",
        2,
        "simplecounter.onpaket is not looked at",
        "onpacket"
    )]
    [InlineData("simple_couter = { onpacket = function() end }", 2, "there is no block type 'simple_couter'", "simple_counter")]
    [InlineData("onlaod = function() end", 2, "TrisulPlugin.onlaod is not looked at", "onload")]
    [InlineData("reassembly_handler = { onterminate = function() end }", 2, "onterminate is no callback", "onterminateflow")]
    [InlineData(
        "engine_monitor = { onmetronone = function() end, onendflush = function() end }",
        2,
        "engine_monitor.onmetronone",
        "onmetronome"
    )]
    [InlineData(
        "reassembly_handler = { onflush = function() end, onpayload = function() end }",
        2,
        "reassembly_handler.onflush is never called",
        "cg_monitor"
    )]
    [InlineData(
        "simplecounter = { protocol_guid = '{77E462AB-2E42-42EC-9A58-C1A6821D6B32}', onpacket = function() end }",
        2,
        "no protocol has the GUID",
        "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}, TCP"
    )]
    [InlineData(
        "alert_monitor = { alert_guid = '{4CD742B1-C1CA-4708-BE78-0FCA2EB01A86}', onnewalert = function() end }",
        2,
        "is the counter group Hosts",
        "guids"
    )]
    [InlineData(
        "cg_monitor = { counter_guid = '{11111111-2222-3333-4444-555555555555}', onflush = function() end }",
        2,
        "no counter group that is known",
        "declares"
    )]
    [InlineData(
        "simplecounter = { protocol_guid = TCP, onpacket = function(engine, layer) engine:update_conter('x', 'k', 0, 1) end }",
        2,
        "engine has no method 'update_conter'",
        "update_counter"
    )]
    [InlineData(
        "simplecounter = { protocol_guid = TCP, onpacket = function(engine, layer) local b = layer:rawbytes() b:hval_12(0) end }",
        2,
        "buffer has no method 'hval_12'",
        "hval_"
    )]
    [InlineData(
        "simplecounter = { protocol_guid = TCP, onpacket = function(engine, layer) layer:packet():flowid():ip() end }",
        2,
        "flow has no method 'ip'",
        "ipa"
    )]
    [InlineData(
        "simplecounter = { protocol_guid = TCP, onpacket = function(engine, layer) engine.tag_flow(layer:flowkey(), 'x') end }",
        2,
        "called with a dot",
        "engine:tag_flow"
    )]
    [InlineData(
        "cg_monitor = { counter_guid = HOSTS, onflush = function(engine) engine:disable_reassembly('x') end }",
        2,
        "not available for backend scripts",
        "packet path"
    )]
    [InlineData(
        "x = function() return T.utl.split('a', 'b') end, y = function() return T.util.spilt('a', 'b') end",
        2,
        "there is no function T.util.spilt",
        "split"
    )]
    [InlineData("x = function() T.logwarn('a') end", 2, "there is no function T.logwarn", "T has")]
    [InlineData("x = { { 0, T.K.vartype.COUNTR } }", 2, "there is no T.K.vartype.COUNTR", "COUNTER")]
    [InlineData(
        "simplecounter = { protocol_guid = TCP, onpacket = function() io.popen('date') end }",
        2,
        "io.popen in simplecounter.onpacket holds up",
        "T.async"
    )]
    [InlineData(
        "simplecounter = { protocol_guid = TCP, onpacket = function() end },\nsimplecounter = { protocol_guid = TCP, "
            + "onpacket = function() end }",
        3,
        "'simplecounter' is there twice, first in line 2",
        "file of its own"
    )]
    [InlineData("simplecounter = { onpacket = function() end }", 2, "no protocol_guid", "IPv4")]
    [InlineData("filex_monitor = { }", 2, "has no callback", "onfile_http")]
    [InlineData("onmessage = function()\nos.exit(0) end", 3, "os.exit raises an error", "onload that returns false")]
    [InlineData("onunload = function()\nerror('at its end') end", 3, "onunload raised: at its end", "onunload has to do")]
    [InlineData("onunload = function()\nerror({}) end", 3, "onunload raised: (error object is a table)", "onunload has to do")]
    [InlineData(
        "countergroup = { control = { guid = '{NONSENSE-2222-3333-4444-555555555555}' }, meters = {} }",
        2,
        "is no GUID",
        "spillway guid"
    )]
    [InlineData(
        "countergroup = { control = { guid = HOSTS }, meters = {\n{ 0, T.K.vartype.COUNTER, 10, 'a', 'b', 'c' },\n{ 0, 3, 'x', 'b' } } }",
        4,
        "row 2 of meters",
        "a row is"
    )]
    public void Mistake_IsFound_WithLineAndRemedy(string body, int line, string message, string remedy)
    {
        IReadOnlyList<ScriptFinding> findings = Check(Plugin(body));

        Assert.Contains(
            findings,
            finding =>
                finding.Severity == FindingSeverity.Warning
                && finding.Line == line
                && finding.Message.Contains(message, StringComparison.Ordinal)
                && finding.Remedy.Contains(remedy, StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("return {\n1, = 2 }", 2, "error loading module 'helper' from file")]
    [InlineData("local x = {}\nx.y.z = 1", 2, "attempt to index field 'y' (a nil value)")]
    public void Error_InAModule_IsAtTheModulesFileAndLine(string module, int line, string message)
    {
        string file = Path.Combine(_directory, "helper.lua");
        File.WriteAllText(file, module);

        ScriptFinding finding = Assert.Single(
            Check("-- three\n-- lines before\nlocal helper = require 'helper'\n" + Plugin("")),
            finding => finding.Severity == FindingSeverity.Error
        );

        Assert.Equal(line, finding.Line);
        Assert.EndsWith("helper.lua", finding.File, StringComparison.Ordinal);
        Assert.Contains(message, finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("engine:tag_flow('id', x)", "'engine' (the engine of line", "onresult")]
    [InlineData("return flow:id()", "'flow' (the flow id of line", "flow:id() before the call")]
    [InlineData("return b:size()", "'b' (the buffer of line", "b:tostring()")]
    [InlineData("return helper(x)", "the global 'helper' is nil in onexecute", "make it local")]
    [InlineData("return TrisulPlugin.id.name", "TrisulPlugin is nil in onexecute", "local")]
    [InlineData("return T.state.count", "T.state is the script's own", "local state")]
    public void WhatCannotCrossToAWorker_IsFound(string body, string message, string remedy)
    {
        string script =
            Plugin(
                $$"""
                onload = function() T.state = {} end,
                reassembly_handler = { onpayload = function(engine, ts, flow, direction, seekpos, buffer)
                  local b = buffer
                  T.async:schedule { data = 'x', onexecute = function(x)
                    {{body}}
                  end }
                end }
                """
            ) + "\nfunction helper(x) return x end";

        ScriptFinding finding = Assert.Single(Check(script), finding => finding.Severity != FindingSeverity.Note);
        Assert.Contains(message, finding.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, finding.Remedy, StringComparison.Ordinal);
        Assert.Equal(6, finding.Line);
    }

    [Theory]
    [InlineData("-- engine:nothing()\nx = 'T.util.nothing(1)', y = [[ engine:nothing() ]]")]
    [InlineData(
        "onload = function() T.count = 0; T.mine = function() end; T.mine(); if T.other then T.other() end end, --[==[ "
            + "]] T.util.x() ]==] z = 1"
    )]
    [InlineData(
        "simplecounter = { protocol_guid = TCP:lower(), helper = function() end, onpacket = function(engine, layer) "
            + "engine.instanceid() end }"
    )]
    [InlineData("sg_monitor = { onterminate = function(engine, session) session:flow():id() end }")]
    [InlineData("onload = function() os.execute('true') end")]
    [InlineData(
        "reassembly_handler = { onnewflow = function(engine, ts, flow) local id = flow:id(); T.async:schedule { data = "
            + "id, onexecute = function(d) local f = io.popen('true'); f:close(); return id end, onresult = function(engine) "
            + "engine:tag_flow(id, 'x') end } end }"
    )]
    [InlineData(
        "countergroup = { control = { guid = '{11111111-2222-3333-4444-555555555555}', name = 'x' }, meters = { { 0, "
            + "T.K.vartype.COUNTER, 10, 'a', 'b', 'c' } } }, cg_monitor = { counter_guid = "
            + "'{11111111-2222-3333-4444-555555555555}', onflush = function() end }"
    )]
    [InlineData("ifts_monitor = { fts_guid = HOSTS, onnewfts = function() end }, is_vulnerable = function() end, mac_table = {}")]
    public void OrdinaryScript_IsLeftAlone(string body) =>
        Assert.DoesNotContain(Check(Plugin(body)), finding => finding.Severity != FindingSeverity.Note);

    [Fact]
    public void FunctionNamedLikeACallback_IsNoted()
    {
        ScriptFinding finding = Assert.Single(
            Check(Plugin("reassembly_handler = { onterminte = function() end, helper = function() end, onpayload = function() end }")),
            finding => finding.Message.Contains("onterminte", StringComparison.Ordinal)
        );

        Assert.Equal(FindingSeverity.Note, finding.Severity);
        Assert.Contains("onterminateflow", finding.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void SyntaxError_IsToldWithItsLine()
    {
        ScriptFinding finding = Assert.Single(Check("local x = 1\nlocal y = = 2\n"));

        Assert.Equal((FindingSeverity.Error, 2), (finding.Severity, finding.Line));
        Assert.Contains("2 | local y = = 2", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("request_async_workers = 100")]
    [InlineData("request_async_workers = 'two'")]
    public void WorkersOutOfRange_AreAnError(string body)
    {
        ScriptFinding finding = Assert.Single(Check(Plugin(body)));

        Assert.Equal((FindingSeverity.Error, 2), (finding.Severity, finding.Line));
    }

    [Fact]
    public void ErrorInOnload_IsToldWithItsLine()
    {
        ScriptFinding finding = Assert.Single(Check(Plugin("onload = function()\n  local x = nil + 1\nend")));

        Assert.Equal((FindingSeverity.Error, 3), (finding.Severity, finding.Line));
    }

    [Fact]
    public void ModuleAmongScripts_IsListedAsSuch()
    {
        string path = Path.Combine(_directory, "module.lua");
        File.WriteAllText(path, "return { #arg }");

        Assert.Equal(ScriptFileKind.Helper, _inspector.List(path, named: false).Kind);
        (_, IReadOnlyList<ScriptFinding> findings) = Assert.Single(new ScriptChecker(_inspector).Check([(path, false)], runsLoad: true));
        Assert.All(findings, finding => Assert.Equal(FindingSeverity.Note, finding.Severity));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void AnySource_IsReadWithoutFault(int seed)
    {
        var random = new Random(seed);
        string[] words =
        [
            "function",
            "end",
            "local",
            "x",
            "=",
            "{",
            "}",
            "(",
            ")",
            "[",
            "]",
            "[[",
            "]]",
            "--",
            "\n",
            "'",
            "\"",
            "T",
            ".",
            ":",
            "if",
            "then",
            "for",
            "in",
            "do",
            "repeat",
            "until",
            "...",
            "1e",
            "0x",
            "::",
            "\\",
            "and",
            "return",
            ",",
        ];
        for (int round = 0; round < 3000; round++)
        {
            string source = string.Join(' ', Enumerable.Range(0, random.Next(60)).Select(_ => words[random.Next(words.Length)]));
            Authoring.Syntax.LuaChunk chunk = Authoring.Syntax.LuaParser.Parse(source);
            Assert.True(chunk.Functions.Count > 0, $"seed {seed}: {source}");
        }
    }

    [Fact]
    public void DeepNesting_DoesNotExhaustTheStack()
    {
        string deep = string.Concat(Enumerable.Repeat("x = { function() ", 20_000));

        Assert.True(Authoring.Syntax.LuaParser.Parse(deep).Functions.Count > 10);
    }

    public void Dispose()
    {
        _inspector.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static string Plugin(string body) =>
        "local TCP, HOSTS = '{77E462AB-2E42-42EC-9A58-C1A6821D6B31}', '{4CD742B1-C1CA-4708-BE78-0FCA2EB01A86}' "
        + "TrisulPlugin = { id = { name = 'test' },\n"
        + body
        + "\n}";

    private IReadOnlyList<ScriptFinding> Check(string script)
    {
        string path = Path.Combine(_directory, "script.lua");
        File.WriteAllText(path, script);
        return Assert.Single(new ScriptChecker(_inspector).Check([(path, true)], runsLoad: true)).Findings;
    }
}
