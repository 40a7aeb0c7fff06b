using System.Diagnostics;
using System.Text;

namespace Spillway.Async.Tests;

public sealed class FileOperationTests : IDisposable
{
    private readonly SlowPath _path = new();

    public static TheoryData<string> OddNames => new("with space", "new\nline", "-dash", "quote'\"$(id)", new string('n', 255));

    public void Dispose() => _path.Dispose();

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
    public void Cat_TargetMissing_CreatesItAndItsDirectories()
    {
        _path.FileWith("a", "content");
        _path.Cat("a", "x/y/z/b");

        _path.DrainWell();

        Assert.Equal("content", _path.Read("x/y/z/b"));
    }

    [Fact]
    public void Cat_FileToItself_AppendsItsFirstLengthOnce()
    {
        _path.FileWith("a", "abc");
        _path.Cat("a", "a");
        _path.Cat("a", "./x/../a");

        _path.DrainWell();

        Assert.Equal("abcabcabcabc", _path.Read("a"));
    }

    [Fact]
    public void Cat_EmptySource_CreatesTheTarget()
    {
        _path.FileWith("a", "");
        _path.Cat("a", "b");

        _path.DrainWell();

        Assert.Equal("", _path.Read("b"));
    }

    [Fact]
    public void Cat_SourceOfProc_IsReadAlthoughItsSizeIsZero()
    {
        _path.Client.SubmitCat("/proc/self/status"u8, _path.BytesOf("b"));

        _path.DrainWell();

        Assert.Contains("VmPeak", _path.Read("b"), StringComparison.Ordinal);
    }

    [Fact]
    public void Cat_SourceMissing_CreatesNoTarget()
    {
        _path.Cat("missing", "b");

        Assert.Equal($"cat {_path.PathOf("missing")} to {_path.PathOf("b")}: no such file or directory", _path.DrainError());
        Assert.Empty(Directory.GetFileSystemEntries(_path.Root));
    }

