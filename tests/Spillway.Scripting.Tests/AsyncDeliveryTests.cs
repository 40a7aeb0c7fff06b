namespace Spillway.Scripting.Tests;

/// <summary>Results of many tasks at once: a script is entered once for all that wait, which must not show.</summary>
public class AsyncDeliveryTests
{
    [Fact]
    public void OnResult_RaisesForSome_TheOthersAreDelivered()
    {
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin(
                """
                onload = function()
                  local seen = 0
                  for i = 1, 300 do
                    T.async:schedule { data = i, onexecute = function(d) return d end, onresult = function(engine, data, result)
                      if data % 10 == 0 then error("number " .. data) end
                      seen = seen + result
                      if data == "299" then print(seen) end
                    end }
                  end
                end
                """
            )
        );
        harness.Drain();

        Assert.Equal($"{Enumerable.Range(1, 300).Where(i => i % 10 != 0).Sum()}\n", harness.Output.Printed);
        Assert.Equal(30, harness.Host.Errors);
        Assert.Equal(0, harness.Lane.Async.Pending);
    }

    [Fact]
    public void OnResult_TwoScriptsTakeTurns_EachHearsOfItsOwn()
    {
        const string script = """
            local count = 0
            TrisulPlugin = { id = { name = 'NAME' }, onload = function()
              for i = 1, 200 do
                T.async:schedule { data = 'NAME', onexecute = function(d) return d .. '!' end, onresult = function(engine, data, result)
                  count = count + 1
                  if data ~= 'NAME' or result ~= 'NAME!' then print('foreign ' .. data) end
                  if count == 200 then print 'NAME' end
                end }
              end
            end }
            """;
        using var harness = new ScriptHarness(
            script.Replace("NAME", "one", StringComparison.Ordinal),
            script.Replace("NAME", "two", StringComparison.Ordinal)
        );
        harness.Drain();

        Assert.Equal(["one", "two"], harness.Output.Printed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
    }

    [Fact]
    public void OnError_BetweenResults_KeepsTheOrder() =>
        Assert.Equal(
            "12!45!78!\n",
            Printed(
                """
                onload = function()
                  local text = ''
                  for i = 1, 9 do
                    T.async:schedule { data = i, onexecute = function(d) if d % 3 == 0 then error 'every third' end return d end,
                      onresult = function(engine, data) text = text .. data end,
                      onerror = function(engine, data) text = text .. '!' if data == '9' then print(text) end end }
                  end
                end
                """
            )
        );

    [Theory]
    [InlineData("nil", "nil")]
    [InlineData("false", "false")]
    [InlineData("''", "")]
    [InlineData("7", "7")]
    public void OnResult_Data_IsTheScripts(string data, string expected) =>
        Assert.Equal(
            $"{expected}|\n",
            Printed(
                $$"""
                onload = function()
                  T.async:schedule { data = {{data}}, onexecute = function(d) return 'x' end,
                    onresult = function(engine, data) print(tostring(data) .. '|') end }
                end
                """
            )
        );

    [Fact]
    public void OnResult_ManyPendingAndSubmittedAgain_EachFindsItsOwnData() =>
        Assert.Equal(
            "12000 0\n",
            Printed(
                """
                onload = function()
                  local right, wrong = 0, 0
                  local function step(n, round)
                    T.async:schedule { data = { n = n }, onexecute = function(d) return tostring(d.n) end, onresult = function(engine, data, result)
                      if result == tostring(n) and data.n == n then right = right + 1 else wrong = wrong + 1 end
                      if round < 3 then step(n, round + 1) end
                      if right + wrong == 12000 then print(right .. ' ' .. wrong) end
                    end }
                  end
                  for n = 1, 4000 do step(n, 1) end
                end
                """
            )
        );

    private static string Printed(string body)
    {
        using var harness = new ScriptHarness(ScriptHarness.Plugin(body));
        harness.Drain();
        return harness.Output.Printed;
    }
}
