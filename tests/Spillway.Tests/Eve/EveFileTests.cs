using Spillway.Eve;
using Spillway.Life;
using Spillway.Life.Native;

namespace Spillway.Tests.Eve;

public sealed class EveFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("spillway-eve-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Reopen_AfterARename_WritesTheFileOfThatNameAgain()
    {
        string path = Path.Combine(_directory, "eve.json");
        using (var file = new EveFile(path))
        {
            file.Write("one\n"u8, 1);
            File.Move(path, path + ".1");
            file.Write("two\n"u8, 1);
            file.Reopen();
            file.Write("three\n"u8, 1);
            Assert.Equal((3, 14, 0, null), (file.Written, file.Bytes, file.Lost, file.Fault));
        }

        Assert.Equal("one\ntwo\n", File.ReadAllText(path + ".1"));
        Assert.Equal("three\n", File.ReadAllText(path));
    }

    [Fact]
    public void Reopen_WhereNothingCanBeMade_LosesAndCounts()
    {
        string inside = Path.Combine(_directory, "inside");
        Directory.CreateDirectory(inside);
        using var file = new EveFile(Path.Combine(inside, "eve.json"));
        Directory.Delete(inside, recursive: true);
        file.Reopen();
        file.Write("one\ntwo\n"u8, 2);

        Assert.Equal((0, 2), (file.Written, file.Lost));
        Assert.Contains("eve.json", file.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_ToAFileThatIsThere_Appends()
    {
        string path = Path.Combine(_directory, "eve.json");
        File.WriteAllText(path, "before\n");
        using (var file = new EveFile(path))
            file.Write("after\n"u8, 1);

        Assert.Equal("before\nafter\n", File.ReadAllText(path));
    }

    [Fact]
    public void Fifo_WithoutAReader_LosesLinesUntilOneComes()
    {
        string path = MakeFifo();
        var told = new List<string>();
        using var file = new EveFile(path, name => new Fifo(name, new FifoPatience(isStopping: () => true, isOver: () => false), told.Add));
        file.Write("lost\n"u8, 1);
        file.Write("lost too\n"u8, 1);
        using FileStream reader = OpenForReading(path);
        file.Write("one\ntwo\n"u8, 2);

        byte[] read = new byte[8];
        reader.ReadExactly(read);
        Assert.Equal("one\ntwo\n"u8, read);
        Assert.Equal((2, 2), (file.Written, file.Lost));
        Assert.Equal([$"nobody reads the FIFO '{path}': EVE events are lost until somebody does"], told);
    }

    [Fact]
    public void Fifo_WhoseReaderReadsNoFurther_IsGivenUpWhenTheTimeIsOver_AndLinesStayWhole()
    {
        string path = MakeFifo();
        bool isOver = false;
        using var file = new EveFile(path, name => new Fifo(name, new FifoPatience(() => false, () => isOver), _ => { }));
        using FileStream reader = OpenForReading(path);
        isOver = true;
        byte[] lines = [.. Enumerable.Repeat("0123456789\n"u8.ToArray(), 20_000).SelectMany(line => line)]; // more than a pipe holds
        file.Write(lines, 20_000);
        long whole = file.Written;

        byte[] read = new byte[(whole + 1) * 11];
        reader.ReadExactly(read.AsSpan(0, (int)whole * 11));
        isOver = false;
        file.Write("last line.\n"u8, 1);
        int more = reader.Read(read, 0, read.Length);

        Assert.InRange(whole, 1, 19_999);
        Assert.Equal(20_000 - whole, file.Lost);
        Assert.EndsWith("last line.\n", System.Text.Encoding.ASCII.GetString(read, 0, more), StringComparison.Ordinal);
    }

    private string MakeFifo()
    {
        string path = Path.Combine(_directory, "fifo");
        using var make = System.Diagnostics.Process.Start("mkfifo", [path]);
        make.WaitForExit();
        return path;
    }

    // For writing too: so the opening does not wait for a writer.
    private static FileStream OpenForReading(string path) => new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, 0);
}
