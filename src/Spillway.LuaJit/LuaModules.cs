using System.Collections.Concurrent;
using System.Reflection;

namespace Spillway.LuaJit;

/// <summary>Lua source files embedded in an assembly, read once.</summary>
public static class LuaModules
{
    private static readonly ConcurrentDictionary<(Assembly, string), byte[]> Sources = new();

    /// <summary>
    /// The module that moves values and functions between states (<c>transfer.lua</c>): its chunk returns a table with <c>encode</c>,
    /// <c>encode_function</c>, <c>decode</c>, <c>register</c> and <c>refuse</c>.
    /// </summary>
    public static ReadOnlySpan<byte> Transfer => Read(typeof(LuaModules).Assembly, "transfer.lua");

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
