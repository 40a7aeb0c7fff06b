using Spillway.Async;
using Spillway.Async.Inspection;

namespace Spillway.Scripting.Tests;

/// <summary>T.async:scan, with the real libyara.</summary>
public sealed class AsyncScanTests : IDisposable
{
    private const string Rules = """
        rule Needle : red blue { meta: author = "me" level = 3 live = true strings: $a = "needle" condition: $a }
        rule Large { condition: filesize > 100 }
        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("spillway-scan-").FullName;

    public AsyncScanTests()
    {
        Assert.SkipWhen(YaraRules.FindFlaw() is not null, YaraRules.FindFlaw() ?? "");
        File.WriteAllText(PathOf("rules.yar"), Rules);
        File.WriteAllText(PathOf("file"), "a needle");
        File.WriteAllText(PathOf("plain"), "hay");
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private string PathOf(string name) => Path.Combine(_directory, name);

    [Fact]
    public void Scan_EveryForm_DeliversFileAndMatches()
    {
        string line = $"{PathOf("file")} Needle {{0}} red,blue me 3 true F000000\n";
        Assert.Equal(
            string.Format(null, line, "rules")
                + string.Format(null, line, "rules")
                + string.Format(null, line, "default")
                + $"{PathOf("plain")} nothing\n",
            ScriptHarness.Run(
                $$"""
                local function show(engine, file, matches)
                  if #matches == 0 then return print(file .. " nothing") end
                  local m = matches[1]
                  print(table.concat({ file, m.rule, m.namespace, table.concat(m.tags, ","), m.meta.author, m.meta.level,
                    tostring(m.meta.live), engine:instanceid() }, " "))
                end
                local file = "{{PathOf("file")}}"
                assert(T.async:scan(file, "{{PathOf("rules.yar")}}", show) > 0)
                T.async.scan(file, "{{_directory}}", show)
                T.async:scan { file = file, rules = [[{{Rules}}]], onresult = show, timeout = 5 }
                T.async:scan("{{PathOf("plain")}}", "{{PathOf("rules.yar")}}", show)
                """
            )
        );
    }

    [Theory]
    [InlineData("missing", "rules.yar", "no such file or directory")]
    [InlineData("file", "gone.yar", "no such file of rules: DIR/gone.yar")]
    [InlineData("file", "bad.yar", "DIR/bad.yar:2: undefined identifier \"nonsense\"")]
    [InlineData("large", "rules.yar", "it has 5000 bytes, at most 4096 are scanned")]
    public void Scan_Impossible_IsToldAndCallsOnError(string file, string rules, string reason)
    {
        File.WriteAllText(PathOf("bad.yar"), "rule A { condition:\nnonsense }");
        File.WriteAllText(PathOf("large"), new string('x', 5000));
        using var harness = new ScriptHarness(
            new AsyncOptions { Scan = new ScanLimits { MaxBytes = 4096 } },
            allowsShell: true,
            ScriptHarness.Plugin(
                $$"""
                onload = function()
                  T.async:scan("{{PathOf(file)}}", "{{PathOf(rules)}}", function() print("FAIL") end,
                    function(engine, file, message) print(message) end)
                end
                """
            )
        );
        harness.Drain();

        string expected = $"scan {PathOf(file)}: {reason.Replace("DIR", _directory, StringComparison.Ordinal)}";
        Assert.Equal(expected + "\n", harness.Output.Printed);
        Assert.Equal($"T.async: {expected}", Assert.Single(harness.Output.Errors));
    }

    [Fact]
    public void Scan_ThatTakesForEver_TimesOutAndTheNextOneRuns()
    {
        File.WriteAllText(PathOf("slow"), new string('a', 3_000_000));
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin(
                $$"""
                onload = function()
                  local rules = "rule Slow { strings: $a = /(a+)+b/ condition: $a }"
                  T.async:scan { file = "{{PathOf("slow")}}", rules = rules, timeout = 1, onresult = function() print("FAIL") end,
                    onerror = function(engine, file, message) print(message) end }
                  T.async:scan("{{PathOf("file")}}", "{{PathOf("rules.yar")}}", function(e, f, matches) print(#matches) end)
                end, onunload = function() print(T.async:stats().timed_out) end
                """
            )
        );
        harness.Drain();
        harness.Host.Unload();

        // libyara looks at its clock now and then; on a loaded machine the worker's own limit comes first.
        Assert.Matches(@"^(scan \S+/slow: it took longer than|timed out after) 1 s\n1\n1\n$", harness.Output.Printed);
    }

    [Theory]
    [InlineData("T.async:scan(nil, 'r', print)", "bad argument #1 to 'scan' (string expected, got nil)")]
    [InlineData("T.async:scan('a', {}, print)", "bad argument #2 to 'scan' (string expected, got table)")]
    [InlineData("T.async:scan('a', '', print)", "bad argument #2 to 'scan' (there are no rules)")]
    [InlineData("T.async.scan('a', 'r')", "bad argument #3 to 'scan' (function expected, got nil)")]
    [InlineData("T.async.scan('a', 'r', print, 1)", "bad argument #4 to 'scan' (function expected, got number)")]
    [InlineData("T.async:scan{file = 'a', rules = 'r', onresult = print, timeout = 0}", "(timeout must be seconds from 1 to 3600, got 0)")]
    public void Arguments_Wrong_RaiseAtTheCallersLine(string call, string expected)
    {
        string printed = ScriptHarness.Run($"local ok, message = pcall(function()\n{call}\nend) print(message)");
        Assert.Matches(@"^\S*script\.lua:4: ", printed);
        Assert.Contains(expected, printed, StringComparison.Ordinal);
    }

    [Fact]
    public void Scan_OfThousandsOfFiles_AllAreDelivered()
    {
        Assert.Equal(
            "3000 3000\n",
            ScriptHarness.Run(
                $$"""
                local done, found = 0, 0
                for i = 1, 3000 do
                  T.async:scan("{{PathOf("file")}}", "{{PathOf("rules.yar")}}", function(engine, file, matches)
                    done, found = done + 1, found + #matches
                    if done == 3000 then print(done .. " " .. found) end
                  end)
                end
                """
            )
        );
    }
}
