using System.Runtime.InteropServices;
using Spillway.Scripting.Backend;

namespace Spillway.Scripting.Loading;

/// <summary>
/// Tells which script files have come, changed or gone, by looking at names, sizes and times of modification: that works on every file
/// system, network ones included. Belongs to one thread at a time.
/// </summary>
/// <remarks>
/// A difference counts when two looks in a row have seen the same one: a file that is just being written, or replaced by way of another
/// name, is left alone until it rests. A file whose time changes and whose content does not has changed: that is how a user has it loaded
/// anew.
/// </remarks>
public sealed class ScriptWatcher
{
    /// <summary>Files that are watched; those that come when there are so many are not taken, which is told once.</summary>
    public const int MaxFiles = 10_000;

    /// <summary>A larger file is no script: it is not taken, which is told.</summary>
    public const int MaxScriptBytes = 16 << 20;

    private readonly IReadOnlyList<string> _roots;
    private readonly IScriptOutput _output;
    private readonly Dictionary<string, WatchedFile> _files = [];
    private readonly HashSet<string> _unreadable = [];
    private bool _toldFull;

    /// <summary>
    /// Begins to watch: what is there now has not changed. Create it before the scripts are loaded, so that no change falls in between.
    /// </summary>
    /// <param name="roots">Files, and directories that are searched with all below them.</param>
    /// <param name="output">Hears what cannot be looked at.</param>
    public ScriptWatcher(IReadOnlyList<string> roots, IScriptOutput output)
    {
        ArgumentNullException.ThrowIfNull(roots);
        _roots = roots;
        _output = output;
        Scan();
        foreach (WatchedFile file in _files.Values)
            file.Taken = file.Now;
        Pass();
    }

    /// <summary>Looks once.</summary>
    /// <returns>What has changed since the last time and has rested since the last look: files that are gone first, then by path.</returns>
    public IReadOnlyList<ScriptChange> Look()
    {
        Scan();
        var changes = new List<ScriptChange>();
        foreach (WatchedFile file in _files.Values)
        {
            if (file.Now != file.Before || file.Now == file.Taken)
                continue;
            if (file.Now is null)
                changes.Add(new ScriptChange(file.Path, null, file.Named));
            else if (Read(file) is { } source)
                changes.Add(new ScriptChange(file.Path, source, file.Named));
            else
                continue;
            file.Taken = file.Now;
        }

        Pass();
        changes.Sort(
            static (a, b) =>
                (a.Source is null) == (b.Source is null) ? string.CompareOrdinal(a.Path, b.Path)
                : a.Source is null ? -1
                : 1
        );
        return changes;
    }

    private void Scan()
    {
        foreach (WatchedFile file in _files.Values)
            file.Now = null;
        var files = new ScriptFiles();
        foreach (string root in _roots)
        {
            if (files.TryAdd(root, out string error))
                _unreadable.Remove(root);
            else if (Directory.Exists(root))
                KeepAllOf(root, error);
        }

        foreach ((string path, bool named) in files.Found)
            See(path, named);
    }

    // Scripts of a directory that cannot be listed for a while have not gone.
    private void KeepAllOf(string root, string error)
    {
        if (_unreadable.Add(root))
            _output.Problem(Path.GetFileName(Path.TrimEndingDirectorySeparator(root)), $"{error}; its scripts stay as they are");
        string prefix = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root)) + Path.DirectorySeparatorChar;
        foreach ((string path, WatchedFile file) in _files)
        {
            if (path.StartsWith(prefix, StringComparison.Ordinal))
                file.Now = file.Before;
        }
    }

    private void See(string path, bool named)
    {
        var info = new FileInfo(path);
        if (!info.Exists)
            return; // gone since it was listed
        string full = info.FullName;
        if (!_files.ContainsKey(full) && _files.Count >= MaxFiles)
        {
            if (!_toldFull)
                _output.Problem(info.Name, $"is not loaded: more than {MaxFiles} files are watched");
            _toldFull = true;
            return;
        }

        ref WatchedFile? file = ref CollectionsMarshal.GetValueRefOrAddDefault(_files, full, out _);
        file ??= new WatchedFile(path, named);
        file.Now ??= new Stamp(info.Length, info.LastWriteTimeUtc);
    }

    private byte[]? Read(WatchedFile file)
    {
        string name = Path.GetFileName(file.Path);
        try
        {
            if (file.Now!.Value.Length > MaxScriptBytes)
            {
                Tell($"is not loaded: it has more than {MaxScriptBytes >> 20} MB");
                return null;
            }

            byte[] source = ScriptLoader.ReadSource(file.Path);
            var after = new FileInfo(file.Path);
            return after.Exists && new Stamp(after.Length, after.LastWriteTimeUtc) == file.Now ? source : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Tell($"has changed and cannot be read: {exception.Message}");
            return null;
        }

        void Tell(string message)
        {
            if (file.Told == file.Now)
                return;
            file.Told = file.Now;
            _output.LoadFailure(name, message);
        }
    }

    private void Pass()
    {
        foreach ((string path, WatchedFile file) in _files)
        {
            file.Before = file.Now;
            if (file.Now is null && file.Taken is null)
                _files.Remove(path); // allowed while enumerating
        }
    }

    /// <summary>What a file is known by without being read.</summary>
    private readonly record struct Stamp(long Length, DateTime Modified);

    private sealed class WatchedFile(string path, bool named)
    {
        public string Path => path;

        public bool Named => named;

        /// <summary>As this look sees it; null if it is not there.</summary>
        public Stamp? Now { get; set; }

        /// <summary>As the last look saw it.</summary>
        public Stamp? Before { get; set; }

        /// <summary>As it was when its content was handed over; null if it was not, or its end was.</summary>
        public Stamp? Taken { get; set; }

        /// <summary>The state of which the user knows that it cannot be read.</summary>
        public Stamp? Told { get; set; }
    }
}
