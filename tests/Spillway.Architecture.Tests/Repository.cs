using System.Reflection;

namespace Spillway.Architecture.Tests;

/// <summary>The source tree this assembly was built from. Paths are relative to its root, with '/'.</summary>
internal static class Repository
{
    private static readonly string[] GeneratedDirectories = ["bin", "obj", ".build", ".git", "captures"];

    public static string Root { get; } =
        typeof(Repository)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == "RepositoryRoot")
            .Value!;

    /// <summary>Every file below a directory ("" is the root) that a person wrote.</summary>
    public static IEnumerable<string> Files(string directory) =>
        FilesBelow(new DirectoryInfo(Path.Combine(Root, directory)))
            .Select(file => Path.GetRelativePath(Root, file.FullName).Replace('\\', '/'))
            .Order(StringComparer.Ordinal);

    public static IEnumerable<string> Files(string directory, params string[] extensions) =>
        Files(directory).Where(path => extensions.Contains(Path.GetExtension(path)));

    public static string Text(string path) => File.ReadAllText(Path.Combine(Root, path));

    public static string[] Lines(string path) => File.ReadAllLines(Path.Combine(Root, path));

    public static bool Exists(string path) => Path.Exists(Path.Combine(Root, path));

    private static IEnumerable<FileInfo> FilesBelow(DirectoryInfo directory)
    {
        foreach (FileSystemInfo entry in directory.EnumerateFileSystemInfos())
        {
            if (entry is FileInfo file)
            {
                yield return file;
            }
            else if (entry is DirectoryInfo below && !GeneratedDirectories.Contains(below.Name) && below.LinkTarget is null)
            {
                foreach (FileInfo found in FilesBelow(below))
                {
                    yield return found;
                }
            }
        }
    }
}
