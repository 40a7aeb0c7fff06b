namespace Spillway.Scripting.Tests;

/// <summary>T, its libraries and the helper modules (script API, sections 1.1 and 2).</summary>
public class GlobalTableTests
{
    [Theory]
    [InlineData("T.util.ntop(0xC0A80102)", "192.168.1.2")]
    [InlineData("T.util:ntop('3232235777')", "192.168.1.1")]
    [InlineData("T.util.pton('192.168.1.2')", "3232235778")]
    [InlineData("T.util.pton('nonsense')", "nil")]
    [InlineData("T.util.bor(0x80000000, 1)", "2147483649")]
    [InlineData("T.util.band(0xFFFFFFFF, 0xF0000000)", "4026531840")]
    [InlineData("T.util.testbit32(0x80000000, 31)", "true")]
    [InlineData("T.util.bitval32(0x45, 7, 4)", "4")]
    [InlineData("table.concat(T.util.split('a||b', '|'), ',')", "a,,b")]
    [InlineData("select('#', T.util.splitm('a|b|c', '|'))", "3")]
    [InlineData("T.util.hash('hello')", "3848350155")]
    [InlineData("T.util.hash('x', 1) == 0 or T.util.hash('x', 1) == 1", "true")]
    [InlineData("T.util.bin2hex('\\1\\171')", "01ab")]
    [InlineData("T.util.hex2bin('01aB') == '\\1\\171'", "true")]
    [InlineData("T.util.hex2bin('0')", "nil")]
    [InlineData("T.K.vartype.AVERAGE + T.K.vartypes.MAX", "20")]
    [InlineData("T.K.loglevel.ERROR", "4")]
    [InlineData("T.host:is_homenet('10.1.2.3')", "true")]
    [InlineData("T.host.is_homenet('11.1.2.3')", "false")]
    [InlineData("T.host:is_homenet_key('C0.A8.01.02')", "true")]
    [InlineData("T.host:is_homenet_key('FE800000000000000000000000000001')", "false")]
    [InlineData("T.env.get_config('No>Such>Key') == ''", "true")]
    [InlineData("T.env.get_config(' App > DBRoot ') ~= ''", "true")]
    [InlineData("type(T.contextid) .. T.enginetype", "numberfrontend")]
    [InlineData("T.args == '' and T.countergroups", "nil")]
    [InlineData("T.something_unset", "nil")]
    [InlineData("bit.band(6, 3)", "2")]
    public void Expression_OfTheReference_HasItsValue(string expression, string expected) =>
        Assert.Equal(expected + "\n", ScriptHarness.Run($"print(tostring({expression}))"));

    [Theory]
    [InlineData("T.re2('(?i)host: (\\\\S+)'):partial_match_c1('x HOST: a.b y')", "true\ta.b")]
    [InlineData("T.re2('b'):full_match('abc')", "false")]
    [InlineData("T.re2('^(a)(x)?(c)$'):partial_match_n('ac')", "true\ta\t\tc")]
    [InlineData("T.re2('nope'):partial_match_c2('ac')", "false\tnil\tnil")]
    [InlineData("T.re2('A', {case_sensitive = false}):partial_match('a')", "true")]
    [InlineData("T.re2('a.c', {literal = true}):partial_match('abc')", "false")]
    [InlineData("T.re2('\\\\xff\\\\x00', {utf8 = false}):partial_match('\\255\\0')", "true")]
    public void Re2_Match_AsTheReferenceSays(string expression, string expected) =>
        Assert.Equal(expected + "\n", ScriptHarness.Run($"print({expression})"));

    [Fact]
    public void Re2_InvalidPattern_IsLoggedAndNeverMatches()
    {
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin("onload = function() print(T.re2('(unclosed'):partial_match('(unclosed')) end")
        );
        Assert.Equal("false\n", harness.Output.Printed);
        Assert.Contains(harness.Output.Logs, line => line.StartsWith("Error: T.re2: invalid pattern", StringComparison.Ordinal));
    }

    [Fact]
    public void Ac_MatchAll_GivesLastPositions() =>
        Assert.Equal(
            "21\tnil\t3\n",
            ScriptHarness.Run(
                """
                local hits = T.ac({ "Host", "User-Agent", "ET " }):match_all("GET / HTTP/1.1\r\n\r\nHost: x")
                print(hits["Host"] and hits["Host"] - 1, hits["User-Agent"], (T.ac{"b", "abc", "bc"}:match_all("abc"))["abc"])
                """
            )
        );

    [Theory]
    [InlineData("JSON:encode({1, 2, {a = 'x\\n\"'}})", "[1,2,{\"a\":\"x\\n\\\"\"}]")]
    [InlineData("JSON:encode({})", "[]")]
    [InlineData("JSON:encode(0/0)", "null")]
    [InlineData("JSON:decode('{\"a\":[1,2.5e1,true,null,\"\\\\u00e9\"]}').a[2]", "25")]
    [InlineData("#JSON:decode('\"\\\\ud83d\\\\ude00\"')", "4")]
    [InlineData("pcall(JSON.decode, JSON, '{oops')", "false\tJSON:decode: a name in quotes expected at byte 2 (line 1)")]
    [InlineData("JSON:decode(JSON:encode_pretty({a = {b = {1, 2}}})).a.b[2]", "2")]
    public void Json_Helper_EncodesAndDecodes(string expression, string expected) =>
        Assert.Equal(expected + "\n", ScriptHarness.Run($"local JSON = require 'JSON' print({expression})"));

    [Fact]
    public void Debugger_Passed_DoesNotStopTheRun() =>
        Assert.Equal("on\n", ScriptHarness.Run("local dbg = require 'debugger' dbg() print('on')"));

    [Fact]
    public void Log_Levels_AreToldApart()
    {
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin(
                """
                onload = function() T.log('plain') T.log(T.K.loglevel.WARN, 'level') T.logerror({} and 'err') T.host:log(6, 'old') end
                """
            )
        );
        Assert.Equal(["Debug: plain", "Warning: level", "Error: err", "Notice: old"], harness.Output.Logs);
    }
}
