namespace Spillway.Async.Inspection;

/// <summary>Finds the files of rules that a path means.</summary>
public static class YaraFiles
{
    private const int DeepestFolder = 16;

    /// <summary>
    /// A file is itself; of a directory all files named <c>*.yar</c> and <c>*.yara</c> in it and below, in the order of their names. Each
    /// is in a namespace of its own: its path below the directory, or the file's name, without the extension.
    /// </summary>
    /// <param name="path">The path.</param>
    /// <returns>The files; none if there is no such path, or no such file in it.</returns>
    /// <exception cref="IOException">A directory cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be read.</exception>
    public static IReadOnlyList<YaraSource> Find(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!Directory.Exists(path))
            return File.Exists(path) ? [new YaraSource(path, Path.GetFileNameWithoutExtension(path))] : [];
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            MaxRecursionDepth = DeepestFolder,
            IgnoreInaccessible = false,
            AttributesToSkip = FileAttributes.None,
        };
        return
        [
            .. Directory
                .EnumerateFiles(path, "*", options)
                .Where(file => Path.GetExtension(file) is ".yar" or ".yara")
                .Order(StringComparer.Ordinal)
                .Select(file => new YaraSource(file, Path.ChangeExtension(Path.GetRelativePath(path, file), null))),
        ];
    }
}
