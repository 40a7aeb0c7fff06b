namespace Spillway.Scripting.Tests;

/// <summary>Modules that scripts require and do not bring.</summary>
public sealed class HelperModuleTests
{
    // However a stream is cut, repeated or begun, the records are the same.
    [Theory]
    [InlineData(1)]
    [InlineData(20_261_122)]
    public void PduRecord_AnyChunks_GivesTheRecords(int seed)
    {
        string printed = ScriptHarness.Run(
            $$"""
            local PDURecord = require 'pdurecord'
            local function u16(n) return string.char(math.floor(n / 256), n % 256) end
            local stream, expected = {}, {}
            math.randomseed({{seed}})
            for i = 1, 40 do
              local body = (i % 7 == 0 and '' or ('r' .. i)):rep(math.random(1, 9))
              stream[i], expected[i] = u16(#body + 2) .. body, body
            end
            stream, expected = table.concat(stream), table.concat(expected, '|')
            for round = 1, 50 do
              local got = {}
              local pdu = PDURecord.new('test', {
                what_next = function(handler, pdu, reader) pdu:want_next(reader:peek_u16()) end,
                on_record = function(handler, pdu, bytes) got[#got + 1] = bytes:sub(3) end,
              })
              local at = 0
              while at < #stream do
                local from = math.max(0, at - math.random(0, 3))
                local n = math.random(1, 12)
                pdu:push_chunk(from, stream:sub(from + 1, at + n))
                at = math.min(at + n, #stream)
              end
              if table.concat(got, '|') ~= expected then print('differs in round ' .. round) end
            end
            print 'done'
            """
        );

        Assert.Equal("done\n", printed);
    }

    [Fact]
    public void PduRecord_PatternsSkipsGapsAndAborts()
    {
        string printed = ScriptHarness.Run(
            """
            local PDURecord = require 'pdurecord'
            local lines = PDURecord.new('lines', { what_next = function(_, pdu) pdu:want_to_pattern('\r\n') end,
              on_record = function(_, pdu, text) io.write('') print((text:gsub('%c', '.'))) if text:find 'QUIT' then pdu:abort() end end })
            lines:push_chunk(0, 'one\r')
            lines:push_chunk(4, '\ntwo\r\nthr')
            lines:push_chunk(1000, 'after the gap\r\nQUIT\r\nnever\r\n')
            lines:push_chunk(2000, 'never\r\n')
            print(lines.gaps, lines:is_aborted())
            local skipping = PDURecord.new('skip', { what_next = function(h, pdu) if h.skipped then pdu:want_next(3) else h.skipped = true pdu:skip_next(1000) end end,
              on_record = function(_, _, text) print(text) end })
            skipping:push_chunk(0, 'x')
            skipping:push_chunk(900, ('x'):rep(100) .. 'abc')
            """
        );

        Assert.Equal("one..\ntwo..\nafter the gap..\nQUIT..\n1\ttrue\nabc\n", printed);
    }

    [Fact]
    public void PduRecord_StartPattern_EndsARecordWhereTheNextBegins()
    {
        string printed = ScriptHarness.Run(
            """
            local heard = 0
            local pdu = require('pdurecord').new('start', { what_next = function(_, pdu) pdu:want_to_start_pattern('<<') end,
              on_newdata = function() heard = heard + 1 end, on_record = function(_, _, text) print(text) end })
            for at, chunk in ipairs { '<', '<on', 'e<', '<two<<thr', 'ee<<' } do pdu:push_chunk(pdu.pushed or 0, chunk) pdu.pushed = (pdu.pushed or 0) + #chunk end
            print(heard, pdu:position())
            """
        );

        Assert.Equal("<<one\n<<two\n<<three\n5\t17\n", printed);
    }

    // The work is counted by the bytes that string functions are given and give: twice the stream, twice the work, whatever is waited for.
    [Theory]
    [InlineData("pdu:want_next(1e6)")]
    [InlineData("pdu:want_to_pattern('\\n')")]
    [InlineData("pdu:want_to_start_pattern('ZZ')")]
    [InlineData("pdu:want_next(7)")]
    [InlineData("pdu:skip_next(5)")]
    [InlineData("pdu.silent = true")]
    public void PduRecord_ALongStreamInSmallChunks_TakesWorkThatGrowsAsItDoes(string wish)
    {
        string printed = ScriptHarness.Run(
            $$"""
            local bytes = 0
            local sub, find, concat = string.sub, string.find, table.concat
            string.sub = function(...) local r = sub(...) bytes = bytes + #r return r end
            string.find = function(text, what, from, ...)
              local first, last = find(text, what, from, ...)
              bytes = bytes + (first or #text + 1) - (from or 1)
              return first, last
            end
            table.concat = function(t, ...) local r = concat(t, ...) bytes = bytes + #r return r end
            package.loaded.pdurecord = nil
            local PDURecord = require 'pdurecord'
            local function work(chunks)
              bytes = 0
              local pdu = PDURecord.new('work', { what_next = function(_, pdu) {{wish}} end, on_record = function() end })
              for i = 0, chunks - 1 do pdu:push_chunk(i * 10, 'abcdefghij') end
              return bytes
            end
            local one, eight = work(2000), work(16000)
            print(eight <= 16 * one + 200000 and 'linear' or (one .. ' ' .. eight))
            """
        );

        Assert.Equal("linear\n", printed);
    }