    [Fact]
    public void Copy_TargetExists_ReplacesItAndKeepsItsMode()
    {
        _path.FileWith("a", "new");
        File.SetUnixFileMode(
            _path.FileWith("b", "old and longer"),
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherExecute
        );
        _path.Copy("a", "b");

        _path.DrainWell();

        Assert.Equal("new", _path.Read("b"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherExecute, File.GetUnixFileMode(_path.PathOf("b")));
    }

    [Fact]
    public void Copy_TargetMissing_CreatesItAndLeavesNothingElse()
    {
        _path.FileWith("a", "content");
        _path.Copy("a", "x/b");

        _path.DrainWell();

        Assert.Equal("content", _path.Read("x/b"));
        Assert.Equal([_path.PathOf("x/b")], Directory.GetFiles(_path.PathOf("x")));
    }

    [Fact]
    public void Copy_BetweenFileSystems_MovesEveryByte()
    {
        string source = Path.Combine("/dev/shm", Path.GetFileName(_path.Root));
        byte[] content = new byte[(40 << 20) + 12345];
        new Random(1).NextBytes(content);
        File.WriteAllBytes(source, content);
        try
        {
            _path.Client.SubmitCopy(Encoding.UTF8.GetBytes(source), _path.BytesOf("copied"));
            _path.Client.SubmitCat(Encoding.UTF8.GetBytes(source), _path.BytesOf("appended"));
            _path.Client.SubmitCat(Encoding.UTF8.GetBytes(source), _path.BytesOf("appended"));
            _path.Copy("copied", "again");
            _path.DrainWell();

            Assert.True(content.AsSpan().SequenceEqual(File.ReadAllBytes(_path.PathOf("copied"))));
            Assert.True(content.AsSpan().SequenceEqual(File.ReadAllBytes(_path.PathOf("again"))));
            byte[] twice = File.ReadAllBytes(_path.PathOf("appended"));
            Assert.True(content.AsSpan().SequenceEqual(twice.AsSpan(0, content.Length)));
            Assert.True(content.AsSpan().SequenceEqual(twice.AsSpan(content.Length)));
        }
        finally
        {
            File.Delete(source);
        }
    }

    [Fact]
    public void Copy_ToItself_ChangesNothing()
    {
        _path.FileWith("a", "content");
        _path.Copy("a", "a");
        File.CreateSymbolicLink(_path.PathOf("link"), _path.PathOf("a"));
        _path.Copy("link", "a");

        _path.DrainWell();

        Assert.Equal("content", _path.Read("a"));
    }

    [Fact]
    public void Copy_WhileAReaderLooks_ItSeesTheOldOrTheWholeNewFile()
    {
        const int Size = 1 << 20;
        _path.FileWith("a", new string('a', Size));
        _path.FileWith("b", new string('b', Size));
        _path.FileWith("target", new string('a', Size));
        using var stop = new CancellationTokenSource();
        var reader = new Background<string?>(() =>
        {
            int looks = 0;
            while (!stop.IsCancellationRequested || looks == 0)
            {
                byte[] seen = File.ReadAllBytes(_path.PathOf("target"));
                if (seen.Length != Size || seen.AsSpan().ContainsAnyExcept(seen[0]))
                    return "a part of a file was seen";
                looks++;
            }

            return null;
        });

        for (int i = 0; i < 100; i++)
            _path.Copy(i % 2 == 0 ? "b" : "a", "target");
        _path.DrainWell();
        stop.Cancel();

        Assert.Null(reader.Join());
    }

    [Fact]
    public void Copy_TargetIsALink_ReplacesTheLinkAndLeavesWhatItNamed()
    {
        _path.FileWith("a", "new");
        _path.FileWith("precious", "precious");
        File.CreateSymbolicLink(_path.PathOf("link"), _path.PathOf("precious"));
        _path.Copy("a", "link");

        _path.DrainWell();

        Assert.Equal("precious", _path.Read("precious"));
        Assert.Equal("new", _path.Read("link"));
        Assert.Null(File.ResolveLinkTarget(_path.PathOf("link"), false));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Append_TargetIsALink_IsRefused(bool dangling)
    {
        if (!dangling)
            _path.FileWith("precious", "precious");
        File.CreateSymbolicLink(_path.PathOf("link"), _path.PathOf("precious"));
        _path.Append("more", "link");

        Assert.Equal($"copybuffer to {_path.PathOf("link")}: the target is a symbolic link", _path.DrainError());
        Assert.Equal(!dangling, File.Exists(_path.PathOf("precious")));
    }

    [Fact]
    public void Copy_TargetIsADevice_LeavesTheDeviceAlone()
    {
        _path.FileWith("a", "content");
        _path.Client.SubmitCopy(_path.BytesOf("a"), "/dev/null"u8);

        Assert.EndsWith("the target is not a regular file", _path.DrainError(), StringComparison.Ordinal);
        Assert.Empty(File.ReadAllBytes("/dev/null"));
    }

    [Fact]
    public void FileOperation_OnAPipeWithoutReader_FailsInsteadOfHanging()
    {
        using (var mkfifo = Process.Start("mkfifo", [_path.PathOf("pipe")]))
            mkfifo.WaitForExit();
        _path.Append("x", "pipe");
        _path.Cat("pipe", "b");

        Assert.All(_path.Drain(), d => Assert.NotNull(d.Error));
        Assert.Equal(2, _path.Deliveries.Count);
    }

    [Fact]
    public void FileOperation_OnDirectories_IsRefusedAndNothingIsDone()
    {
        _path.FileWith("a", "content");
        Directory.CreateDirectory(_path.PathOf("dir"));
        _path.Copy("dir", "b");
        _path.Cat("dir", "b");
        _path.Copy("a", "dir");
        _path.Copy("a", "newdir/");
        _path.Cat("a", "dir");
        _path.Append("x", "dir");
        _path.Append("x", "dir/.");
        _path.Remove("dir");

        Assert.All(_path.Drain(), d => Assert.EndsWith(": is a directory", d.Error, StringComparison.Ordinal));
        Assert.Equal(8, _path.Deliveries.Count);
        Assert.Equal(2, Directory.GetFileSystemEntries(_path.Root).Length);
    }

    [Fact]
    public void Remove_FileThere_DeletesIt()
    {
        _path.FileWith("a", "content");
        _path.Remove("a");

        _path.DrainWell();

        Assert.False(File.Exists(_path.PathOf("a")));
    }

    [Fact]
    public void Remove_FileNotThere_IsNoError()
    {
        _path.FileWith("file", "");
        _path.Remove("a");
        _path.Remove("no/such/dir/a");
        _path.Remove("file/below");

        Assert.Empty(_path.Drain());
    }

    [Fact]
    public void Remove_Link_RemovesTheLinkOnly()
    {
        _path.FileWith("a", "content");
        File.CreateSymbolicLink(_path.PathOf("link"), _path.PathOf("a"));
        _path.Remove("link");

        _path.DrainWell();

        Assert.Equal([_path.PathOf("a")], Directory.GetFileSystemEntries(_path.Root));
    }

    [Fact]
    public void CopyBuffer_WithoutPosition_Appends()
    {
        _path.Append("one ", "x/b");
        _path.Append("two", "x/b");

        _path.DrainWell();

        Assert.Equal("one two", _path.Read("x/b"));
    }

    [Fact]
    public void CopyBuffer_Empty_CreatesTheFileAndChangesNothingElse()
    {
        _path.FileWith("old", "old");
        _path.Append("", "new");
        _path.Append("", "old");
        _path.WriteAt("", "old", 1);

        _path.DrainWell();

        Assert.Equal("", _path.Read("new"));
        Assert.Equal("old", _path.Read("old"));
    }

    [Fact]
    public void CopyBuffer_AtPosition_LeavesTheRestAlone()
    {
        _path.FileWith("b", "0123456789");
        _path.WriteAt("AB", "b", 0);
        _path.WriteAt("XY", "b", 4);

        _path.DrainWell();

        Assert.Equal("AB23XY6789", _path.Read("b"));
    }

    [Fact]
    public void CopyBuffer_BeyondTheEnd_LeavesZerosBetween()
    {
        _path.WriteAt("end", "b", 5);

        _path.DrainWell();

        Assert.Equal("\0\0\0\0\0end", _path.Read("b"));
    }

    [Fact]
    public void CopyBuffer_NegativePosition_IsRefusedInTheCall()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _path.WriteAt("x", "b", -1));
        Assert.Equal(0, _path.Client.Pending);
    }

