namespace Spillway.Scripting.Loading;

/// <summary>Paths without links in them, as <c>realpath(3)</c> gives them: two paths of one file are equal.</summary>
internal static class RealPath
{
    // As many as Linux follows before it says ELOOP.
    private const int MaxLinks = 40;

    /// <summary>The real path. What does not exist, or leads in a circle, is given as an absolute path and no more.</summary>
    public static string Of(string path)
    {
        string full = Path.GetFullPath(path);
        try
        {
            return Resolve(full, MaxLinks) ?? full;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return full;
        }
    }

    private static string? Resolve(string full, int left)
    {
        string real = "/";
        string[] names = full.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < names.Length; i++)
        {
            real = Path.Combine(real, names[i]);
            if (new FileInfo(real).LinkTarget is not { } target)
                continue;
            if (left == 0)
                return null;

            // The target may have links of its own, and what follows goes on from where it leads.
            string rest = string.Join('/', names.Skip(i + 1));
            return Resolve(Path.GetFullPath(Path.Combine(Path.GetDirectoryName(real)!, target, rest)), left - 1);
        }

        return real;
    }
}
