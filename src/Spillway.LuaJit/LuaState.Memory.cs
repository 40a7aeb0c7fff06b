using Spillway.LuaJit.Native;

namespace Spillway.LuaJit;

/// <content>A limit on memory.</content>
public sealed unsafe partial class LuaState
{
    private readonly MemoryCap* _cap = MemoryCap.Create();

    /// <summary>
    /// Allocations that the limit has refused. A script can catch the error by <c>pcall</c> and go on; this count tells of it nevertheless.
    /// 0 once the state is disposed.
    /// </summary>
    public long RefusedAllocations => _state != 0 ? _cap->Refused : 0;

    /// <summary>
    /// Limits what the state may allocate, garbage not yet collected included: what goes beyond raises "not enough memory" in the call that
    /// asks for it. Memory that code takes past Lua (<c>ffi.C.malloc</c>, C modules) does not count.
    /// </summary>
    /// <param name="bytes">The limit. What the state already has stays, even if it is more.</param>
    public void LimitMemory(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        MemoryCap.Install(_cap, Handle, bytes, MemoryBytes);
    }

    /// <summary>
    /// Collects all garbage now. Between two calls, on the owner's thread; finalizers of the script's run, and the limit does not hold.
    /// </summary>
    /// <returns>False if a finalizer raised.</returns>
    public bool TryCollect()
    {
        fixed (byte* code = "collectgarbage()"u8)
        fixed (byte* name = "=(host)\0"u8)
        {
            if (LuaApi.luaL_loadbuffer(Handle, code, 16, name) == LuaApi.Ok && LuaApi.lua_pcall(_state, 0, 0, 0) == LuaApi.Ok)
                return true;
        }

        LuaApi.lua_settop(_state, -2);
        return false;
    }

    // The limit holds in here only: an allocation that fails in an unprotected call would end the process.
    private int ProtectedCall(int arguments, int results)
    {
        _cap->IsArmed = true;
        int status = LuaApi.lua_pcall(_state, arguments, results, TracebackSlot);
        _cap->IsArmed = false;
        return status;
    }
}
