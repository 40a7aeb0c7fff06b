namespace Spillway.Async.Tests;

public sealed class FileOperationTests : IDisposable
{
    private readonly SlowPath _path = new();

    public void Dispose() => _path.Dispose();

    [Fact]
    public void Copy_TargetMissing_CreatesItWithTheContent()
    {
        _path.FileWith("a", "content");
        _path.Copy("a", "b");

        _path.DrainWell();

        Assert.Equal("content", _path.Read("b"));
        Assert.Equal(2, Directory.GetFiles(_path.Root).Length);
    }

    [Fact]
    public void Cat_TargetExists_AppendsToIt()
    {
        _path.FileWith("a", "tail");
        _path.FileWith("b", "head ");
        _path.Cat("a", "b");

        _path.DrainWell();

        Assert.Equal("head tail", _path.Read("b"));
    }

    [Fact]
    public void Copy_SourceMissing_NamesOperationAndPathsAndLeavesTheTarget()
    {
        _path.FileWith("b", "old");
        _path.Copy("a", "b");

        Assert.Equal($"copy {_path.PathOf("a")} to {_path.PathOf("b")}: no such file or directory", _path.DrainError());
        Assert.Equal("old", _path.Read("b"));
    }
}
