using System.Diagnostics.CodeAnalysis;

namespace Spillway.Metrics.Records;

/// <summary>
/// Kinds of files, by MIME types of their contents: names such as <c>image</c> or <c>exe</c> for what belongs together, or MIME types
/// themselves, from their beginning (<c>application/x-</c>). Immutable.
/// </summary>
public sealed class FileKinds
{
    private static readonly Dictionary<string, string[]> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["archive"] =
        [
            "application/zip",
            "application/gzip",
            "application/x-gzip",
            "application/x-bzip2",
            "application/x-xz",
            "application/x-lzma",
            "application/zstd",
            "application/x-zstd",
            "application/x-lz4",
            "application/x-compress",
            "application/x-7z-compressed",
            "application/x-rar",
            "application/vnd.rar",
            "application/x-tar",
            "application/x-cpio",
            "application/x-arc",
            "application/x-lzh",
            "application/x-ace",
            "application/x-iso9660-image",
            "application/vnd.ms-cab-compressed",
            "application/java-archive",
        ],
        ["audio"] = ["audio/"],
        ["exe"] =
        [
            "application/x-dosexec",
            "application/vnd.microsoft.portable-executable",
            "application/x-ms-ne-executable",
            "application/x-msdownload",
            "application/x-executable",
            "application/x-pie-executable",
            "application/x-sharedlib",
            "application/x-object",
            "application/x-mach-binary",
            "application/x-msi",
            "application/vnd.android.package-archive",
            "application/x-java-applet",
        ],
        ["font"] = ["font/", "application/font", "application/x-font", "application/vnd.ms-fontobject", "application/vnd.ms-opentype"],
        ["html"] = ["text/html", "application/xhtml+xml"],
        ["image"] = ["image/"],
        ["office"] =
        [
            "application/msword",
            "application/vnd.ms-",
            "application/vnd.openxmlformats-officedocument",
            "application/vnd.oasis.opendocument",
            "application/x-ole-storage",
            "application/CDFV2",
            "text/rtf",
        ],
        ["pdf"] = ["application/pdf"],
        ["script"] =
        [
            "application/javascript",
            "application/x-javascript",
            "text/javascript",
            "text/x-shellscript",
            "text/x-python",
            "text/x-script.python",
            "text/x-perl",
            "text/x-php",
            "text/x-ruby",
            "text/x-lua",
            "text/x-msdos-batch",
            "text/x-tcl",
        ],
        ["text"] = ["text/"],
        ["video"] = ["video/"],
    };

    private readonly string[] _prefixes;

    private FileKinds(string[] prefixes) => _prefixes = prefixes;

    /// <summary>The names, in order.</summary>
    public static IEnumerable<string> Names => Known.Keys.Order(StringComparer.Ordinal);

    /// <summary>With what MIME types of these kinds begin.</summary>
    public IReadOnlyList<string> Prefixes => _prefixes;

    /// <summary>Reads names and MIME types, separated by commas.</summary>
    /// <param name="text">The text.</param>
    /// <param name="kinds">The kinds.</param>
    /// <param name="unknown">What is neither; null if all is known.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out FileKinds? kinds, [NotNullWhen(false)] out string? unknown)
    {
        ArgumentNullException.ThrowIfNull(text);
        var prefixes = new List<string>();
        kinds = null;
        unknown = null;
        foreach (string name in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (Known.TryGetValue(name, out string[]? types))
            {
                prefixes.AddRange(types);
            }
            else if (name.IndexOf('/', StringComparison.Ordinal) > 0)
            {
                prefixes.Add(name);
            }
            else
            {
                unknown = name;
                return false;
            }
        }

        kinds = new FileKinds([.. prefixes]);
        return true;
    }

    /// <summary>Whether a MIME type is of these kinds.</summary>
    public bool Contains(string mimeType) =>
        Array.Exists(_prefixes, prefix => mimeType.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
}
