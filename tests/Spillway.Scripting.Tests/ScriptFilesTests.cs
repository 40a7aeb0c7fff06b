using Spillway.Scripting.Loading;

namespace Spillway.Scripting.Tests;

public sealed class ScriptFilesTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("spillway-files-").FullName;
    private readonly ScriptFiles _files = new();

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Directory_WithALinkToItself_HasEachFileOnce()
    {
        Put("b.lua");
        Put("sub/a.lua");
        Directory.CreateSymbolicLink(At("aa"), _root);
        Directory.CreateSymbolicLink(At("sub/up"), _root);

        Assert.True(_files.TryAdd(_root, out string message));
        Assert.Empty(message);
        Assert.Equal([At("b.lua"), At("sub/a.lua")], _files.Found.Select(file => file.Path));
    }

    [Fact]
    public void Directory_LinkedFromElsewhere_IsSearched()
    {
        Put("real/a.lua");
        Directory.CreateDirectory(At("enabled"));
        Directory.CreateSymbolicLink(At("enabled/site"), "../real");
        File.CreateSymbolicLink(At("enabled/again.lua"), "../real/a.lua");

        Assert.True(_files.TryAdd(At("enabled"), out _));
        Assert.Single(_files.Found);
    }

    [Fact]
    public void File_NamedAndFoundUnderThreePaths_IsOneAndNamed()
    {
        Put("dir/a.lua");
        Directory.CreateSymbolicLink(At("link"), At("dir"));
        File.CreateSymbolicLink(At("other.lua"), "link/a.lua");

        Assert.True(_files.TryAdd(At("dir"), out _));
        Assert.True(_files.TryAdd(At("other.lua"), out _));
        Assert.True(_files.TryAdd(At("link/../dir/a.lua"), out _));
        Assert.Equal([(At("dir/a.lua"), true)], _files.Found);
    }

    [Fact]
    public void Link_ThatLeadsInACircle_IsAFileThatCannotBeRead()
    {
        File.CreateSymbolicLink(At("a.lua"), "b.lua");
        File.CreateSymbolicLink(At("b.lua"), "a.lua");
        Assert.True(_files.TryAdd(_root, out _));
        Assert.Equal([At("a.lua"), At("b.lua")], _files.Found.Select(file => file.Path));
    }

    [Fact]
    public void Directory_WithoutScripts_SaysSo()
    {
        Put("notes.txt");
        Assert.True(_files.TryAdd(_root, out string message));
        Assert.Equal($"script directory {_root} has no .lua files, and neither has any directory below it", message);
    }

    private string At(string name) => Path.Combine(_root, name);

    private void Put(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        File.WriteAllText(At(name), "TrisulPlugin = { id = { name = 'x' } }");
    }
}
