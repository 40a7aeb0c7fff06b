namespace Spillway.EndToEnd.Running;

/// <summary>
/// A directory of a test's own, with a place for extracted files and for results: tests run side by side and leave nothing behind.
/// </summary>
public sealed class Workspace : IDisposable
{
    private const string Memory = "/dev/shm";

    public Workspace()
    {
        Root = Directory.CreateTempSubdirectory("spillway-e2e-").FullName;
        Output = Path.Combine(Root, "out");
        Ram = Directory.CreateDirectory(Path.Combine(Directory.Exists(Memory) ? Memory : Root, "e2e-" + Path.GetFileName(Root))).FullName;
    }

    /// <summary>The working directory of the program.</summary>
    public string Root { get; }

    /// <summary>Given as <c>-o</c>.</summary>
    public string Output { get; }

    /// <summary>Given as <c>--ramfs</c>.</summary>
    public string Ram { get; }

    public string PathOf(string name) => Path.Combine(Root, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(PathOf(name), text);
        return PathOf(name);
    }

    public string Write(string name, ReadOnlySpan<byte> bytes)
    {
        File.WriteAllBytes(PathOf(name), bytes);
        return PathOf(name);
    }

    /// <summary>The files in a directory below, by name.</summary>
    public SortedDictionary<string, byte[]> FilesIn(string directory) =>
        new(Directory.GetFiles(PathOf(directory)).ToDictionary(file => Path.GetFileName(file), File.ReadAllBytes), StringComparer.Ordinal);

    public void Dispose()
    {
        Directory.Delete(Root, recursive: true);
        if (Directory.Exists(Ram))
            Directory.Delete(Ram, recursive: true);
    }
}
