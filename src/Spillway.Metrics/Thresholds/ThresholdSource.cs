namespace Spillway.Metrics.Thresholds;

/// <summary>
/// The thresholds of a run: reads their files, and reads them anew when one changes. Files with a flaw change nothing. The writer takes
/// <see cref="Current"/> at each window; it changes as a whole.
/// </summary>
public sealed class ThresholdSource : IDisposable
{
    /// <summary>How often files are looked at.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(2);

    private readonly IReadOnlyList<string> _paths;
    private readonly int _windowSeconds;
    private readonly Action<string> _tell;
    private readonly Timer? _timer;
    private readonly Lock _lock = new();
    private IReadOnlyList<ThresholdRule> _current;
    private string _stamp;

    /// <summary>Reads the files.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="windowSeconds">Length of a window.</param>
    /// <param name="follows">Whether to look for changes from time to time.</param>
    /// <param name="tell">Takes lines for the user when files have changed; any thread.</param>
    /// <param name="flaws">What is wrong with them, a line each; then there are no rules.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public ThresholdSource(
        IReadOnlyList<string> paths,
        int windowSeconds,
        bool follows,
        Action<string> tell,
        out IReadOnlyList<string> flaws
    )
    {
        _paths = paths;
        _windowSeconds = windowSeconds;
        _tell = tell;
        _stamp = Stamp();
        _current = Read(out flaws);
        if (follows && flaws.Count == 0)
            _timer = new Timer(_ => LookAgain(), null, LookInterval, LookInterval);
    }

    /// <summary>The rules as they stand.</summary>
    public IReadOnlyList<ThresholdRule> Current => Volatile.Read(ref _current);

    /// <summary>How often they were read anew.</summary>
    public long Reloads { get; private set; }

    /// <summary>Reads the files anew if one has changed.</summary>
    public void LookAgain()
    {
        if (!_lock.TryEnter())
            return;
        try
        {
            string stamp = Stamp();
            if (stamp == _stamp)
                return;
            _stamp = stamp; // told once for a change
            List<ThresholdRule> read = Read(out IReadOnlyList<string> flaws);
            if (flaws.Count > 0)
            {
                foreach (string flaw in flaws)
                    _tell(flaw);
                _tell("the thresholds stay as they were until this is mended");
                return;
            }

            Volatile.Write(ref _current, read);
            Reloads++;
            _tell($"the thresholds were read anew: {read.Count:N0} of them");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _tell($"the thresholds stay as they were: {exception.Message.TrimEnd('.')}");
        }
        finally
        {
            _lock.Exit();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    private List<ThresholdRule> Read(out IReadOnlyList<string> flaws)
    {
        var rules = new List<ThresholdRule>();
        var found = new List<string>();
        foreach (string path in _paths)
            ThresholdReader.Read(path, _windowSeconds, rules, found);
        flaws = found;
        return rules;
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
