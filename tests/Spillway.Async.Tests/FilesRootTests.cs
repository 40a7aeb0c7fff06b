using System.Text;
using Spillway.Async.Native;

namespace Spillway.Async.Tests;

public sealed class FilesRootTests : IDisposable
{
    private readonly string _outside = Directory.CreateTempSubdirectory("spillway-outside-").FullName;
    private readonly string _inside;
    private readonly SlowPath _path;

    public FilesRootTests()
    {
        _inside = Directory.CreateTempSubdirectory("spillway-inside-").FullName;
        _path = new SlowPath(options: new AsyncOptions { FilesRoot = _inside });
        File.WriteAllText(Path.Combine(_outside, "source"), "content");
    }

    public void Dispose()
    {
        _path.Dispose();
        Directory.Delete(_inside, true);
        Directory.Delete(_outside, true);
    }

    [Fact]
    public void TargetInside_SourceOutside_Works()
    {
        Copy(In("x/y/copy"));
        Cat(In("x/cat"));
        _path.Client.SubmitAppend("content"u8, Bytes(In("x/./y/../append")));
        _path.Client.SubmitRemove(Bytes(In("x/cat")));

        _path.DrainWell();

        Assert.Equal("content", File.ReadAllText(In("x/y/copy")));
        Assert.Equal("content", File.ReadAllText(In("x/append")));
        Assert.False(File.Exists(In("x/cat")));
    }

    [Theory]
    [InlineData("../escaped")]
    [InlineData("x/../../escaped")]
    [InlineData("/escaped")]
    [InlineData("")]
    public void TargetOutside_ByItsName_IsRefused(string name)
    {
        string target = Path.Combine(_inside, name);
        if (name == "/escaped")
            target = Path.Combine(_outside, "escaped");
        Copy(target);
        Cat(target);
        _path.Client.SubmitAppend("x"u8, Bytes(target));
        _path.Client.SubmitRemove(Bytes(target));

        Assert.All(_path.Drain(), d => Assert.EndsWith($": outside of the files root {_inside}", d.Error, StringComparison.Ordinal));
        Assert.Equal(4, _path.Deliveries.Count);
    }

    [Fact]
    public void TargetOutside_ByALinkToADirectory_IsRefused()
    {
        File.CreateSymbolicLink(In("link"), _outside);
        Copy(In("link/escaped"));
        Cat(In("link/escaped"));
        _path.Client.SubmitAppend("x"u8, Bytes(In("link/new/escaped")));
        _path.Client.SubmitRemove(Bytes(In("link/source")));

        Assert.All(_path.Drain(), d => Assert.Contains("a symbolic link leads out of the files root", d.Error, StringComparison.Ordinal));
        Assert.Equal(4, _path.Deliveries.Count);
        Assert.Equal([Path.Combine(_outside, "source")], Directory.GetFileSystemEntries(_outside));
    }

    [Fact]
    public void TargetInside_ByARelativeLink_Works()
    {
        Directory.CreateDirectory(In("real"));
        File.CreateSymbolicLink(In("link"), "real");
        Copy(In("link/deeper/copy"));

        _path.DrainWell();

        Assert.Equal("content", File.ReadAllText(In("real/deeper/copy")));
    }

    [Fact]
    public void TargetIsALinkThatLeadsOutside_IsReplacedRemovedOrRefused_NeverFollowed()
    {
        string[] names = ["copied", "removed", "appended", "moved"];
        foreach (string name in names)
            File.CreateSymbolicLink(In(name), Path.Combine(_outside, "source"));
        File.WriteAllText(In("mine"), "mine");
        Copy(In("copied"));
        _path.Client.SubmitRemove(Bytes(In("removed")));
        _path.Client.SubmitAppend("x"u8, Bytes(In("appended")));
        _path.Client.SubmitMove(Bytes(In("mine")), Bytes(In("moved")));

        Assert.Contains("the target is a symbolic link", Assert.Single(_path.Drain()).Error, StringComparison.Ordinal);
        Assert.Equal("content", File.ReadAllText(Path.Combine(_outside, "source")));
        Assert.Equal(
            ("content", "mine", false),
            (File.ReadAllText(In("copied")), File.ReadAllText(In("moved")), File.Exists(In("removed")))
        );
        Assert.Null(new FileInfo(In("copied")).LinkTarget);
    }

    [Fact]
    public void DirectoryThatIsALinkOutsideNowAndThen_NothingEverLeavesTheRoot()
    {
        Directory.CreateDirectory(In("real/deep"));
        Directory.CreateDirectory(Path.Combine(_outside, "deep"));
        Directory.CreateSymbolicLink(In("door"), "real");
        using var stop = new CancellationTokenSource();
        var attacker = new Background<long>(() =>
        {
            // One name is a link that stays inside, then one that leads outside, and so on.
            long swaps = 0;
            for (; !stop.IsCancellationRequested; swaps++)
            {
                Directory.CreateSymbolicLink(In("next"), swaps % 2 == 0 ? _outside : "real");
                Assert.Equal(0, Libc.Rename(Libc.CurrentDirectory, Bytes(In("next\0")), Bytes(In("door\0"))));
            }

            return swaps;
        });
        for (int i = 0; i < 3000; i++)
        {
            Copy(In($"door/deep/copy{i % 7}"));
            _path.Client.SubmitAppend("x"u8, Bytes(In($"door/deep/log{i % 7}")));
            _path.Client.SubmitRemove(Bytes(In("door/source")));
        }

        _path.Drain();
        stop.Cancel();

        Assert.True(attacker.Join() > 10);
        Assert.Equal(
            [Path.Combine(_outside, "deep"), Path.Combine(_outside, "source")],
            Directory.GetFileSystemEntries(_outside, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void Root_Missing_IsRefusedAtTheStart()
    {
        var options = new AsyncOptions { FilesRoot = In("missing") };

        Assert.Contains(
            "no such file or directory",
            Assert.Throws<IOException>(() => new AsyncRuntime(options)).Message,
            StringComparison.Ordinal
        );
    }

    private static byte[] Bytes(string path) => Encoding.UTF8.GetBytes(path);

    private string In(string name) => Path.Combine(_inside, name);

    private void Copy(string to) => _path.Client.SubmitCopy(Bytes(Path.Combine(_outside, "source")), Bytes(to));

    private void Cat(string to) => _path.Client.SubmitCat(Bytes(Path.Combine(_outside, "source")), Bytes(to));
}
