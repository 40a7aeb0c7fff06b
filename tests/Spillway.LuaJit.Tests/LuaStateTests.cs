using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Spillway.Tests.Shared;

namespace Spillway.LuaJit.Tests;

public class LuaStateTests
{
    [Fact]
    public void Constructor_FiftyStates_AllCompile()
    {
        for (int i = 0; i < 50; i++)
        {
            using var state = new LuaState();
            Assert.True(state.Compiles, $"state {i} runs in the interpreter");
        }
    }

    [Fact]
    public void TryCall_HotFunction_IsTurnedIntoATrace()
    {
        using var state = new LuaState();
        LuaFunction function = state.Run(
            "=test",
            """
            total = 0
            return function() total = total + 1 end
            """u8
        );
        for (int i = 0; i < 1000; i++)
            Assert.True(state.TryCall(function));

        LuaFunction traces = state.Run(
            "=count",
            """
            local util = require 'jit.util'
            return function()
              local n = 0
              for i = 1, 100 do if util.traceinfo(i) then n = n + 1 end end
              return tostring(n) .. ' ' .. tostring(total)
            end
            """u8
        );
        Assert.True(state.TryCall(traces, [], out byte[]? result));
        string[] parts = System.Text.Encoding.UTF8.GetString(result!).Split(' ');
        Assert.True(
            int.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture) >= 2,
            "only the compile proof's own trace exists"
        );
        Assert.Equal("1000", parts[1]);
    }

    [Fact]
    public void TryCall_FunctionRaises_ErrorHasPlaceAndTraceback()
    {
        using var state = new LuaState();
        LuaFunction function = state.Run("@script.lua", "local function inner() error('on purpose') end\nreturn function() inner() end"u8);

        Assert.False(state.TryCall(function));
        string error = state.TakeError();

        Assert.StartsWith("script.lua:1: on purpose", error, StringComparison.Ordinal);
        Assert.Contains("stack traceback:", error, StringComparison.Ordinal);
        Assert.Contains("script.lua:2:", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("error({})", "test:1: (error object is a table)")]
    [InlineData("error(setmetatable({}, {__tostring = function() return 'told' end}))", "test:1: told")]
    [InlineData("error(setmetatable({}, {__tostring = function() error('again') end}))", "test:1: (error object is a table)")]
    [InlineData("error(setmetatable({}, {__tostring = function() return 5 end}))", "test:1: (error object is a table)")]
    [InlineData("error()", "test:1: (error object is a nil)")]
    public void TryCall_OddErrorObjects_AreTold(string code, string expected)
    {
        using var state = new LuaState();
        LuaFunction function = state.Run("=test", System.Text.Encoding.UTF8.GetBytes($"return function() {code} end"));

        Assert.False(state.TryCall(function));
        Assert.StartsWith(expected, state.TakeError(), StringComparison.Ordinal);
    }

    [Fact]
    public void TryCall_StackOverflow_IsAnErrorAndTheStateGoesOn()
    {
        using var state = new LuaState();
        LuaFunction overflow = state.Run("=test", "local function f(n) return 1 + f(n + 1) end return function() f(1) end"u8);
        LuaFunction fine = state.Run("=test", "return function() end"u8);

        Assert.False(state.TryCall(overflow));
        Assert.Contains("stack overflow", state.TakeError(), StringComparison.Ordinal);
        Assert.True(state.TryCall(fine));
    }

    [Fact]
    public void TryCompile_SyntaxError_NamesFileAndLine()
    {
        using var state = new LuaState();
        Assert.False(state.TryCompile("@broken.lua", "local x =\nlocal"u8, out _, out string? error));
        Assert.StartsWith("broken.lua:2:", error, StringComparison.Ordinal);
    }

    [Fact]
    public void TryCall_BytesWithZeros_CrossBothWays()
    {
        using var state = new LuaState();
        LuaFunction reverse = state.Run("=test", "return function(s) return s:reverse() end"u8);

        Assert.True(state.TryCall(reverse, [1, 0, 255, 2], out byte[]? result));
        Assert.Equal([2, 255, 0, 1], result);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Add(int a, int b) => a + b;

    [Fact]
    public unsafe void HostFunction_CalledThroughTheFfi_RunsFromCompiledCode()
    {
        using var state = new LuaState();
        state.SetGlobal("address\0"u8, (nint)(delegate* unmanaged[Cdecl]<int, int, int>)&Add);
        LuaFunction sum = state.Run(
            "=test",
            """
            local ffi = require 'ffi'
            local add = ffi.cast('int (*)(int, int)', ffi.cast('uintptr_t', address))
            return function()
              local x = 0
              for i = 1, 100000 do x = add(x, 1) end
              return tostring(x)
            end
            """u8
        );

        Assert.True(state.TryCall(sum, [], out byte[]? result));
        Assert.Equal("100000"u8.ToArray(), result);
    }

    [Fact]
    public void TryCall_Repeated_AllocatesNothing()
    {
        using var state = new LuaState();
        LuaFunction function = state.Run("=test", "local n = 0 return function() n = n + 1 end"u8);
        for (int i = 0; i < 1000; i++)
            state.TryCall(function);

        long allocated = Allocations.InSteadyState(
            () =>
            {
                for (int i = 0; i < 10_000; i++)
                    state.TryCall(function);
            },
            out _
        );

        Assert.Equal(0, allocated);
    }
}
