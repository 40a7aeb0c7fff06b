using System.Text;
using Spillway.Net.Files;

namespace Spillway.Net.Tests.Files;

public class RamDirectoryTests
{
    [Fact]
    public void Open_MakesAPrivateDirectoryAndDisposeRemovesIt()
    {
        using TemporaryRoot root = new();
        RamDirectory directory = RamDirectory.Open(root.Path, 1 << 20);

        Assert.StartsWith(Path.Combine(root.Path, $"spillway-{Environment.ProcessId}-"), directory.Path, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(directory.Path));
        Assert.Null(directory.FallbackReason);
        Assert.Equal(1 << 20, directory.CapacityBytes);

        File.WriteAllText(Path.Combine(directory.Path, "left"), "x");
        directory.Dispose();
        directory.Dispose();

        Assert.Empty(Directory.GetFileSystemEntries(root.Path));
    }

    [Fact]
    public async Task Dispose_WhileAnotherThreadCreatesFiles_LeavesNothing()
    {
        using TemporaryRoot root = new();
        RamDirectory directory = RamDirectory.Open(root.Path, 1 << 20);
        using var created = new SemaphoreSlim(0);
        Task<int> creator = Task.Run(
            () =>
            {
                int files = 0;
                try
                {
                    while (true)
                    {
                        File.WriteAllText(Path.Combine(directory.Path, $"{files}"), "x");
                        if (++files == 1000)
                            created.Release();
                    }
                }
                catch (DirectoryNotFoundException)
                {
                    return files;
                }
            },
            TestContext.Current.CancellationToken
        );

        await created.WaitAsync(TestContext.Current.CancellationToken);
        directory.Dispose();

        Assert.True(await creator >= 1000);
        Assert.Empty(Directory.GetFileSystemEntries(root.Path));
    }

    [Fact]
    public void Open_DirectoryThatAKilledProcessWasRemoving_IsRemoved()
    {
        using TemporaryRoot root = new();
        Directory.CreateDirectory(Path.Combine(root.Path, "spillway-1-dead.leaving"));
        File.WriteAllText(Path.Combine(root.Path, "spillway-1-dead.leaving", "file"), "x");
        File.WriteAllText(Path.Combine(root.Path, "spillway-1-dead.lock"), "");

        using (RamDirectory.Open(root.Path, 1 << 20)) { }

        Assert.Empty(Directory.GetFileSystemEntries(root.Path));
    }

    [Fact]
    public void Open_RootIsNotThere_FallsBackAndSaysWhy()
    {
        using RamDirectory directory = RamDirectory.Open("/no/such/place", 1 << 20);

        Assert.Contains("/no/such/place", directory.FallbackReason, StringComparison.Ordinal);
        Assert.True(Directory.Exists(directory.Path));
    }

    [Fact]
    public void Open_MoreThanHalfOfTheFreeSpace_TakesHalf()
    {
        using TemporaryRoot root = new();
        using RamDirectory directory = RamDirectory.Open(root.Path, long.MaxValue / 2);

        Assert.InRange(directory.CapacityBytes, 1, long.MaxValue / 4);
    }

    [Fact]
    public void Open_DirectoryOfADeadProcess_IsRemovedAndALivingOneIsNot()
    {
        using TemporaryRoot root = new();
        string dead = Path.Combine(root.Path, "spillway-1-dead");
        Directory.CreateDirectory(dead);
        File.WriteAllText(Path.Combine(dead, "file"), "x");
        File.WriteAllText(dead + ".lock", "");
        string unrelated = Path.Combine(root.Path, "spillway-notes");
        Directory.CreateDirectory(unrelated);
        using RamDirectory living = RamDirectory.Open(root.Path, 1 << 20);
        Assert.Equal(1, living.StaleDirectoriesRemoved);

        using RamDirectory next = RamDirectory.Open(root.Path, 1 << 20);

        Assert.Equal(0, next.StaleDirectoriesRemoved);
        Assert.False(Directory.Exists(dead));
        Assert.False(File.Exists(dead + ".lock"));
        Assert.True(Directory.Exists(living.Path));
        Assert.True(Directory.Exists(unrelated));
    }

