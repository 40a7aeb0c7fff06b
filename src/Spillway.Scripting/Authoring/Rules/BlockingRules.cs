using Spillway.Scripting.Authoring.Syntax;
using Spillway.Scripting.Blocks;

namespace Spillway.Scripting.Authoring.Rules;

/// <summary>
/// Calls that wait, in callbacks of the packet path, where every packet would wait with them; and those that would end the program.
/// </summary>
internal static class BlockingRules
{
    private static readonly string[] Blocking =
    [
        "io.popen",
        "os.execute",
        "ffi.C.system",
        "ffi.C.popen",
        "ffi.C.sleep",
        "ffi.C.usleep",
        "ffi.C.nanosleep",
        "ffi.C.poll",
        "ffi.C.select",
        "ffi.C.connect",
        "ffi.C.getaddrinfo",
        "ffi.C.gethostbyname",
    ];

    public static IEnumerable<ScriptFinding> Check(CheckedScript script)
    {
        foreach (LuaAccess access in script.Chunk.Accesses)
        {
            if (access.Steps is not [.., { IsCalled: true } last])
                continue;
            string path = PathOf(access);
            if (path == "os.exit")
                yield return new ScriptFinding(
                    FindingSeverity.Warning,
                    last.Line,
                    "os.exit raises an error: a run is not a script's to end",
                    "onload that returns false declines; error() ends a callback"
                );
            if (!Blocking.Contains(path) || CheckedScript.SurroundingCallback(access.Function) is not { } callback)
                continue;

            // The source of packets may wait for the next.
            if (callback.Block.Side != ScriptSide.Frontend || callback.Callback == "step")
                continue;
            yield return new ScriptFinding(
                FindingSeverity.Warning,
                last.Line,
                $"{path} in {callback.Block.Name}.{callback.Callback} holds up all packets until it is done",
                "put it into onexecute of T.async:schedule { ... }"
            );
        }
    }

    // local ffi = require 'ffi'; local C = ffi.C: the names are habit enough.
    private static string PathOf(LuaAccess access)
    {
        string path = CheckedScript.Resolve(access) ?? access.Path;
        return path.StartsWith("C.", StringComparison.Ordinal) ? "ffi." + path : path;
    }
}
