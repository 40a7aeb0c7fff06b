using System.Runtime.InteropServices;

namespace Spillway.Async.Native;

/// <summary>Libraries that the program works without: found by their names when something wants them.</summary>
internal static class OptionalLibrary
{
    /// <summary>Loads the first of these that there is. A loaded library stays.</summary>
    /// <param name="variable">An environment variable that names another file, which is then the only one tried.</param>
    /// <param name="names">Names as the loader knows them, the usual one first.</param>
    /// <param name="handle">The library.</param>
    public static bool TryLoad(string variable, ReadOnlySpan<string> names, out nint handle)
    {
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } given)
            return NativeLibrary.TryLoad(given, out handle);
        foreach (string name in names)
        {
            if (NativeLibrary.TryLoad(name, out handle))
                return true;
        }

        handle = 0;
        return false;
    }

    /// <summary>The functions' addresses; false if one is missing, and then it is named.</summary>
    public static bool TryResolve(nint library, ReadOnlySpan<string> functions, Span<nint> addresses, out string? missing)
    {
        for (int i = 0; i < functions.Length; i++)
        {
            if (NativeLibrary.TryGetExport(library, functions[i], out addresses[i]))
                continue;
            missing = functions[i];
            return false;
        }

        missing = null;
        return true;
    }
}
