using Microsoft.Extensions.Logging;
using Spillway.Logging;

namespace Spillway.Tests.Logging;

public sealed class LogTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("spillway-log-").FullName;

    public void Dispose() => Directory.Delete(_root, true);

    [Theory]
    [InlineData(LogLevel.Error, false, "error: a\nb", "<3>error: a\n<3>b", "error 7 a\n    b")]
    [InlineData(LogLevel.Warning, true, "warning: a\nb", "<4>warning: a\n<4>b", "warning 7 a\n    b")]
    [InlineData(LogLevel.Information, false, "a\nb", "<6>a\n<6>b", "info 7 a\n    b")]
    [InlineData(LogLevel.Information, true, "info: a\nb", "<6>info: a\n<6>b", "info 7 a\n    b")]
    [InlineData(LogLevel.Debug, true, "debug: a\nb", "<7>debug: a\n<7>b", "debug 7 a\n    b")]
    public void Entry_OfEachLevel_HasItsForms(LogLevel level, bool isOfScript, string terminal, string journal, string file)
    {
        var entry = new LogEntry(new DateTime(2026, 12, 1, 7, 30, 0, 250, DateTimeKind.Utc), level, 7, isOfScript, "a\nb");

        Assert.Equal(terminal, entry.ForTerminal);
        Assert.Equal(journal, entry.ForJournal);
        Assert.Equal("2026-12-01T07:30:00.250Z " + file, entry.ForFile);
    }

    [Fact]
    public void Logger_ShowsScriptsFromALevelOn_AndTheProgramAlways()
    {
        LogLevel level = LogLevel.Error;
        var written = new List<string>();
        var run = new EntryLogger(isOfScript: false, () => level, entry => written.Add($"{entry.Id} {entry.Text}"));
        var scripts = new EntryLogger(isOfScript: true, () => level, entry => written.Add($"{entry.Id} {entry.Text}"));

        run.Listening("eth0");
        scripts.ScriptLog(LogLevel.Warning, "a.lua", "no");
        scripts.ScriptError("a.lua", "onpacket", " (and 9 more like it)", "bad {brace}");
        level = LogLevel.Debug;
        scripts.ScriptLog(LogLevel.Debug, "a.lua", "yes");

        Assert.Equal(["110 listening on eth0", "203 [a.lua] onpacket (and 9 more like it): bad {brace}", "200 [a.lua] yes"], written);
    }

    [Fact]
    public void File_ThatIsLarge_MakesWayAndSomeAreKept()
    {
        string path = Path.Combine(_root, "log");
        using (
            var file = new LogFile(
                new LogFileOptions
                {
                    Path = path,
                    FileBytes = 10,
                    Files = 3,
                }
            )
        )
        {
            foreach (string line in (string[])["first", "second", "third", "fourth", "fifth"])
                file.Write(line);
            Assert.Equal(0, file.Lost);
        }

        Assert.Equal(["log", "log.1", "log.2"], Directory.GetFiles(_root).Select(Path.GetFileName).Order());
        Assert.Equal("fifth\n", File.ReadAllText(path));
        Assert.Equal("fourth\n", File.ReadAllText(path + ".1"));
        Assert.Equal("third\n", File.ReadAllText(path + ".2"));
    }

    [Fact]
    public void File_MovedByOthers_IsOpenedAgain()
    {
        string path = Path.Combine(_root, "log");
        using var file = new LogFile(new LogFileOptions { Path = path });
        file.Write("one");
        File.Move(path, path + ".old");
        file.Write("two");
        file.Reopen();
        file.Write("three");

        Assert.Equal("one\ntwo\n", File.ReadAllText(path + ".old"));
        Assert.Equal("three\n", File.ReadAllText(path));
    }

    [Fact]
    public void File_ThatCannotBeWritten_IsOneLineWithItsRemedy()
    {
        IOException exception = Assert.Throws<IOException>(() =>
            new LogFile(new LogFileOptions { Path = Path.Combine(_root, "no", "log") })
        );

        Assert.Contains("give --log-file another place", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }
}
