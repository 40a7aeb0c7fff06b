using Spillway.LuaJit.Native;

namespace Spillway.LuaJit;

/// <content>Ending a call from another thread.</content>
public sealed partial class LuaState
{
    // A Lua hook keeps its function in the registry and enters through one C function of LuaJIT's own, so no managed frame is on the way.
    // Our own message handler runs to its end: it is what makes a traceback of the interrupt. So does what writes records that others read.
    private static ReadOnlySpan<byte> InterruptChunk =>
        """
        local error, sethook, getinfo = error, debug.sethook, debug.getinfo
        sethook(function()
          local source = getinfo(2, 'S').source
          if source ~= '=(host)' and source ~= '=(spillway ring)' then error('interrupted', 2) end
        end, '', 1000000000)
        debug.sethook = function() error('debug.sethook is not available here: the hook is what stops a task whose time is over', 2) end
        """u8;

    private nint _interruptHook;

    /// <summary>Whether <see cref="Interrupt"/> reaches compiled code too, and not just the interpreter. The same for all states.</summary>
    public static bool InterruptsCompiledCode
    {
        get
        {
            LuaLibrary.EnsureLoaded();
            return HookFlags.Works;
        }
    }

    /// <summary>
    /// Prepares the state for <see cref="Interrupt"/>, before any code of a script is loaded. What is compiled from now on tests a flag
    /// where a line begins, which costs a tight loop up to a fifth, most code nothing one can measure. Takes <c>debug.sethook</c> away from
    /// scripts.
    /// </summary>
    public void EnableInterrupt()
    {
        HookFlags.CompileWithTest(Handle);
        Release(Run("=(spillway interrupt)", InterruptChunk));
        _interruptHook = LuaApi.lua_gethook(_state);
        LuaApi.lua_sethook(_state, 0, 0, 0);
    }

    /// <summary>
    /// Has the running call raise an error at its next instruction, and again at each one after that, so that no <c>pcall</c> of the script
    /// keeps it: the call returns false at once, unless a C function holds it up. The one member for other threads than the owner's. The
    /// caller sees to it that the state is not disposed meanwhile and that the owner calls <see cref="ClearInterrupt"/> before the next
    /// call. May be repeated:
    /// an interrupt can get lost in the very moment that LuaJIT changes its own flags.
    /// </summary>
    public void Interrupt()
    {
        // Hook first: the flag alone would lead back into compiled code.
        LuaApi.lua_sethook(Handle, _interruptHook, HookFlags.Count, 1);
        HookFlags.LeaveCompiledCode(_state);
    }

    /// <summary>Ends the interrupt, between two calls.</summary>
    public void ClearInterrupt()
    {
        HookFlags.AllowCompiledCode(Handle);
        LuaApi.lua_sethook(_state, 0, 0, 0);
    }
}
