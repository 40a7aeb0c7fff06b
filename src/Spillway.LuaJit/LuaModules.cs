using System.Collections.Concurrent;
using System.Reflection;

namespace Spillway.LuaJit;

/// <summary>Lua source files embedded in an assembly, read once.</summary>
public static class LuaModules
{
    private static readonly ConcurrentDictionary<(Assembly, string), byte[]> Sources = new();

    /// <summary>
    /// The module that moves values and functions between states (<c>transfer.lua</c>): its chunk returns a table with <c>encode</c>,
    /// <c>encode_function</c>, <c>decode</c>, <c>register</c> and <c>refuse</c>. Takes what <see cref="Prototypes"/> returns, or
    /// nothing.
    /// </summary>
    public static ReadOnlySpan<byte> Transfer => Read(typeof(LuaModules).Assembly, "transfer.lua");

    /// <summary>
    /// The module that recognises the closures of one piece of source (<c>prototypes.lua</c>): its chunk takes
    /// <see cref="PrototypeReader"/> as an FFI function, or nothing, and returns a table with <c>of</c>.
    /// </summary>
    public static ReadOnlySpan<byte> Prototypes => Read(typeof(LuaModules).Assembly, "prototypes.lua");

    /// <summary>The address of a function <c>double (*)(const uint64_t* element)</c>, for <see cref="Prototypes"/>.</summary>
    public static nint PrototypeReader => Native.PrototypeReader.Address;

    /// <summary>Reads an embedded file.</summary>
    /// <exception cref="LuaException">There is none of that name: a bug of ours.</exception>
    public static ReadOnlySpan<byte> Read(Assembly assembly, string name) =>
        Sources.GetOrAdd(
            (assembly, name),
            static key =>
            {
                using Stream stream =
                    key.Item1.GetManifestResourceStream(key.Item2)
                    ?? throw new LuaException($"{key.Item2} is not embedded in {key.Item1.GetName().Name}");
                byte[] bytes = new byte[stream.Length];
                stream.ReadExactly(bytes);
                return bytes;
            }
        );
}
