using System.Text;

namespace Spillway.LuaJit.Tests;

/// <summary>A state that allocates without end gets an error at its limit; the process lives, and so does the state.</summary>
public class MemoryLimitTests
{
    private const long Limit = 24 << 20;

    [Theory]
    [InlineData("local t = {} for i = 1, math.huge do t[i] = { i } end")]
    [InlineData("local t = {} for i = 1, math.huge do t[i] = 'text ' .. i end")]
    [InlineData("local s = 'x' while true do s = s .. s end")]
    [InlineData("return ('x'):rep(1e9)")]
    [InlineData("local function f(n) return 1 + f(n + 1) end local t = {} while true do t[#t + 1] = coroutine.create(f) end")]
    [InlineData("local ffi = require 'ffi' local t = {} while true do t[#t + 1] = ffi.new('char[?]', 4096) end")]
    [InlineData("jit.off(true, true) local t = {} while true do t[#t + 1] = function() return t end end")]
    [InlineData("return table.concat(setmetatable({}, {}), ('y'):rep(1e6)), ('z'):rep(4e8):upper()")]
    public void Allocation_PastTheLimit_EndsTheCallWithAnError(string code)
    {
        using var state = new LuaState();
        state.LimitMemory(Limit);
        LuaFunction function = state.Run("@hog.lua", Encoding.UTF8.GetBytes($"return function() {code} end"));

        for (int i = 0; i < 3; i++)
        {
            Assert.False(state.TryCall(function));
            Assert.Contains("not enough memory", state.TakeError(), StringComparison.Ordinal);
            Assert.True(state.RefusedAllocations > i);
            Assert.True(state.TryCollect());
            Assert.True(state.MemoryBytes < Limit / 2, $"{state.MemoryBytes} bytes are left");
        }
    }

    [Fact]
    public void Garbage_OfManyTimesTheLimit_IsCollectedInTime()
    {
        using var state = new LuaState();
        state.LimitMemory(Limit);

        // More than half of the limit is in use all the time: a collector that waits for memory to double would come too late.
        LuaFunction function = state.Run(
            "@busy.lua",
            """
            local kept = {}
            for i = 1, 14 do kept[i] = ('k'):rep(1024 * 1024) .. i end
            return function() for i = 1, 2e5 do kept[0] = ('g' .. i):rep(200) end end
            """u8
        );

        Assert.True(state.TryCall(function));
        Assert.Equal(0, state.RefusedAllocations);
        Assert.True(state.MemoryBytes < Limit);
    }

    [Fact]
    public void Refusal_CaughtByTheScript_IsCounted()
    {
        using var state = new LuaState();
        state.LimitMemory(Limit);
        LuaFunction function = state.Run("@stubborn.lua", "return function() for i = 1, 3 do pcall(string.rep, 'x', 1e9) end end"u8);

        Assert.True(state.TryCall(function));
        Assert.Equal(3, state.RefusedAllocations);
    }

    [Fact]
    public void RaisedLimit_LetsTheCallThrough()
    {
        using var state = new LuaState();
        state.LimitMemory(Limit);
        LuaFunction function = state.Run("@large.lua", "return function() return #('x'):rep(40 * 1024 * 1024) end"u8);
        Assert.False(state.TryCall(function));
        state.TakeError();

        state.LimitMemory(16 * Limit);

        Assert.True(state.TryCall(function));
    }
}
