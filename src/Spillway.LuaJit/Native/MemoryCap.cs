using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Spillway.LuaJit.Native;

/// <summary>
/// A limit on the memory of one state: stands before LuaJIT's own allocator and says no when the limit is reached, which LuaJIT turns into
/// the error "not enough memory". It says no only while armed, that is in a protected call: outside of one LuaJIT would end the process.
/// </summary>
internal unsafe struct MemoryCap
{
    // Small blocks come from LuaJIT's own pools at once; larger ones may be system calls, which a garbage collection of .NET must not wait
    // for.
    private const nuint LargeBlock = 128 << 10;
    private const int CollectorRestart = 1;
    private const int CollectorSetPause = 6;
    private const int EagerPause = 110;

    private nint _allocate;
    private nint _allocateData;
    private nint _state;
    private long _limit;
    private long _used;
    private bool _pressed;

    /// <summary>Whether the limit holds: a protected call runs.</summary>
    public bool IsArmed;

    /// <summary>Blocks refused so far.</summary>
    public long Refused;

    /// <summary>A record without a limit, at an address that stays until <see cref="Free"/>.</summary>
    public static MemoryCap* Create() => (MemoryCap*)NativeMemory.AllocZeroed((nuint)sizeof(MemoryCap));

    /// <summary>Frees a record whose state is closed.</summary>
    public static void Free(MemoryCap* cap) => NativeMemory.Free(cap);

    /// <summary>Sets or changes the limit of a state.</summary>
    public static void Install(MemoryCap* cap, nint state, long limit, long used)
    {
        if (cap->_state == 0)
        {
            nint data;
            cap->_allocate = LuaApi.lua_getallocf(state, &data);
            cap->_allocateData = data;
            cap->_state = state;
            cap->_used = used;
            LuaApi.lua_setallocf(state, (nint)(delegate* unmanaged[Cdecl]<MemoryCap*, void*, nuint, nuint, void*>)&Allocate, (nint)cap);
        }

        cap->_limit = limit;
    }

    /// <summary>Gives the state its own allocator back, which it must have to be closed.</summary>
    public static void Remove(MemoryCap* cap)
    {
        if (cap->_state == 0)
            return;
        LuaApi.lua_setallocf(cap->_state, cap->_allocate, cap->_allocateData);
        cap->_state = 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Allocate(MemoryCap* cap, void* block, nuint oldSize, nuint newSize)
    {
        long used = cap->_used + (long)newSize - (long)oldSize;
        if (newSize > oldSize && used > cap->_limit / 2 && IsRefused(cap, used))
            return null;
        void* result =
            newSize > LargeBlock || oldSize > LargeBlock
                ? ((delegate* unmanaged[Cdecl]<nint, void*, nuint, nuint, void*>)cap->_allocate)(
                    cap->_allocateData,
                    block,
                    oldSize,
                    newSize
                )
                : ((delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, void*, nuint, nuint, void*>)cap->_allocate)(
                    cap->_allocateData,
                    block,
                    oldSize,
                    newSize
                );
        if (result is not null || newSize == 0)
            cap->_used = used;
        return result;
    }

    private static bool IsRefused(MemoryCap* cap, long used)
    {
        if (cap->IsArmed && used > cap->_limit)
        {
            cap->Refused++;
            return true;
        }

        // Garbage counts until it is collected, and the collector waits for memory to double: past half of the limit it must not. Both
        // calls only set numbers that the collector looks at later.
        if (!cap->_pressed)
        {
            cap->_pressed = true;
            _ = LuaApi.lua_gc(cap->_state, CollectorSetPause, EagerPause);
            _ = LuaApi.lua_gc(cap->_state, CollectorRestart, 0);
        }

        return false;
    }
}
