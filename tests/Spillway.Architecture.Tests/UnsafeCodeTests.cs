using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Spillway.Architecture.Tests;

/// <summary>Unsafe code and native imports stand in few places, each with a reason. A new place needs a line here.</summary>
public sealed partial class UnsafeCodeTests
{
    /// <summary>Directory (ends with '/') or file, and why it needs what only unsafe code can do.</summary>
    private static readonly Dictionary<string, string> Allowed = new()
    {
        ["src/Spillway.Net/Capture/"] = "libpcap: imports, its handles, packet memory that libpcap owns",
        ["src/Spillway.Posix/PosixCalls.cs"] =
            "files reached from an open directory: no link followed, owners looked at once they are open",
        ["src/Spillway.Net/Files/PosixFile.cs"] = "extracted files: three system calls for a small one, where the platform makes seven",
        ["src/Spillway.LuaJit/Native/"] = "LuaJIT: imports, and the mappings that give the library its place",
        ["src/Spillway.LuaJit/LuaState.cs"] = "bytes of Lua strings are read and written in place, callbacks are function pointers",
        ["src/Spillway.LuaJit/LuaState.Memory.cs"] = "the record that LuaJIT's allocator looks at has a fixed address",
        ["src/Spillway.Async/Native/"] =
            "file operations inside the kernel, on paths that are bytes; commands in groups; priority of a thread",
        ["src/Spillway.Async/Rings/"] = "tasks and results as records that compiled Lua of two threads writes and reads",
        ["src/Spillway.Async/TaskBuffer.cs"] = "the bytes of queued tasks lie outside of the managed heap",
        ["src/Spillway.Scripting/Interop/"] = "functions that compiled Lua calls by address",
        ["src/Spillway.Scripting/Native/"] = "the records that compiled Lua and the host both read, and those of crashes",
        ["src/Spillway.Scripting/Vm/"] = "a VM's records at fixed addresses: callbacks pass what scripts see through them",
        ["src/Spillway/Life/Native/"] = "the process itself: inherited descriptors, its end, a word when native code crashes",
        ["src/Spillway.Scripting/ScriptHost.cs"] = "tells the VMs where the packet lies",
    };

    [Fact]
    public void UnsafeCodeAndImports_StandOnlyWhereAllowed()
    {
        IEnumerable<string> offenders = Repository
            .Files("src", ".cs")
            .Where(path => !Allowed.Keys.Any(place => path.StartsWith(place, StringComparison.Ordinal)))
            .Where(path => UsesUnsafeCode(Repository.Text(path)));

        Assert.Empty(offenders);
    }

    [Fact]
    public void AllowedPlaces_StillUseUnsafeCode()
    {
        IEnumerable<string> idle = Allowed.Keys.Where(place =>
            !Repository
                .Files("src", ".cs")
                .Any(path => path.StartsWith(place, StringComparison.Ordinal) && UsesUnsafeCode(Repository.Text(path)))
        );

        Assert.Empty(idle);
    }

    [Fact]
    public void AllowUnsafeBlocks_IsSetOnlyInProjectsWithAllowedPlaces()
    {
        IEnumerable<string> offenders = Repository
            .Files("src", ".csproj", ".props", ".targets")
            .Where(path => XDocument.Parse(Repository.Text(path)).Descendants("AllowUnsafeBlocks").Any())
            .Where(path => !Allowed.Keys.Any(place => place.StartsWith(Path.GetDirectoryName(path) + "/", StringComparison.Ordinal)));

        Assert.Empty(offenders);
    }

    [Theory]
    [InlineData("unsafe void Run() { }", true)]
    [InlineData("[LibraryImport(\"c\")] static partial int getpid();", true)]
    [InlineData("[System.Runtime.InteropServices.DllImport(\"c\")]", true)]
    [InlineData("// an unsafe place", false)]
    [InlineData("/// <summary>No unsafe code.</summary>", false)]
    [InlineData("Log(\"unsafe name\");", false)]
    [InlineData("Unsafe.SkipInit(out x);", false)]
    public void UsesUnsafeCode_KnowsCodeFromWords(string line, bool expected) => Assert.Equal(expected, UsesUnsafeCode(line));

    private static bool UsesUnsafeCode(string source) => UnsafeWords().IsMatch(CommentsAndStrings().Replace(source, " "));

    [GeneratedRegex(@"\b(unsafe|LibraryImport|DllImport|UnmanagedCallersOnly)\b")]
    private static partial Regex UnsafeWords();

    [GeneratedRegex("""//[^\n]*|/\*.*?\*/|"(\\.|[^"\\\n])*"|'(\\.|[^'\\\n])'""", RegexOptions.Singleline)]
    private static partial Regex CommentsAndStrings();
}
