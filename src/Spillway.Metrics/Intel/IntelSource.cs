namespace Spillway.Metrics.Intel;

/// <summary>
/// The lists of a run: reads them, and reads them anew when a file changes. What cannot be read any more stays as it was. Lanes take
/// <see cref="Current"/> at each look; it changes as a whole.
/// </summary>
public sealed class IntelSource : IDisposable
{
    /// <summary>How often files are looked at.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(2);

    private readonly IReadOnlyList<string> _paths;
    private readonly Action<string> _tell;
    private readonly Timer? _timer;
    private readonly Lock _lock = new();
    private IntelSet _current = new();
    private string _stamp = "";

    /// <summary>Reads the lists.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="follows">Whether to look for changes from time to time.</param>
    /// <param name="tell">Takes lines for the user: bad lines, changes; any thread.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public IntelSource(IReadOnlyList<string> paths, bool follows, Action<string> tell)
    {
        _paths = paths;
        _tell = tell;
        _stamp = Stamp();
        _current = Read();
        if (follows)
            _timer = new Timer(_ => LookAgain(), null, LookInterval, LookInterval);
    }

    /// <summary>The entries as they stand.</summary>
    public IntelSet Current => Volatile.Read(ref _current);

    /// <summary>How often the lists were read anew.</summary>
    public long Reloads { get; private set; }

    /// <summary>Reads the lists anew if a file has changed.</summary>
    public void LookAgain()
    {
        if (!_lock.TryEnter())
            return;
        try
        {
            string stamp = Stamp();
            if (stamp == _stamp)
                return;
            IntelSet read = Read();
            _stamp = stamp;
            Volatile.Write(ref _current, read);
            Reloads++;
            _tell($"the lists of --intel were read anew: {read.Count:N0} entries");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _stamp = Stamp(); // told once for a change
            _tell($"the lists of --intel stay as they were: {exception.Message.TrimEnd('.')}");
        }
        finally
        {
            _lock.Exit();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    private IntelSet Read()
    {
        var set = new IntelSet();
        foreach (string path in _paths)
        {
            IntelListReport report = IntelReader.Read(path, set);
            if (report.FirstBad is { } bad)
                _tell(
                    $"--intel: {path}: line {bad.Number}, '{bad.Text}', is no address, network, domain, URL or hash"
                        + (report.BadLines > 1 ? $", nor are {report.BadLines - 1:N0} others" : "")
                        + $": left out; {report.Entries:N0} entries taken"
                );
            else if (report.Entries == 0)
                _tell($"--intel: {path} has no entry that another list has not");
        }

        set.Complete();
        return set;
    }

    private string Stamp() =>
        string.Join(
            ';',
            _paths.Select(path =>
            {
                var file = new FileInfo(path);
                return file.Exists ? $"{file.Length} {file.LastWriteTimeUtc.Ticks}" : "-";
            })
        );
}
