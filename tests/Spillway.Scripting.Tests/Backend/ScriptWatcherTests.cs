using System.Text;
using Spillway.Scripting.Backend;
using Spillway.Scripting.Loading;

namespace Spillway.Scripting.Tests.Backend;

/// <summary>What counts as a change of a script file. The looks are the test's own: nothing waits.</summary>
public sealed class ScriptWatcherTests : IDisposable
{
    private readonly ScriptFolder _folder = new();
    private readonly RecordingOutput _output = new();

    [Fact]
    public void Look_WithoutChanges_TellsNothing()
    {
        _folder.Write("a.lua", "x");
        ScriptWatcher watcher = Watch();

        Assert.Empty(watcher.Look());
        Assert.Empty(watcher.Look());
    }

    [Fact]
    public void NewFile_IsTold_WhenTwoLooksSawTheSame()
    {
        ScriptWatcher watcher = Watch();
        _folder.Write("deep/er/a.lua", "one");

        Assert.Empty(watcher.Look());
        Assert.Equal(["a.lua one"], Names(watcher.Look()));
        Assert.Empty(watcher.Look());
    }

    [Fact]
    public void File_ThatIsStillWritten_IsLeftAlone_UntilItRests()
    {
        ScriptWatcher watcher = Watch();
        for (int length = 1; length < 5; length++)
        {
            _folder.Write("a.lua", new string('x', length));
            Assert.Empty(watcher.Look());
        }

        Assert.Equal(["a.lua xxxx"], Names(watcher.Look()));
    }

    [Fact]
    public void ChangedFile_IsToldOnce_AlsoIfOnlyItsTimeChanged()
    {
        _folder.Write("a.lua", "x");
        ScriptWatcher watcher = Watch();
        _folder.Write("a.lua", "x"); // a later time

        Assert.Empty(watcher.Look());
        Assert.Equal(["a.lua x"], Names(watcher.Look()));
        Assert.Empty(watcher.Look());
    }

    [Fact]
    public void File_ThatIsBackAsItWas_HasNotChanged()
    {
        string path = _folder.Write("a.lua", "x");
        ScriptWatcher watcher = Watch();
        File.Move(path, path + ".bak");

        Assert.Empty(watcher.Look());
        File.Move(path + ".bak", path);
        Assert.Empty(watcher.Look());
        Assert.Empty(watcher.Look());
    }

    [Fact]
    public void RemovedFile_IsTold_BeforeWhatCame()
    {
        string path = _folder.Write("b.lua", "x");
        ScriptWatcher watcher = Watch();
        File.Move(path, Path.Combine(_folder.Path, "a.lua"));

        Assert.Empty(watcher.Look());
        Assert.Equal(["b.lua gone", "a.lua x"], Names(watcher.Look()));
        Assert.Empty(watcher.Look());
    }

    [Fact]
    public void RemovedFile_ThatComesBack_IsToldAgain()
    {
        string path = _folder.Write("a.lua", "x");
        ScriptWatcher watcher = Watch();
        File.Delete(path);
        Look(watcher);
        _folder.Write("a.lua", "y");

        Assert.Equal(["a.lua y"], Names(Look(watcher)));
    }

    [Fact]
    public void NamedFile_NeedNotBeThere_AndIsKnownAsNamed()
    {
        string path = Path.Combine(_folder.Path, "named.txt");
        var watcher = new ScriptWatcher([path], _output);
        _folder.Write("named.txt", "x");

        ScriptChange change = Assert.Single(Look(watcher));
        Assert.True(change.Named);
        Assert.Equal(path, change.Path);
        Assert.Empty(_output.Problems);
    }

    [Fact]
    public void File_FoundTwice_IsOne()
    {
        var watcher = new ScriptWatcher([_folder.Path, _folder.Path + "/", Path.Combine(_folder.Path, ".")], _output);
        _folder.Write("a.lua", "x");

        Assert.Single(Look(watcher));
    }

    [Fact]
    public void TooLargeFile_IsToldOnce_AndTakenWhenItIsSmaller()
    {
        ScriptWatcher watcher = Watch();
        string path = _folder.Write("a.lua", "");
        using (FileStream file = File.OpenWrite(path))
            file.SetLength(ScriptWatcher.MaxScriptBytes + 1L);

        Assert.Empty(Look(watcher));
        Assert.Empty(Look(watcher));
        Assert.Contains("16 MB", Assert.Single(_output.Problems), StringComparison.Ordinal);
        _folder.Write("a.lua", "x");
        Assert.Equal(["a.lua x"], Names(Look(watcher)));
    }

    [Fact]
    public void AnyOrderOfEdits_EndsWithWhatIsThere()
    {
        var random = new Random(5);
        ScriptWatcher watcher = Watch();
        var seen = new Dictionary<string, string>();
        for (int step = 0; step < 300; step++)
        {
            string name = $"{random.Next(4)}.lua";
            if (random.Next(3) == 0)
                File.Delete(Path.Combine(_folder.Path, name));
            else
                _folder.Write(name, $"content {step}");
            if (random.Next(2) == 0)
                Take(watcher.Look());
        }

        Take(watcher.Look());
        Take(watcher.Look());
        Assert.Equal(
            Directory
                .GetFiles(_folder.Path)
                .Order(StringComparer.Ordinal)
                .Select(path => $"{Path.GetFileName(path)} {File.ReadAllText(path)}"),
            seen.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key} {pair.Value}")
        );

        void Take(IReadOnlyList<ScriptChange> changes)
        {
            foreach (ScriptChange change in changes)
            {
                if (change.Source is null)
                    Assert.True(seen.Remove(Path.GetFileName(change.Path)));
                else
                    seen[Path.GetFileName(change.Path)] = Encoding.UTF8.GetString(change.Source);
            }
        }
    }

    public void Dispose() => _folder.Dispose();

    private static IReadOnlyList<ScriptChange> Look(ScriptWatcher watcher)
    {
        Assert.Empty(watcher.Look());
        return watcher.Look();
    }

    private static IEnumerable<string> Names(IEnumerable<ScriptChange> changes) =>
        changes.Select(change =>
            $"{Path.GetFileName(change.Path)} {(change.Source is { } source ? Encoding.UTF8.GetString(source) : "gone")}"
        );

    private ScriptWatcher Watch() => new([_folder.Path], _output);
}

/// <summary>A directory of scripts in which each writing has a later time, however fast it follows the one before.</summary>
internal sealed class ScriptFolder : IDisposable
{
    private DateTime _time = new(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public string Path { get; } = Directory.CreateTempSubdirectory("spillway-reload-").FullName;

    public string Write(string name, string text)
    {
        string path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        File.SetLastWriteTimeUtc(path, _time += TimeSpan.FromSeconds(1));
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
