using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Spillway.LuaJit.Native;

/// <summary>
/// The byte of a Lua state in which LuaJIT keeps its hook flags. Compiled code looks at none of them but one, the flag of the profiler,
/// and at that only if it was compiled while its state had the profiler's line mode: then each loop tests it (one instruction) and leaves
/// for the interpreter when it is set. That is the one way LuaJIT has to reach into compiled code from outside.
/// </summary>
/// <remarks>
/// The byte has no name in the API. Its place is found by experiment, once per process: it is the one byte that takes every value that
/// <c>lua_sethook</c> is given. Whether setting the flag really ends a compiled loop is proven next, with a loop that ends by itself. Where
/// either fails, <see cref="Works"/> is false, and only the interpreter can be interrupted.
/// </remarks>
internal static unsafe class HookFlags
{
    /// <summary>LUA_MASKCOUNT.</summary>
    public const int Count = 8;

    private const int Profile = 0x80;
    private const int EventMasks = 16;
    private const int SearchedBytes = 4096; // main thread and global state are one block, larger than this

    private static readonly Lazy<int> Offset = new(Find);
    private static nint _profilerOwner;

    /// <summary>Whether compiled code can be interrupted.</summary>
    public static bool Works => Offset.Value >= 0;

    /// <summary>Has all code that the state compiles from now on test the flag.</summary>
    public static void CompileWithTest(nint state)
    {
        if (Works)
            SetLineMode(state);
    }

    /// <summary>Makes compiled code of the state leave for the interpreter. Any thread.</summary>
    public static void LeaveCompiledCode(nint state)
    {
        if (Works)
            Interlocked.Or(ref WordOf(state, Offset.Value), FlagIn(state, Offset.Value));
    }

    /// <summary>Lets compiled code run again. The owner's thread.</summary>
    public static void AllowCompiledCode(nint state)
    {
        if (Works)
            Interlocked.And(ref WordOf(state, Offset.Value), ~FlagIn(state, Offset.Value));
    }

    // The flag's neighbours are changed byte by byte by the state's own thread; an atomic operation on the whole word leaves them alone.
    private static ref int WordOf(nint state, int offset) => ref Unsafe.AsRef<int>((void*)((state + offset) & ~3));

    private static int FlagIn(nint state, int offset) => Profile << (8 * (int)((state + offset) & 3));

    /// <summary>
    /// LuaJIT profiles one state at a time, but takes the mode of every state that asks. So one state that never runs holds the profiler,
    /// with an interval that does not end; all others get the mode alone, and no timer.
    /// </summary>
    private static void SetLineMode(nint state)
    {
        fixed (byte* mode = "li2000000000\0"u8)
            LuaApi.luaJIT_profile_start(state, mode, &OnProfile, 0);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnProfile(nint data, nint state, int samples, int vmState) { }

    [SuppressMessage("Reliability", "CA2020", Justification = "The addresses are those of live memory.")]
    private static int Find()
    {
        try
        {
            _profilerOwner = LuaApi.luaL_newstate();
            if (_profilerOwner == 0)
                return -1;
            SetLineMode(_profilerOwner);
            int offset = FindByte(_profilerOwner);
            return offset >= 0 && Proves(offset) ? offset : -1;
        }
        catch (EntryPointNotFoundException)
        {
            return -1; // a LuaJIT without its profiler
        }
    }

    private static int FindByte(nint state)
    {
        int found = -1;
        for (int offset = 0; offset < SearchedBytes; offset++)
        {
            if (!FollowsMasks(state, offset))
                continue;
            if (found >= 0)
                return -1;
            found = offset;
        }

        LuaApi.lua_sethook(state, 0, 0, 0);
        return found;
    }

    private static bool FollowsMasks(nint state, int offset)
    {
        for (int mask = 0; mask < EventMasks; mask++)
        {
            LuaApi.lua_sethook(state, mask == 0 ? 0 : state, mask, int.MaxValue); // never called: nothing runs in this state
            if (Volatile.Read(ref *(byte*)(state + offset)) != mask)
                return false;
        }

        return true;
    }

    /// <summary>Has a compiled loop run with the flag set: it must be interrupted. If it is not, it ends by its own limit.</summary>
    private static bool Proves(int offset)
    {
        nint state = LuaApi.luaL_newstate();
        if (state == 0)
            return false;
        try
        {
            LuaApi.luaL_openlibs(state);
            SetLineMode(state);
            fixed (byte* code = ProofChunk)
            {
                if (LuaApi.luaL_loadbuffer(state, code, (nuint)ProofChunk.Length, code) != LuaApi.Ok)
                    return false;
            }

            if (LuaApi.lua_pcall(state, 0, 1, 0) != LuaApi.Ok)
                return false;
            nint hook = LuaApi.lua_gethook(state);
            LuaApi.lua_sethook(state, hook, Count, 1);
            Interlocked.Or(ref WordOf(state, offset), FlagIn(state, offset));
            return LuaApi.lua_pcall(state, 0, 0, 0) != LuaApi.Ok;
        }
        finally
        {
            LuaApi.lua_close(state);
        }
    }

    // The loop is compiled at its first run; the second is for the proof. The hook raises only when it is armed.
    private static ReadOnlySpan<byte> ProofChunk =>
        """
        -- proof
        local armed = false
        local function loop() for i = 1, 100000 do end end
        loop()
        debug.sethook(function() if armed then error('stopped') end end, '', 1000000000)
        return function() armed = true loop() end

        """u8;
}
