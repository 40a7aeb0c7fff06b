namespace Spillway.Scripting.Loading;

/// <summary>Finds script files: what a user names is a file, or a directory that is searched with all below it.</summary>
public static class ScriptFiles
{
    /// <summary>Lists the files for a path, in a fixed order.</summary>
    /// <param name="path">A file or a directory.</param>
    /// <param name="files">The files, each with whether it was named itself (then it must be a plugin) or found.</param>
    /// <param name="error">One line for the user, if this returns false.</param>
    public static bool TryFind(string path, List<(string Path, bool Named)> files, out string error)
    {
        error = "";
        if (Directory.Exists(path))
        {
            try
            {
                IEnumerable<string> found = Directory.EnumerateFiles(path, "*.lua", SearchOption.AllDirectories).Order(StringComparer.Ordinal);
                files.AddRange(found.Select(file => (file, false)));
                return true;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                error = $"script directory {path}: {exception.Message}";
                return false;
            }
        }

        if (!File.Exists(path))
        {
            error = $"script {path}: no such file; give the path of a .lua file or of a directory with such files";
            return false;
        }

        files.Add((path, true));
        return true;
    }
}
