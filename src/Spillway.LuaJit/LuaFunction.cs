namespace Spillway.LuaJit;

/// <summary>A Lua function kept in a state's registry. Valid as long as the state; a default value is no function.</summary>
public readonly record struct LuaFunction
{
    internal LuaFunction(int reference) => Reference = reference;

    /// <summary>False for the default value.</summary>
    public bool Exists => Reference != 0;

    internal int Reference { get; }
}
