using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Spillway.LuaJit.Native;

/// <summary>
/// Reads the address of a Lua function's code, which is the same for all closures of one prototype and for no others. Lua calls it through
/// the FFI with the address of a table's element: a call, because LuaJIT's compiler may move a plain load to before the store that put the
/// function there.
/// </summary>
/// <remarks>The layout is that of LuaJIT 2.1 with 64-bit references; <c>prototypes.lua</c> proves it before the first call.</remarks>
internal static unsafe class PrototypeReader
{
    private const ulong ReferenceMask = (1UL << 47) - 1; // the type is in the bits above
    private const int KindOffset = 10; // 0: a Lua function
    private const int CodeOffset = 32;

    public static nint Address => (nint)(delegate* unmanaged[Cdecl]<ulong*, double>)&Read;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static double Read(ulong* element)
    {
        byte* function = (byte*)(*element & ReferenceMask);
        return function[KindOffset] == 0 ? *(ulong*)(function + CodeOffset) : 0;
    }
}
