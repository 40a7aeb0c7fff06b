namespace Spillway.Scripting.Tests;

/// <summary>The debugger with a person whose lines are given, in the real virtual machine.</summary>
public sealed class DebuggerTests
{
    // The place of each line below counts.
    private const string Script = """
        local dbg = require 'debugger'
        local factor = 10
        local function double(x)
          local y = x * 2
          return y
        end
        local function work(n)
          dbg()
          local sum = 0
          for i = 1, n do
            sum = sum + double(i) * factor
          end
          return sum
        end
        TrisulPlugin = { id = { name = 'debugged' }, onload = function()
          local lines = { LINES }
          dbg.is_terminal = function() return true end
          dbg.read = function(prompt) return table.remove(lines, 1) end
          dbg.write = function(text) told = (told or '') .. text end
          local ok, result = pcall(work, 3)
          print(result)
          print(told)
          debug.sethook()
        end }
        """;

    private static string Run(params string[] lines)
    {
        using var harness = new ScriptHarness(
            Script.Replace("LINES", string.Join(", ", lines.Select(line => $"[[{line}]]")), StringComparison.Ordinal)
        );
        Assert.Empty(harness.Output.Problems);
        Assert.Empty(harness.Output.Errors);
        return harness.Output.Printed;
    }

    [Fact]
    public void Call_StopsAndShowsThePlace_ContinueGoesOn()
    {
        string told = Run("c");

        Assert.StartsWith("120\n", told, StringComparison.Ordinal);
        Assert.Contains("script.lua:8 in function at line 7\n=>    8    dbg()\n", told, StringComparison.Ordinal);
    }

    [Fact]
    public void Step_GoesIntoFunctions_NextOverThem_FinishOutOfThem()
    {
        string told = Run("n", "n", "n", "s", "w 0", "f", "w 0", "n", "n", "p sum", "c");

        Assert.StartsWith("120\n", told, StringComparison.Ordinal);
        string[] places =
        [
            .. told.Split('\n').Where(line => line.StartsWith("=>", StringComparison.Ordinal)).Select(line => line[2..8].Trim()),
        ];
        Assert.Equal(["8", "9", "10", "11", "4", "4"], places[..6]);
        Assert.DoesNotContain("5", places);
    }

    [Fact]
    public void Break_StopsThereUntilTakenAway()
    {
        string told = Run("b script.lua:5", "b", "c", "p y", "c", "p y", "b 5", "c");

        Assert.StartsWith("120\n", told, StringComparison.Ordinal);
        Assert.Contains("break at script.lua:5\n  script.lua:5\n", told, StringComparison.Ordinal);
        Assert.Equal(2, told.Split("=>    5    return y\n").Length - 1);
        Assert.Contains("\n2\n", told, StringComparison.Ordinal);
        Assert.Contains("\n4\n", told, StringComparison.Ordinal);
    }

    [Fact]
    public void PrintLocalsAndEval_SeeAndChangeTheVariables()
    {
        string told = Run(
            "l",
            "p n + factor, 'text'",
            "e n = 1",
            "e factor = 100",
            "p nothing.at.all",
            "e syntax error here",
            "bt",
            "u",
            "p ok",
            "d",
            "c"
        );

        Assert.StartsWith("200\n", told, StringComparison.Ordinal);
        Assert.Contains("  n = 3\n  upvalue dbg = ", told, StringComparison.Ordinal);
        Assert.Contains("  upvalue factor = 10\n", told, StringComparison.Ordinal);
        Assert.Contains("\n13, \"text\"\n", told, StringComparison.Ordinal);
        Assert.Contains("error: ", told, StringComparison.Ordinal);
        Assert.Contains("=> 0  ", told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense", "'nonsense' is no command; h lists them")]
    [InlineData("h", "s, step")]
    [InlineData("p", "print takes an expression")]
    [InlineData("b x y", "break takes FILE:LINE or LINE")]
    [InlineData("d", "there is no further frame")]
    public void Command_Wrong_IsToldAndAskedAgain(string line, string expected)
    {
        string told = Run(line, "c");

        Assert.StartsWith("120\n", told, StringComparison.Ordinal);
        Assert.Contains(expected, told, StringComparison.Ordinal);
    }

    [Fact]
    public void EndOfInput_GoesOnWithoutStopping() => Assert.StartsWith("120\n", Run("b 5"), StringComparison.Ordinal);

    [Fact]
    public void Call_StopsWhereTheFunctionRaises()
    {
        string printed = ScriptHarness.Run(
            """
            local dbg = require 'debugger'
            local lines = { 'p x', 'c' }
            dbg.is_terminal = function() return true end
            dbg.read = function() return table.remove(lines, 1) end
            dbg.write = function(text) io.write('') told = (told or '') .. text end
            print(dbg.call(function(x) error('on purpose', 0) end, 42))
            print(told:find('error: on purpose', 1, true) ~= nil, told:find('\n42\n', 1, true) ~= nil)
            print(dbg.call(function(...) return select('#', ...) end, nil, nil))
            print(pcall(dbg.assert, false, 'not so'))
            """
        );

        Assert.Equal("false\ton purpose\ntrue\ttrue\ntrue\t2\nfalse\tnot so\n", printed);
    }

    [Fact]
    public void WithoutATerminal_SaysSoOnceForEachPlaceAndGoesOn()
    {
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin(
                """
                onload = function()
                  local dbg = require 'debugger'
                  dbg.is_terminal = function() return false end
                  for i = 1, 5 do dbg() dbg(true) end
                  print 'went on'
                end
                """
            )
        );

        Assert.Equal("went on\n", harness.Output.Printed);
        string log = Assert.Single(harness.Output.Logs);
        Assert.StartsWith("Warning: debugger() passed at ", log, StringComparison.Ordinal);
        Assert.EndsWith("script.lua:5: standard input is no terminal", log, StringComparison.Ordinal);
    }
}
