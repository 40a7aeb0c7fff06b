using System.Text;

namespace Spillway.LuaJit.Tests;

/// <summary>
/// A call is ended from another thread, whatever it does in Lua. Each loop would run for ever: a failure shows as a hang.
/// </summary>
public class InterruptTests
{
    [Fact]
    public void InterruptsCompiledCode_OnThisLibrary_IsProven() => Assert.True(LuaState.InterruptsCompiledCode);

    [Theory]
    [InlineData("while true do end")]
    [InlineData("local n = 0 while true do n = n + 1 end")]
    [InlineData("for i = 1, math.huge do end")]
    [InlineData("repeat local x = 1 until false")]
    [InlineData("::again:: goto again")]
    [InlineData("for k in function() return 1 end do end")]
    [InlineData("local function f(n) return f(n + 1) end f(0)")]
    [InlineData("while true do for i = 1, 10 do for j = 1, 10 do end end end")]
    [InlineData("while true do pcall(function() while true do end end) end")]
    [InlineData("while true do pcall(error, 'x') end")]
    [InlineData("while true do local t = {} for i = 1, 100 do t[i] = {} end end")]
    [InlineData("while true do string.rep('x', 100):gsub('x', 'y') end")]
    [InlineData("local s = '' while true do s = (s .. 'x'):sub(-10) end")]
    [InlineData("local co = coroutine.wrap(function() while true do coroutine.yield() end end) while true do co() end")]
    [InlineData("local p = require('ffi').new('int[1]') while true do p[0] = p[0] + 1 end")]
    [InlineData("jit.off(true, true) while true do end")]
    public void Interrupt_EndlessLoop_EndsTheCall(string loop)
    {
        using var state = new LuaState();
        state.EnableInterrupt();
        LuaFunction function = state.Run("@loop.lua", Encoding.UTF8.GetBytes($"return function() started = true {loop} end"));

        string error = CallAndInterrupt(state, function);

        Assert.Contains("interrupted", error, StringComparison.Ordinal);
        Assert.Contains("stack traceback:", error, StringComparison.Ordinal);
        Assert.Contains("loop.lua:1", error, StringComparison.Ordinal);
    }

    [Fact]
    public void ClearInterrupt_AfterAnInterrupt_TheStateRunsAndCompilesAgain()
    {
        using var state = new LuaState();
        state.EnableInterrupt();
        LuaFunction endless = state.Run("@loop.lua", "return function() while true do end end"u8);
        CallAndInterrupt(state, endless);

        state.ClearInterrupt();

        LuaFunction proof = state.Run(
            "@proof.lua",
            """
            local util = require 'jit.util'
            return function()
              local before = 0
              while util.traceinfo(before + 1) do before = before + 1 end
              local sum = 0
              for i = 1, 1e6 do sum = sum + i end
              return tostring(sum) .. ' ' .. tostring(util.traceinfo(before + 1) ~= nil)
            end
            """u8
        );
        Assert.True(state.TryCall(proof, [], out byte[]? result));
        Assert.Equal("500000500000 true", Encoding.UTF8.GetString(result!));
        Assert.Contains("interrupted", CallAndInterrupt(state, endless), StringComparison.Ordinal);
    }

    [Fact]
    public void Interrupt_ManyStatesAtOnce_EachIsItsOwn()
    {
        using var calm = new LuaState();
        calm.EnableInterrupt();
        LuaFunction work = calm.Run("@calm.lua", "return function() local n = 0 for i = 1, 1e7 do n = n + i end end"u8);
        Parallel.For(
            0,
            4,
            _ =>
            {
                using var state = new LuaState();
                state.EnableInterrupt();
                CallAndInterrupt(state, state.Run("@loop.lua", "return function() while true do end end"u8));
            }
        );

        Assert.True(calm.TryCall(work));
    }

    [Fact]
    public void EnableInterrupt_ScriptSetsAHook_IsToldWhyNot()
    {
        using var state = new LuaState();
        state.EnableInterrupt();

        Assert.False(state.TryCall(state.Run("@hook.lua", "return function() debug.sethook(print, 'l') end"u8)));
        Assert.StartsWith("hook.lua:1: debug.sethook is not available here", state.TakeError(), StringComparison.Ordinal);
    }

    // Interrupts until the call ends, as the pool's keeper does: the first may come before the loop has begun.
    private static string CallAndInterrupt(LuaState state, LuaFunction function)
    {
        using var ended = new ManualResetEventSlim();
        var interrupter = new Thread(() =>
        {
            while (!ended.Wait(TimeSpan.FromMilliseconds(20)))
                state.Interrupt();
        });
        interrupter.Start();
        bool ok = state.TryCall(function);
        ended.Set();
        interrupter.Join();
        Assert.False(ok);
        string error = state.TakeError();
        state.ClearInterrupt();
        return error;
    }
}
