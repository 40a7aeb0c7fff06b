using System.Globalization;
using System.Text;

namespace Spillway.LuaJit.Tests;

/// <summary><c>prototypes.lua</c> recognises closures by their source, and nothing by an address that has had its time.</summary>
public sealed class PrototypeTests : IDisposable
{
    private readonly LuaState _state = new();

    public void Dispose() => _state.Dispose();

    /// <summary>Runs code that knows the module as <c>prototypes</c>, and <c>dumps()</c>: how often it has called string.dump.</summary>
    private string Run(string code, bool reads = true)
    {
        string reader = reads
            ? $"ffi.cast('double (*)(const uint64_t*)', {LuaModules.PrototypeReader.ToString(CultureInfo.InvariantCulture)}ULL)"
            : "nil";
        LuaFunction run = _state.Run(
            "@script.lua",
            Encoding.UTF8.GetBytes(
                $$"""
                local ffi = require 'ffi'
                local dump, count = string.dump, 0
                string.dump = function(f) count = count + 1 return dump(f) end
                local function dumps() return count end
                local prototypes = (function(...) {{Encoding.UTF8.GetString(LuaModules.Prototypes)}} end)({{reader}})
                return function() {{code}} end
                """
            )
        );
        return _state.TryCall(run, [], out byte[]? result) ? Encoding.UTF8.GetString(result!) : "error: " + _state.TakeError();
    }

    [Fact]
    public void Layout_OfTheLibraryInstalledHere_IsTheOneExpected() => Assert.Equal("true", Run("return tostring(prototypes.by_address)"));

    [Theory]
    [InlineData(true, "1")]
    [InlineData(false, "2000")]
    public void Of_ThousandsOfClosuresOfOneSource_IsTheSameAndIsDumpedOnce(bool reads, string expectedDumps) =>
        Assert.Equal(
            expectedDumps,
            Run(
                """
                local function make(a, b) return function() return a + b end end
                collectgarbage 'stop'
                for i = 1, 2000 do
                  local f = make(i, 2)
                  local p = prototypes.of(f)
                  if p.upvalues ~= 2 or p.line ~= debug.getinfo(f, 'S').linedefined or loadstring(p.code) == nil then return 'wrong' end
                end
                return tostring(dumps())
                """,
                reads
            )
        );

    [Fact]
    public void Of_OtherFunctionsOfTheSameText_AreTheirOwn() =>
        Assert.Equal(
            "false 1 2",
            Run(
                """
                local a, b = function() return 1 end, function() return 2 end
                local function value(f) return loadstring(prototypes.of(f).code)() end
                return tostring(prototypes.of(a) == prototypes.of(b)) .. ' ' .. value(a) .. ' ' .. value(b)
                """
            )
        );

    // Prototypes of one size come and go, so their memory is used again at once.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_CodeMadeAtTheAddressOfRetiredCode_IsTheNewCode(bool reads) =>
        Assert.Equal(
            "right",
            Run(
                """
                for i = 1, 5000 do
                  local f = loadstring('return ' .. 10000 + i)
                  for round = 1, 2 do
                    local value = loadstring(prototypes.of(f).code)()
                    if value ~= 10000 + i then return value .. ' instead of ' .. 10000 + i end
                  end
                  f = nil
                  if i % 3 == 0 then collectgarbage() end
                end
                return 'right'
                """,
                reads
            )
        );

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_FunctionThatNobodyHoldsAnyMore_IsCollectedWithItsUpvalues(bool reads) =>
        Assert.Equal(
            "nil nil",
            Run(
                """
                local seen = setmetatable({}, { __mode = 'v' })
                do
                  local object = {}
                  seen.object, seen.f = object, function() return object end
                  prototypes.of(seen.f)
                end
                collectgarbage() collectgarbage()
                return tostring(seen.object) .. ' ' .. tostring(seen.f)
                """,
                reads
            )
        );

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_WhatIsNoLuaFunction_IsNothing(bool reads) =>
        Assert.Equal("nil nil", Run("return tostring(prototypes.of(print)) .. ' ' .. tostring(prototypes.of(string.format))", reads));
}
