namespace Spillway.Scripting.Tests;

/// <summary>
/// Upvalues of onexecute are copied by value when schedule is called, although workers keep one function for all closures of one source.
/// </summary>
public class AsyncUpvalueTests
{
    [Fact]
    public void NewClosureForEachTask_EachRunsWithItsOwnValues() =>
        Assert.Equal(
            "3000 right\n",
            ScriptHarness.Run(
                """
                local right = 0
                local function schedule(i)
                  local text, number, flag, nothing = ("x"):rep(i % 50) .. i, i / 7, i % 2 == 0, nil
                  local either = i % 3 == 0 and i or i % 3 == 1 and tostring(i) or nil
                  T.async:schedule {
                    data = tostring(i),
                    onexecute = function(data)
                      local rest = { tostring(number), tostring(flag), tostring(nothing), type(either), tostring(either) }
                      return text .. table.concat(rest, " ")
                    end,
                    onresult = function(engine, data, result)
                      local rest = { tostring(number), tostring(flag), tostring(nothing), type(either), tostring(either) }
                      local wanted = text .. table.concat(rest, " ")
                      if result ~= wanted then error(result .. " instead of " .. wanted) end
                      right = right + 1
                      if right == 3000 then print(right .. " right") end
                    end,
                  }
                end
                for i = 1, 3000 do schedule(i) end
                """
            )
        );

    // A trace of the loop keeps the variable in a register: what is sent must be its value all the same.
    [Fact]
    public void OneClosure_WhoseVariableChangesInALoop_IsSentWithTheValueOfEachCall() =>
        Assert.Equal(
            "500 right\n",
            ScriptHarness.Run(
                """
                local right, text, number = 0, "", 0
                local function execute() return text .. number end
                local wanted = {}
                local function onresult(engine, data, result)
                  if result ~= wanted[tonumber(data)] then error(result .. " instead of " .. wanted[tonumber(data)]) end
                  right = right + 1
                  if right == 500 then print(right .. " right") end
                end
                for i = 1, 500 do
                  text, number = "v" .. i % 7 .. "/", number + 2
                  wanted[i] = text .. number
                  T.async:schedule { data = i, onexecute = execute, onresult = onresult }
                end
                """
            )
        );

    [Fact]
    public void TaskThatChangesItsUpvalue_LeavesTheNextOneAlone() =>
        Assert.Equal(
            "8\n8\n8\n",
            ScriptHarness.Run(
                """
                local n = 7
                local function execute() n = n + 1 return n end
                for _ = 1, 3 do T.async:schedule { onexecute = execute, onresult = function(engine, data, result) print(result) end } end
                """
            )
        );

    [Fact]
    public void FunctionThatATaskMadeAndKept_KeepsTheValuesOfItsTask() =>
        Assert.Equal(
            "first first,second first,second,third\n",
            ScriptHarness.Run(
                """
                local results = {}
                for _, name in ipairs { "first", "second", "third" } do
                  T.async:schedule {
                    onexecute = function()
                      KEPT = KEPT or {}
                      KEPT[#KEPT + 1] = function() return name end
                      local all = {}
                      for i, f in ipairs(KEPT) do all[i] = f() end
                      return table.concat(all, ",")
                    end,
                    onresult = function(engine, data, result)
                      results[#results + 1] = result
                      if #results == 3 then print(table.concat(results, " ")) end
                    end,
                  }
                end
                """
            )
        );

    [Fact]
    public void HelperThatSharesAVariableWithTheTask_SeesItChange_AndTheNextTaskBeginsAnew() =>
        Assert.Equal(
            "12 12\n12 12\n",
            ScriptHarness.Run(
                """
                local count, config = 10, { step = 2, list = { "a" } }
                local function add() count = count + config.step end
                local function execute()
                  add()
                  config.step = 5
                  FORMER = FORMER or add
                  return count .. " " .. count
                end
                for _ = 1, 2 do T.async:schedule { onexecute = execute, onresult = function(engine, data, result) print(result) end } end
                """
            )
        );

    [Fact]
    public void ValuesOfEveryKind_CrossBeside_OneThatCannot() =>
        Assert.Equal(
            "true 1000000 0 720 x cannot cross\n",
            ScriptHarness.Run(
                """
                local big, empty, letters, module = ("b"):rep(1000000), "", { "x" }, require "bit"
                local thread = coroutine.create(function() end)
                local function factorial(n) return n < 2 and 1 or n * factorial(n - 1) end
                T.async:schedule {
                  onexecute = function()
                    local ok, message = pcall(function() return thread.x end)
                    local same = tostring(module == require "bit")
                    return table.concat({ same, #big, #empty, factorial(6), letters[1], message:match("cannot cross") }, " ")
                  end,
                  onresult = function(engine, data, result) print(result) end,
                }
                """
            )
        );

    [Fact]
    public void BigStringsAlternateWithSmallOnes_AllArriveWhole() =>
        Assert.Equal(
            "done\n",
            ScriptHarness.Run(
                """
                local left = 60
                for i = 1, 60 do
                  local text, tail = ("%02d"):format(i):rep(i % 3 == 0 and 200000 or i), "end" .. i
                  T.async:schedule {
                    onexecute = function() return text .. tail end,
                    onresult = function(engine, data, result)
                      if result ~= text .. tail then error("wrong at " .. i) end
                      left = left - 1
                      if left == 0 then print("done") end
                    end,
                  }
                end
                """
            )
        );

    [Fact]
    public void CodeMadeByLoad_OfOneLineAndGoneAgain_IsNeverTakenForWhatWasThereBefore() =>
        Assert.Equal(
            "900 right\n",
            ScriptHarness.Run(
                """
                local right = 0
                for i = 1, 900 do
                  local n = 10000 + i
                  local make = loadstring("local u = ... return function() return " .. n .. " .. '/' .. u end")
                  T.async:schedule {
                    data = n,
                    onexecute = make("u" .. n),
                    onresult = function(engine, data, result)
                      if result ~= data .. "/u" .. data then error(result .. " instead of " .. data) end
                      right = right + 1
                      if right == 900 then print(right .. " right") end
                    end,
                  }
                  make = nil
                  if i % 4 == 0 then collectgarbage() end
                end
                """
            )
        );
}
