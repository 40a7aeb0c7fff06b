namespace Spillway.LuaJit;

/// <summary>
/// An error of set-up code: the library is missing, or a chunk of ours does not load. Errors of scripts are results, not exceptions.
/// </summary>
public sealed class LuaException : Exception
{
    /// <summary>Creates the exception.</summary>
    public LuaException() { }

    /// <summary>Creates the exception with its message.</summary>
    public LuaException(string message)
        : base(message) { }

    /// <summary>Creates the exception with its message and cause.</summary>
    public LuaException(string message, Exception innerException)
        : base(message, innerException) { }
}
