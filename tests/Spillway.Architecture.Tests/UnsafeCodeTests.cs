using System.Text.RegularExpressions;

namespace Spillway.Architecture.Tests;

/// <summary>Unsafe code and native imports stand in few places, each with a reason. A new place needs a line here.</summary>
public sealed partial class UnsafeCodeTests
{
    /// <summary>Directory (ends with '/') or file, and why it needs what only unsafe code can do.</summary>
    private static readonly Dictionary<string, string> Allowed = new()
    {
        ["src/Spillway.Net/Capture/"] = "libpcap: imports, its handles, packet memory that libpcap owns",
        ["src/Spillway.LuaJit/"] = "LuaJIT: imports, placing the library, values on its stack",
    };

    [Fact]
    public void UnsafeCodeAndImports_StandOnlyWhereAllowed()
    {
        IEnumerable<string> offenders = Repository.Files("src", ".cs")
            .Where(path => !Allowed.Keys.Any(place => path.StartsWith(place, StringComparison.Ordinal)))
            .Where(path => UsesUnsafeCode(Repository.Text(path)));

        Assert.Empty(offenders);
    }

    [Fact]
    public void AllowedPlaces_StillUseUnsafeCode()
    {
        IEnumerable<string> idle = Allowed.Keys.Where(place => !Repository.Files("src", ".cs")
            .Any(path => path.StartsWith(place, StringComparison.Ordinal) && UsesUnsafeCode(Repository.Text(path))));

        Assert.Empty(idle);
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
