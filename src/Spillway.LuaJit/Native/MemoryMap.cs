using System.Runtime.InteropServices;

namespace Spillway.LuaJit.Native;

/// <summary>Address space, reserved and given back: what <see cref="LuaLibrary"/> needs to choose where the library lands.</summary>
internal static partial class MemoryMap
{
    private const int ProtectionNone = 0;
    private const int PrivateAnonymousNoReserve = 0x4022;
    private const nint Failed = -1;

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint mmap(nint address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int munmap(nint address, nuint length);

    /// <summary>Reserves address space without memory behind it; 0 if the system refuses.</summary>
    public static nint Reserve(nuint length)
    {
        nint address = mmap(0, length, ProtectionNone, PrivateAnonymousNoReserve, -1, 0);
        return address == Failed ? 0 : address;
    }

    /// <summary>Gives address space back.</summary>
    public static void Release(nint address, nuint length) => _ = munmap(address, length);
}
