using System.Text;

namespace Spillway.LuaJit;

/// <summary>Which LuaJIT this is.</summary>
public static class LuaVersion
{
    /// <summary>
    /// What bytecode depends on: two processes that give the same text here may run each other's. Version, platform, and the head of a
    /// dump, which holds the format's number and the kind of build.
    /// </summary>
    /// <exception cref="LuaException">The library is not installed.</exception>
    public static string Bytecode { get; } = Read();

    private static string Read()
    {
        using var state = new LuaState();
        LuaFunction function = state.Run(
            "=(spillway version)",
            """
            return function()
              local head = string.dump(function() end):sub(4, 5):gsub('.', function(c) return ('%02x'):format(c:byte()) end)
              return ('%s %s %s %s'):format(jit.version, jit.os, jit.arch, head)
            end
            """u8
        );
        if (!state.TryCall(function, default, out byte[]? text))
            throw new LuaException(state.TakeError());
        return Encoding.UTF8.GetString(text ?? []);
    }
}