    [Fact]
    public void Submit_PathEmptyOrWithZeroByte_IsRefusedInTheCall()
    {
        Assert.Throws<ArgumentException>(() => _path.Client.SubmitRemove(default));
        Assert.Throws<ArgumentException>(() => _path.Client.SubmitCopy("a\0b"u8, "b"u8));
        Assert.Throws<ArgumentException>(() => _path.Client.SubmitAppend("x"u8, "b\0"u8));
        Assert.Equal(0, _path.Client.Pending);
    }

    [Theory]
    [MemberData(nameof(OddNames))]
    public void FileOperation_OddName_Works(string name)
    {
        _path.Append("one", name);
        _path.Copy(name, "copy");
        _path.Cat("copy", name);

        _path.DrainWell();

        Assert.Equal("oneone", _path.Read(name));
    }

    [Fact]
    public void FileOperation_NameIsNotUtf8_Works()
    {
        byte[] name = [.. _path.BytesOf("f"), 0xff, 0xfe, 0xc3];
        _path.Client.SubmitAppend("content"u8, name);
        _path.Client.SubmitCopy(name, _path.BytesOf("b"));
        _path.Client.SubmitRemove(name);

        _path.DrainWell();

        Assert.Equal("content", _path.Read("b"));
        Assert.Single(Directory.GetFileSystemEntries(_path.Root));
    }

    [Fact]
    public void Failure_NameWithControlsOrForeignBytes_IsOneReadableLine()
    {
        _path.Client.SubmitCopy([.. "/no/"u8, 0xff, (byte)'\n', .. "é"u8], _path.BytesOf("b"));

        Assert.StartsWith("copy /no/\\xff\\x0aé to ", _path.DrainError(), StringComparison.Ordinal);
    }

    [Fact]
    public void FileOperation_TargetParentIsAFile_FailsWithTheReason()
    {
        _path.FileWith("a", "content");
        _path.Append("x", "a/b");
        _path.Copy("a", "a/b");

        Assert.All(_path.Drain(), d => Assert.EndsWith(": not a directory", d.Error, StringComparison.Ordinal));
        Assert.Equal(2, _path.Deliveries.Count);
    }
}