    [Fact]
    public void Open_LinkInPlaceOfADeadDirectory_TouchesNotWhatItPointsTo()
    {
        using TemporaryRoot root = new();
        string precious = Path.Combine(root.Path, "precious");
        Directory.CreateDirectory(precious);
        File.WriteAllText(Path.Combine(precious, "file"), "x");
        string dead = Path.Combine(root.Path, "spillway-1-dead");
        Directory.CreateSymbolicLink(dead, precious);
        File.WriteAllText(dead + ".lock", "");

        using RamDirectory directory = RamDirectory.Open(root.Path, 1 << 20);

        Assert.True(File.Exists(Path.Combine(precious, "file")));
    }

    [Fact]
    public void Release_LastReference_DeletesTheFileAndFreesItsBytes()
    {
        using TemporaryRoot root = new();
        using RamDirectory directory = RamDirectory.Open(root.Path, 1 << 20);
        ExtractedFile file = MakeFile(directory, "f", 5000);
        Assert.Equal(8192, directory.BytesInUse);

        FileLease lease = file.Lease();
        file.Release();
        Assert.True(File.Exists(file.Path));
        lease.Dispose();
        lease.Dispose();

        Assert.False(File.Exists(file.Path));
        Assert.Null(lease.File);
        Assert.Equal(0, directory.BytesInUse);
        Assert.Equal(8192, directory.PeakBytes);
        Assert.Throws<InvalidOperationException>(file.AddReference);
        Assert.Throws<InvalidOperationException>(file.Release);
    }

    [Fact]
    public void Release_FileWasMovedByAScript_FreesItsBytes()
    {
        using TemporaryRoot root = new();
        using RamDirectory directory = RamDirectory.Open(root.Path, 1 << 20);
        ExtractedFile file = MakeFile(directory, "f", 10);
        File.Delete(file.Path);

        file.Release();

        Assert.Equal(0, directory.BytesInUse);
        Assert.Equal(0, directory.Statistics.DeleteFailed);
    }

    [Fact]
    public void Leases_TakenAndReleasedByManyThreads_KeepTheFileUntilTheLast()
    {
        using TemporaryRoot root = new();
        using RamDirectory directory = RamDirectory.Open(root.Path, 16 << 20);
        ExtractedFile[] files = [.. Enumerable.Range(0, 100).Select(i => MakeFile(directory, $"f{i}", 100))];
        Parallel.For(
            0,
            8,
            _ =>
            {
                for (int round = 0; round < 200; round++)
                {
                    foreach (ExtractedFile file in files)
                    {
                        using FileLease lease = file.Lease();
                        Assert.NotNull(lease.File);
                    }
                }
            }
        );

        Assert.All(files, f => Assert.True(File.Exists(f.Path)));
        Assert.All(files, f => Assert.Equal(1, f.References));
        Parallel.ForEach(files, f => f.Release());
        Assert.Equal(0, directory.BytesInUse);
        Assert.Equal(100, directory.Statistics.Deleted);
        Assert.Empty(Directory.GetFiles(directory.Path));
    }

    [Fact]
    public void Release_AfterDispose_DoesNoHarm()
    {
        using TemporaryRoot root = new();
        RamDirectory directory = RamDirectory.Open(root.Path, 1 << 20);
        ExtractedFile file = MakeFile(directory, "f", 10);

        directory.Dispose();
        file.Release();

        Assert.Equal(0, directory.BytesInUse);
    }

    private static ExtractedFile MakeFile(RamDirectory directory, string name, int length)
    {
        FileCollector files = new();
        ContentFile content = new ContentFiles(directory).Create(Encoding.ASCII.GetBytes(name));
        content.Write(0, new byte[length], ref files);
        content.End(ref files);
        return Assert.Single(files.Files).File;
    }
}
