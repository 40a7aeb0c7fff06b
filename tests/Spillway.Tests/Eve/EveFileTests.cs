using Spillway.Eve;

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
        using (var file = new EveFile(path)) file.Write("after\n"u8, 1);

        Assert.Equal("before\nafter\n", File.ReadAllText(path));
    }
}
