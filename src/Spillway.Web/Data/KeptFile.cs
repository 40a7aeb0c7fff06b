namespace Spillway.Web.Data;

/// <summary>A file that a run has kept.</summary>
internal static class KeptFile
{
    /// <summary>Its path; null if it is not there. A name is that of a file in the directory and never a way out of it.</summary>
    public static string? Find(string directory, string name)
    {
        if (name.Length == 0 || name.AsSpan().ContainsAny('/', '\0') || name is "." or "..")
            return null;
        string path = Path.Combine(directory, name);
        var file = new FileInfo(path);
        return file.Exists && file.LinkTarget is null ? path : null;
    }

    /// <summary>Opens it for reading.</summary>
    public static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
}