    [Fact]
    public void Json_BlankTextAndWhatFollowsAValue_AreNoErrors()
    {
        string printed = ScriptHarness.Run(
            """
            local JSON = require 'JSON'
            print(JSON:decode(''), JSON:decode(' \t\r\n'), JSON:decode('[1, 2],')[2], JSON:decode('{"a": 1} trailing').a, JSON:decode('7,'))
            print((pcall(JSON.decode, JSON, '[1, 2')), (pcall(JSON.decode, JSON, '{"a"}')), (pcall(JSON.decode, JSON, 'x')))
            """
        );

        Assert.Equal("nil\tnil\t2\t1\t7\nfalse\tfalse\tfalse\n", printed);
    }

    [Fact]
    public void Inspect_ValuesAsText()
    {
        string printed = ScriptHarness.Run(
            """
            local inspect = require 'inspect'
            print(inspect { 1, 'two', { three = 3, ['end'] = true, [2.5] = 'x' } })
            local loop = { name = 'l' } loop.self = loop
            print(inspect(loop), inspect(setmetatable({}, { __index = 1 })))
            print(inspect({ a = { b = {} } }, { depth = 1 }), inspect 'a"b\n', inspect(print):match '^<function %d>$')
            print(inspect({ secret = 1, kept = 2 }, { process = function(item, path) if path[#path] ~= 'secret' then return item end end, newline = '', indent = '' }))
            """
        );

        Assert.Equal(
            "{ 1, \"two\", {\n    [2.5] = \"x\",\n    [\"end\"] = true,\n    three = 3\n  } }\n<1>{\n  name = \"l\",\n "
                + " self = <table 1>\n}\t{\n  <metatable> = {\n    __index = 1\n  }\n}\n"
                + "{\n  a = {...}\n}\t'a\"b\\n'\t<function 1>\n{kept = 2}\n",
            printed
        );
    }

    [Fact]
    public void Lsqlite3_WithoutTheCModule_IsOurs()
    {
        string printed = ScriptHarness.Run(
            """
            local sqlite3 = require 'lsqlite3'
            local db = assert(sqlite3.open_memory())
            print(db:exec [[create table t(n integer, s text); insert into t values (1, 'one'); insert into t values (2, 'two')]] == sqlite3.OK)
            local insert = db:prepare 'insert into t values (?, :s)'
            print(insert:bind_values(3, 'th\0ree'), insert:step() == sqlite3.DONE, insert:reset(), insert:finalize())
            local select = db:prepare 'select n, s from t order by n'
            while select:step() == sqlite3.ROW do
              local row = select:get_values()
              print(row[1], #row[2], select:get_value(0), select:get_name(1))
            end
            print(pcall(select.get_value, select, 9))
            select:finalize()
            for row in db:nrows 'select max(n) as most from t' do print(row.most) end
            for n, s in db:urows 'select n, s from t where n = 2' do print(n, s) end
            print(db:exec 'nonsense' == sqlite3.ERROR, db:errmsg(), db:prepare 'select', db:isopen(), db:close(), db:isopen())
            print(pcall(db.exec, db, 'select 1'))
            print(sqlite3.open('/nowhere/at/all.db'))
            """
        );

        Assert.Equal(
            """
            true
            0	true	0	0
            1	3	1	s
            2	3	2	s
            3	6	3	s
            false	index out of range [0..-1]
            3
            2	two
            true	near "nonsense": syntax error	nil	1	true	0	false
            false	attempt to use closed sqlite database
            nil	14	unable to open database file

            """.Replace("nil\t1\ttrue", "nil\ttrue", StringComparison.Ordinal),
            printed
        );
    }

    [Fact]
    public void Require_OfAMissingCModule_NamesDebiansPackage()
    {
        string printed = ScriptHarness.Run("print(select(2, pcall(require, 'luasql.oracle_that_is_not_there')))");

        Assert.Contains("no helper 'luasql.oracle_that_is_not_there'", printed, StringComparison.Ordinal);
        Assert.Contains("on Debian and its relatives: apt-get install lua-sql-sqlite3", printed, StringComparison.Ordinal);
    }

    [Fact]
    public void ModuleBesideTheScript_GoesBeforeOurHelper()
    {
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin("onload = function() print(require('inspect'), require('sweepbuf') == 'theirs') end")
        );
        Assert.EndsWith("\tfalse\n", harness.Output.Printed, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(harness.Directory, "sweepbuf.lua"), "return 'theirs'");

        harness.Loader.Load([(Path.Combine(harness.Directory, "script.lua"), true)], harness.Lane).Dispose();

        Assert.EndsWith("\ttrue\n", harness.Output.Printed, StringComparison.Ordinal);
    }
}
