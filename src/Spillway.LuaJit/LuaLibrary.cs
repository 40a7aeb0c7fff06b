using System.Reflection;
using System.Runtime.InteropServices;
using Spillway.LuaJit.Native;

namespace Spillway.LuaJit;

/// <summary>
/// Loads LuaJIT's library once per process, at a place where its compiler can work.
/// </summary>
/// <remarks>
/// LuaJIT puts machine code within 1 GiB of its own code. A .NET process reserves most of the address space near the place where libraries
/// go, so that by chance alone the library lands in a gap with no room beside it; then traces are thrown away for ever and scripts run many
/// times slower, silently. So room is made first: reserve 2 GiB, fill every higher gap that could hold the library, open a hole in the
/// middle of the reservation, load the library into it, and give the fillers and the lower half back. Linux fills address space from the
/// top, so what is loaded later uses other gaps first. <see cref="LuaState.Compiles"/> proves it for each state.
/// </remarks>
public static class LuaLibrary
{
    private const nuint MiB = 1 << 20;
    private const nuint RoomSize = 2048 * MiB;
    private const nuint HoleSize = 2 * MiB;
    private const nuint FillerSize = 256 * 1024;
    private const int MaximumFillers = 100_000;

    private static readonly Lock Gate = new();
    private static nint _handle;

    /// <summary>Loads the library; later calls do nothing. Any thread.</summary>
    /// <exception cref="LuaException">The library is not installed; the message says how to install it.</exception>
    public static void EnsureLoaded()
    {
        if (Volatile.Read(ref _handle) != 0)
            return;
        lock (Gate)
        {
            if (_handle != 0)
                return;
            nint handle = LoadWithRoom();
            NativeLibrary.SetDllImportResolver(typeof(LuaLibrary).Assembly, Resolve);
            Volatile.Write(ref _handle, handle);
        }
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) => name == LuaApi.Library ? _handle : 0;

    private static nint LoadWithRoom()
    {
        nint room = MemoryMap.Reserve(RoomSize);
        if (room == 0)
            return Load(); // address space is limited (ulimit -v): load as it comes, Compiles tells the truth

        var fillers = new List<nint>();
        while (fillers.Count < MaximumFillers)
        {
            nint filler = MemoryMap.Reserve(FillerSize);
            if (filler == 0)
                break;
            if (filler < room)
            {
                // No gap above the room is left that could hold the library.
                MemoryMap.Release(filler, FillerSize);
                break;
            }

            fillers.Add(filler);
        }

        MemoryMap.Release(room + (nint)(RoomSize / 2), HoleSize);
        try
        {
            return Load();
        }
        finally
        {
            foreach (nint filler in fillers)
                MemoryMap.Release(filler, FillerSize);
            MemoryMap.Release(room, RoomSize / 2);
        }
    }

    private static nint Load() =>
        NativeLibrary.TryLoad(LuaApi.Library, out nint handle)
            ? handle
            : throw new LuaException($"LuaJIT is missing ({LuaApi.Library}): install it with `apt-get install libluajit-5.1-2`");
}
