namespace Spillway.Async.Inspection;

/// <summary>The scanners of one worker, one for each set of rules that it uses.</summary>
internal sealed class RuleScanners : IDisposable
{
    private const int MostKept = 8;

    private readonly Dictionary<string, YaraScanner> _scanners = new(StringComparer.Ordinal);

    /// <summary>The scanner for rules; null if they cannot be compiled.</summary>
    /// <exception cref="IOException">There is no memory for it.</exception>
    public YaraScanner? Find(string rules, out string error)
    {
        error = "";
        if (_scanners.TryGetValue(rules, out YaraScanner? scanner))
            return scanner;
        if (RuleSets.Find(rules, out error) is not { } compiled)
            return null;
        if (_scanners.Count >= MostKept)
            Dispose();
        scanner = new YaraScanner(compiled);
        _scanners.Add(rules, scanner);
        return scanner;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (YaraScanner scanner in _scanners.Values)
            scanner.Dispose();
        _scanners.Clear();
    }
}
