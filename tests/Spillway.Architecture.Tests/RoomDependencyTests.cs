using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace Spillway.Architecture.Tests;

/// <summary>Arrows between the rooms point one way. The table is the one of docs/architecture.md.</summary>
public sealed class RoomDependencyTests
{
    private static readonly Dictionary<string, string[]> MayKnow = new()
    {
        ["Spillway.Posix"] = [],
        ["Spillway.Net"] = ["Spillway.Posix"],
        ["Spillway.LuaJit"] = [],
        ["Spillway.Async"] = ["Spillway.LuaJit", "Spillway.Posix"],
        ["Spillway.Metrics"] = ["Spillway.Net", "Spillway.Posix"],
        ["Spillway.Scripting"] = ["Spillway.Net", "Spillway.Metrics", "Spillway.Async", "Spillway.LuaJit"],
        ["Spillway.Questions"] = ["Spillway.Net", "Spillway.Metrics"],
        ["Spillway.Web"] = ["Spillway.Net", "Spillway.Metrics", "Spillway.Questions"],
        ["Spillway"] =
        [
            "Spillway.Posix",
            "Spillway.Net",
            "Spillway.Metrics",
            "Spillway.Async",
            "Spillway.LuaJit",
            "Spillway.Scripting",
            "Spillway.Questions",
            "Spillway.Web",
        ],
    };

    public static TheoryData<string> Rooms => new(MayKnow.Keys);

    [Fact]
    public void SourceProjects_AreTheRoomsOfTheTable() =>
        Assert.Equal(
            MayKnow.Keys.Order(StringComparer.Ordinal),
            Repository.Files("src", ".csproj").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)
        );

    [Theory]
    [MemberData(nameof(Rooms))]
    public void ProjectFile_ReferencesOnlyRoomsItMayKnow(string room)
    {
        XDocument project = XDocument.Parse(Repository.Text($"src/{room}/{room}.csproj"));
        IEnumerable<string> references = project
            .Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));

        Assert.Empty(references.Except(MayKnow[room]));
    }

    /// <summary>What the compiler really wrote: a reference that comes along with another project shows here.</summary>
    [Theory]
    [MemberData(nameof(Rooms))]
    public void Assembly_ReferencesOnlyRoomsItMayKnow(string room)
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, $"{room}.dll")));
        MetadataReader metadata = file.GetMetadataReader();
        IEnumerable<string> references = metadata
            .AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))
            .Where(name => name == "Spillway" || name.StartsWith("Spillway.", StringComparison.Ordinal));

        Assert.Empty(references.Except(MayKnow[room]));
    }
}
