using System.Diagnostics;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using Spillway.Net.Files;
using Spillway.Posix;

namespace Spillway.Net.Tests.Files;

[SupportedOSPlatform("linux")]
public sealed class OwnedDirectoryTests : IDisposable
{
    private readonly TemporaryRoot _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void OpenPrivate_NotThere_IsMadeForThisUserAlone()
    {
        using OwnedDirectory directory = OwnedDirectory.OpenPrivate(At("new"));

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(At("new")));
    }

    [Theory]
    [InlineData("file", "not a directory")]
    [InlineData("dangling", "it is a symbolic link: name the directory itself")]
    [InlineData("link", "it is a symbolic link: name the directory itself")]
    [InlineData("open", "others may write to it; type: chmod go-w ")]
    public void OpenPrivate_NotPrivate_SaysWhy(string name, string reason)
    {
        File.WriteAllText(At("file"), "");
        Directory.CreateDirectory(At("real"));
        Directory.CreateSymbolicLink(At("link"), At("real"));
        Directory.CreateSymbolicLink(At("dangling"), At("nowhere"));
        Directory.CreateDirectory(At("open"));
        File.SetUnixFileMode(At("open"), File.GetUnixFileMode(At("open")) | UnixFileMode.OtherWrite);

        Assert.Contains(reason, Assert.Throws<IOException>(() => OwnedDirectory.OpenPrivate(At(name))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnotherUsersDirectory_IsNotUsed()
    {
        OtherUser.Require();
        Directory.CreateDirectory(At("theirs"));
        OtherUser.Give(At("theirs"));
        using OwnedDirectory root = OwnedDirectory.OpenPrivate(_root.Path);

        Assert.Contains(
            "belongs to user 65534",
            Assert.Throws<IOException>(() => OwnedDirectory.OpenPrivate(At("theirs"))).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "belongs to user 65534",
            Assert.Throws<IOException>(() => OwnedDirectory.OpenShared(At("theirs"))).Message,
            StringComparison.Ordinal
        );
        Assert.Null(root.TryOpen("theirs"));
        Assert.False(root.DeleteTree("theirs"));
        Assert.True(Directory.Exists(At("theirs")));
    }

    [Fact]
    public void OpenShared_OthersMayWrite_MustBeSticky()
    {
        Directory.CreateDirectory(At("shared"));
        File.SetUnixFileMode(At("shared"), (UnixFileMode)0x1ff);
        Assert.Contains(
            "chmod +t",
            Assert.Throws<IOException>(() => OwnedDirectory.OpenShared(At("shared"))).Message,
            StringComparison.Ordinal
        );

        File.SetUnixFileMode(At("shared"), (UnixFileMode)0x1ff | UnixFileMode.StickyBit);
        using OwnedDirectory directory = OwnedDirectory.OpenShared(At("shared"));
        Assert.Equal(At("shared"), directory.Path);
    }

    [Fact]
    public void TryOpenFile_SomethingElseUnderTheName_SaysWhat()
    {
        using OwnedDirectory root = OwnedDirectory.OpenPrivate(_root.Path);
        File.WriteAllText(At("real"), "precious");
        File.CreateSymbolicLink(At("link"), At("real"));
        Directory.CreateDirectory(At("directory"));
        using (Process link = Process.Start("ln", [At("real"), At("hard")]))
            link.WaitForExit();
        File.WriteAllText(At("open"), "");
        File.SetUnixFileMode(At("open"), (UnixFileMode)0x1b6);

        Assert.Equal("it is a symbolic link", Refusal("link"));
        Assert.Equal("it has other names too (hard links)", Refusal("hard"));
        Assert.Equal("others may write to it", Refusal("open"));
        Assert.Equal("is a directory", Refusal("directory"));
        Assert.Equal("no such file or directory", Refusal("missing"));

        string? Refusal(string name)
        {
            Assert.Null(root.TryOpenFile(name, create: false, out string? reason));
            return reason;
        }
    }

    [Fact]
    public void Files_AreForThisUserAlone()
    {
        using OwnedDirectory root = OwnedDirectory.OpenPrivate(_root.Path);
        using SafeFileHandle? made = root.TryCreateFile("made");
        using SafeFileHandle? opened = root.TryOpenFile("opened", create: true, out _);
        using SafeFileHandle unnamed = OwnedDirectory.CreateUnnamedIn(_root.Path);
        RandomAccess.Write(unnamed, "x"u8, 0);

        Assert.All(
            (string[])["made", "opened"],
            name => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(At(name)))
        );
        Assert.Null(root.TryCreateFile("made"));
        Assert.Equal(["made", "opened"], root.Names().Order());
        Assert.True(root.Leads("made", made!));
        Assert.False(root.Leads("opened", made!));
        Assert.Equal(1, RandomAccess.GetLength(unnamed));
    }

    [Fact]
    public void TryLock_IsHeldByOne()
    {
        using OwnedDirectory root = OwnedDirectory.OpenPrivate(_root.Path);
        using (SafeFileHandle? first = root.TryOpenFile("lock", create: true, out _))
        {
            using SafeFileHandle? second = root.TryOpenFile("lock", create: true, out _);
            Assert.True(OwnedDirectory.TryLock(first!));
            Assert.False(OwnedDirectory.TryLock(second!));
        }

        using SafeFileHandle? third = root.TryOpenFile("lock", create: true, out _);
        Assert.True(OwnedDirectory.TryLock(third!));
    }

    [Fact]
    public void DeleteTree_LinksAndNamesThatAreNoText_GoAndNothingElseDoes()
    {
        File.WriteAllText(At("precious"), "x");
        Directory.CreateDirectory(At("outside"));
        File.WriteAllText(At("outside/file"), "x");
        Directory.CreateDirectory(At("tree/a/b/c"));
        File.CreateSymbolicLink(At("tree/a/link"), At("precious"));
        Directory.CreateSymbolicLink(At("tree/a/b/out"), At("outside"));
        File.WriteAllText(At("tree/a/b/c/file"), "x");
        using (Process touch = Process.Start("sh", ["-c", $"touch \"{At("tree")}/$(printf 'a\\377b')\""]))
            touch.WaitForExit();
        using OwnedDirectory root = OwnedDirectory.OpenPrivate(_root.Path);

        Assert.True(root.DeleteTree("tree"));

        Assert.Equal(
            [At("outside"), At("outside/file"), At("precious")],
            Directory.GetFileSystemEntries(_root.Path, "*", SearchOption.AllDirectories).Order()
        );
        Assert.False(root.DeleteTree("tree"));
    }

    [Fact]
    public void RamDirectory_AnotherUsersRemains_AreLeftToThatUser()
    {
        OtherUser.Require();
        Share();
        Directory.CreateDirectory(At("spillway-7-dead"));
        File.WriteAllText(At("spillway-7-dead/file"), "theirs");
        File.WriteAllText(At("spillway-7-dead.lock"), "");
        OtherUser.Give(At("spillway-7-dead"));
        OtherUser.Give(At("spillway-7-dead.lock"));

        // Their lock, our directory: as if a link had been followed.
        Directory.CreateDirectory(At("spillway-8-dead"));
        File.WriteAllText(At("spillway-8-dead.lock"), "");
        OtherUser.Give(At("spillway-8-dead.lock"));

        using RamDirectory ram = RamDirectory.Open(_root.Path, 1 << 20);

        Assert.Equal(0, ram.StaleDirectoriesRemoved);
        Assert.True(File.Exists(At("spillway-7-dead/file")));
        Assert.True(Directory.Exists(At("spillway-8-dead")));
        Assert.Null(ram.FallbackReason);
    }

    /// <summary>Another user exchanges a directory for a link, again and again, while this one removes what is stale.</summary>
    [Fact]
    public void RamDirectory_AnotherUserExchangesDirectories_NothingOfOursGoes()
    {
        OtherUser.Require();
        Share();
        string precious = At("precious");
        Directory.CreateDirectory(precious);
        File.WriteAllText(Path.Combine(precious, "file"), "x");
        string dead = At("spillway-1-dead");
        using Process attacker = OtherUser.Start(
            $"while :; do rm -rf {dead} {dead}.moved; : > {dead}.lock; mkdir {dead}; touch {dead}/file; mv {dead} "
                + $"{dead}.moved; ln -s {precious} {dead}; done 2>/dev/null"
        );
        try
        {
            for (int i = 0; i < 200; i++)
                RamDirectory.Open(_root.Path, 1 << 20).Dispose();
        }
        finally
        {
            attacker.Kill(entireProcessTree: true);
            attacker.WaitForExit();
        }

        Assert.True(File.Exists(Path.Combine(precious, "file")));
    }

    private string At(string name) => Path.Combine(_root.Path, name);

    private void Share() => File.SetUnixFileMode(_root.Path, (UnixFileMode)0x1ff | UnixFileMode.StickyBit);
}
