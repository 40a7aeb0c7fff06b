using System.Security.Cryptography;
using System.Text;

namespace Spillway.Async.Tests;

/// <summary>What goes beyond the original's file operations: move and hash.</summary>
public sealed class MoveAndHashTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public void Move_OnOneFileSystem_RenamesAndReplaces()
    {
        using var path = new SlowPath();
        path.FileWith("from", "new");
        path.FileWith("to", "old");
        path.Client.SubmitMove(path.BytesOf("from"), path.BytesOf("to"));
        path.DrainWell();

        Assert.Equal("new", path.Read("to"));
        Assert.False(File.Exists(path.PathOf("from")));
    }

    [Fact]
    public void Move_ToAnotherFileSystem_TakesContentAndPermissions()
    {
        using var path = new SlowPath();
        string from = $"/dev/shm/spillway-move-{Guid.NewGuid():n}";
        File.WriteAllText(from, "content");
        File.SetUnixFileMode(from, OwnerOnly);
        path.Client.SubmitMove(Encoding.UTF8.GetBytes(from), path.BytesOf("deep/er/to"));
        path.DrainWell();

        Assert.Equal("content", path.Read("deep/er/to"));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(path.PathOf("deep/er/to")));
        Assert.False(File.Exists(from));
        Assert.Single(Directory.GetFiles(path.PathOf("deep/er")));
    }

    [Fact]
    public void Move_TargetsDirectoryMissing_MakesIt()
    {
        using var path = new SlowPath();
        path.FileWith("from", "content");
        path.Client.SubmitMove(path.BytesOf("from"), path.BytesOf("a/b/to"));
        path.DrainWell();

        Assert.Equal("content", path.Read("a/b/to"));
    }

    [Theory]
    [InlineData("missing", "to", "no such file or directory")]
    [InlineData("directory", "to", "is a directory")]
    [InlineData("file", "directory", "is a directory")]
    public void Move_Impossible_NamesBothFilesAndTheReason(string from, string to, string reason)
    {
        using var path = new SlowPath();
        Directory.CreateDirectory(path.PathOf("directory"));
        path.FileWith("file", "x");
        path.Client.SubmitMove(path.BytesOf(from), path.BytesOf(to));

        Assert.Equal($"move {path.PathOf(from)} to {path.PathOf(to)}: {reason}", path.DrainError());
    }

    [Fact]
    public void Move_WithAFilesRoot_NeitherTakesFromNorPutsOutside()
    {
        string root = Directory.CreateTempSubdirectory("spillway-root-").FullName;
        using var path = new SlowPath(options: new AsyncOptions { FilesRoot = root });
        path.FileWith("outside", "x");
        File.WriteAllText(Path.Combine(root, "inside"), "y");
        path.Client.SubmitMove(path.BytesOf("outside"), Encoding.UTF8.GetBytes(root + "/in"));
        path.Client.SubmitMove(Encoding.UTF8.GetBytes(root + "/inside"), path.BytesOf("out"));
        path.Client.SubmitMove(Encoding.UTF8.GetBytes(root + "/inside"), Encoding.UTF8.GetBytes(root + "/a/b"));
        List<SlowPath.Delivery> deliveries = path.Drain();

        Assert.Equal(2, deliveries.Count);
        Assert.All(deliveries, delivery => Assert.EndsWith($"outside of the files root {root}", delivery.Error, StringComparison.Ordinal));
        Assert.Equal("y", File.ReadAllText(Path.Combine(root, "a/b")));
        Assert.Equal("x", path.Read("outside"));
        Directory.Delete(root, recursive: true);
    }

    [Fact]
    public void Hash_EachAlgorithm_IsThePlatforms()
    {
        using var path = new SlowPath();
        byte[] content = new byte[600_000]; // more than the buffer
        new Random(7).NextBytes(content);
        File.WriteAllBytes(path.PathOf("file"), content);
        path.FileWith("empty", "");
        foreach (string algorithm in new[] { "md5", "sha1", "sha256" })
            path.Client.SubmitHash(path.BytesOf("file"), Encoding.UTF8.GetBytes(algorithm));
        path.Client.SubmitHash(path.BytesOf("empty"), "sha1"u8);

        Assert.Equal(
            [
                Convert.ToHexStringLower(MD5.HashData(content)),
                Convert.ToHexStringLower(SHA1.HashData(content)),
                Convert.ToHexStringLower(SHA256.HashData(content)),
                "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            ],
            path.DrainWell().Select(delivery => delivery.Result)
        );
    }

    [Fact]
    public void Hash_FileMissing_SaysWhichFile()
    {
        using var path = new SlowPath();
        path.Client.SubmitHash(path.BytesOf("missing"), "sha1"u8);

        Assert.Equal($"hash {path.PathOf("missing")}: no such file or directory", path.DrainError());
    }

    [Fact]
    public void Hash_AlgorithmUnknown_IsRefusedInTheCall()
    {
        using var path = new SlowPath();
        Assert.Throws<ArgumentException>(() => path.Client.SubmitHash(path.BytesOf("file"), "crc32"u8));
        Assert.Equal(0, path.Lane.Pending);
    }

    [Fact]
    public void HashAndMove_WithManyWorkers_KeepTheOrderOfTheirFiles()
    {
        using var path = new SlowPath(workers: 8);
        var expected = new List<string>();
        for (int i = 0; i < 200; i++)
        {
            path.Append("x", "file");
            path.Client.SubmitHash(path.BytesOf("file"), "sha1"u8);
            expected.Add(Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(new string('x', i + 1)))));
        }

        path.Client.SubmitMove(path.BytesOf("file"), path.BytesOf("moved"));
        path.Client.SubmitHash(path.BytesOf("moved"), "sha1"u8);
        expected.Add(expected[^1]);

        Assert.Equal(expected, path.DrainWell().OrderBy(delivery => delivery.Id).Select(delivery => delivery.Result));
    }
}
