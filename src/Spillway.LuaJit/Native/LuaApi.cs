using System.Runtime.InteropServices;

namespace Spillway.LuaJit.Native;

/// <summary>
/// Raw imports of LuaJIT's C API, names as in the Lua 5.1 manual (https://www.lua.org/manual/5.1/manual.html#3.7).
/// Only <see cref="LuaState"/> and its parts call them. None may be called from a host function for the state that runs it.
/// </summary>
internal static unsafe partial class LuaApi
{
    public const string Library = "libluajit-5.1.so.2";

    public const int RegistryIndex = -10000;
    public const int GlobalsIndex = -10002;
    public const int MultipleResults = -1;

    public const int Ok = 0;
    public const int TypeNil = 0;
    public const int TypeNumber = 3;
    public const int TypeString = 4;
    public const int TypeFunction = 6;

    [LibraryImport(Library)]
    internal static partial nint luaL_newstate();

    [LibraryImport(Library)]
    internal static partial void lua_close(nint state);

    [LibraryImport(Library)]
    internal static partial void luaL_openlibs(nint state);

    [LibraryImport(Library)]
    internal static partial int luaL_loadbuffer(nint state, byte* buffer, nuint size, byte* name);

    [LibraryImport(Library)]
    internal static partial int lua_pcall(nint state, int arguments, int results, int handler);

    // Audited: constant time, raises nothing and calls no metamethod for the arguments used here; so the GC transition is left out.
    [LibraryImport(Library), SuppressGCTransition]
    internal static partial void lua_rawgeti(nint state, int index, int n);

    [LibraryImport(Library), SuppressGCTransition]
    internal static partial int lua_gettop(nint state);

    [LibraryImport(Library), SuppressGCTransition]
    internal static partial void lua_settop(nint state, int index);

    [LibraryImport(Library), SuppressGCTransition]
    internal static partial int lua_type(nint state, int index);

    [LibraryImport(Library)]
    internal static partial byte* lua_tolstring(nint state, int index, nuint* length);

    [LibraryImport(Library)]
    internal static partial double lua_tonumber(nint state, int index);

    [LibraryImport(Library)]
    internal static partial int lua_toboolean(nint state, int index);

    [LibraryImport(Library)]
    internal static partial void lua_pushlstring(nint state, byte* text, nuint length);

    [LibraryImport(Library)]
    internal static partial void lua_pushnumber(nint state, double value);

    [LibraryImport(Library)]
    internal static partial void lua_getfield(nint state, int index, byte* name);

    [LibraryImport(Library)]
    internal static partial void lua_rawget(nint state, int index);

    [LibraryImport(Library)]
    internal static partial void lua_setfield(nint state, int index, byte* name);

    [LibraryImport(Library)]
    internal static partial int luaL_ref(nint state, int table);

    [LibraryImport(Library)]
    internal static partial void luaL_unref(nint state, int table, int reference);

    [LibraryImport(Library)]
    internal static partial int lua_gc(nint state, int what, int data);

    [LibraryImport(Library)]
    internal static partial nint lua_getallocf(nint state, nint* data);

    /// <summary>Two stores; a state must have the allocator it began with when it is closed.</summary>
    [LibraryImport(Library)]
    internal static partial void lua_setallocf(nint state, nint function, nint data);

    [LibraryImport(Library)]
    internal static partial int lua_checkstack(nint state, int extra);

    /// <summary>
    /// May be called asynchronously, says LuaJIT's source: while the state runs. Always returns 1, so the result is left out.
    /// </summary>
    [LibraryImport(Library)]
    internal static partial void lua_sethook(nint state, nint function, int mask, int count);

    [LibraryImport(Library)]
    internal static partial nint lua_gethook(nint state);

    [LibraryImport(Library)]
    internal static partial void luaJIT_profile_start(
        nint state,
        byte* mode,
        delegate* unmanaged[Cdecl]<nint, nint, int, int, void> callback,
        nint data
    );
}
