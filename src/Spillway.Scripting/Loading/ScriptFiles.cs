namespace Spillway.Scripting.Loading;

/// <summary>
/// Finds script files: what a user names is a file, or a directory that is searched with all below it. A file is known by its real path:
/// links that lead to it twice, or round in a circle, do not make it two. One thread.
/// </summary>
public sealed class ScriptFiles
{
    private readonly List<(string Path, bool Named)> _found = [];
    private readonly Dictionary<string, int> _indexOfRealPath = new(StringComparer.Ordinal);

    /// <summary>The files in the order in which they were found, each with whether it was named itself: then it must be a plugin.</summary>
    public IReadOnlyList<(string Path, bool Named)> Found => _found;

    /// <summary>
    /// Adds a file, or the files of a directory in the order of their paths. What is there already, under this or another path, stays as it
    /// is.
    /// </summary>
    /// <param name="path">A file or a directory.</param>
    /// <param name="message">One line for the user: why this returns false; or that the directory has no scripts. Else empty.</param>
    public bool TryAdd(string path, out string message)
    {
        message = "";
        if (Directory.Exists(path))
        {
            try
            {
                if (!AddDirectory(path))
                    message = $"script directory {path} has no .lua files, and neither has any directory below it";
                return true;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                message = $"script directory {path}: {exception.Message}";
                return false;
            }
        }

        if (!File.Exists(path))
        {
            message = $"script {path}: no such file; give the path of a .lua file or of a directory with such files";
            return false;
        }

        AddNamed(path);
        return true;
    }

    /// <summary>Adds a file that was named, whether or not it is there.</summary>
    public void AddNamed(string path)
    {
        string real = RealPath.Of(path);
        if (_indexOfRealPath.TryAdd(real, _found.Count))
            _found.Add((path, true));
        else
            _found[_indexOfRealPath[real]] = (_found[_indexOfRealPath[real]].Path, true);
    }

    // Links to directories come after everything that lies there itself: a file keeps the path that has no link in it.
    private bool AddDirectory(string root)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal); // by real path
        var directories = new Queue<(string Path, string Real)>([(root, RealPath.Of(root))]);
        var links = new Queue<(string Path, string Real)>();
        var visited = new HashSet<string>(StringComparer.Ordinal);
        while (directories.TryDequeue(out (string Path, string Real) at) || links.TryDequeue(out at))
        {
            if (!visited.Add(at.Real))
                continue;
            if (!Directory.Exists(at.Path))
            {
                files.TryAdd(at.Real, at.Path); // a link to a file
                continue;
            }

            foreach (FileSystemInfo entry in new DirectoryInfo(at.Path).EnumerateFileSystemInfos())
            {
                string path = Path.Combine(at.Path, entry.Name);
                bool isDirectory = (entry.Attributes & FileAttributes.Directory) != 0;
                if (!isDirectory && !entry.Name.EndsWith(".lua", StringComparison.Ordinal))
                    continue;
                if ((entry.Attributes & FileAttributes.ReparsePoint) != 0)
                    links.Enqueue((path, RealPath.Of(path)));
                else if (isDirectory)
                    directories.Enqueue((path, Path.Combine(at.Real, entry.Name)));
                else
                    files.TryAdd(Path.Combine(at.Real, entry.Name), path);
            }
        }

        foreach ((string real, string path) in files.OrderBy(file => file.Value, StringComparer.Ordinal))
        {
            if (_indexOfRealPath.TryAdd(real, _found.Count))
                _found.Add((path, false));
        }

        return files.Count > 0;
    }
}
