namespace Spillway.Scripting.Loading;

/// <summary>
/// What scripts are called in messages, figures and pools: by the name of the file, and where several files have one name by as much of the
/// path before it as tells them apart (<c>lab/x.lua</c>, <c>site/x.lua</c>). A name does not change as long as its file is known. On the
/// thread that loads.
/// </summary>
internal sealed class ScriptNames
{
    private readonly Dictionary<string, string> _nameOfPath = new(StringComparer.Ordinal);
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <summary>Files that have a name.</summary>
    public int Count => _nameOfPath.Count;

    /// <summary>Names files that are loaded together: none of those that share a file name goes by it alone.</summary>
    public void Add(IEnumerable<string> paths)
    {
        foreach (
            IGrouping<string, string> alike in paths
                .Select(Path.GetFullPath)
                .Distinct(StringComparer.Ordinal)
                .Where(path => !_nameOfPath.ContainsKey(path))
                .GroupBy(path => Path.GetFileName(path), StringComparer.Ordinal)
        )
        {
            string[] files = [.. alike];
            foreach (string path in files)
                Name(path, files);
        }
    }

    /// <summary>The name of a file, which gets one if it has none.</summary>
    public string NameOf(string path)
    {
        string full = Path.GetFullPath(path);
        if (!_nameOfPath.ContainsKey(full))
            Name(full, [full]);
        return _nameOfPath[full];
    }

    /// <summary>The name may be another file's from now on.</summary>
    public void Forget(string path)
    {
        if (_nameOfPath.Remove(Path.GetFullPath(path), out string? name))
            _taken.Remove(name);
    }

    private void Name(string path, string[] alike)
    {
        int slash = path.Length;
        string name;
        do
        {
            slash = path.LastIndexOf('/', slash - 1);
            name = path[(slash + 1)..];
        } while (
            slash > 0
            && (
                _taken.Contains(name) || Array.Exists(alike, other => other != path && other.EndsWith("/" + name, StringComparison.Ordinal))
            )
        );

        if (!_taken.Add(name))
            name = path;
        _nameOfPath.Add(path, name);
    }
}
