namespace Spillway.Configuration;

/// <summary>One heading of options: in the help text, in a configuration file and in its documentation.</summary>
/// <param name="Key">Its name in a configuration file.</param>
/// <param name="Title">What its options are about.</param>
/// <param name="Options">Their names on the command line, in order.</param>
internal sealed record OptionSection(string Key, string Title, IReadOnlyList<string> Options);

/// <summary>Which option stands under which heading. What no heading names stands at the end.</summary>
internal static class OptionSections
{
    private static readonly OptionSection[] Known =
    [
        new(
            "run",
            "Options",
            [
                "--read",
                "--interface",
                "--input",
                "--filter",
                "--count",
                "--script",
                "--output",
                "--extract",
                "--packets",
                "--eve",
                "--lanes",
                "--json",
                "--quiet",
                "--live",
                "--http",
                "--otlp",
                "--trace-sample",
            ]
        ),
        new("web", "Pages to look at", ["--web", "--web-cert", "--web-key", "--web-users"]),
        new("interfaces", "Interfaces", ["--snaplen", "--buffer", "--no-promisc", "--fanout", "--user", "--duration"]),
        new(
            "records",
            "What is counted and recorded",
            [
                "--resources",
                "--documents",
                "--hash",
                "--homenet",
                "--geoip",
                "--public-suffixes",
                "--no-metrics",
                "--window",
                "--max-keys",
                "--flow-update",
                "--flow-timeout",
                "--tcp-timeout",
                "--checksums",
                "--tunnels",
                "--flow-key",
                "--keep-days",
                "--store-size",
                "--output-size",
                "--eve-types",
                "--eve-dns",
                "--eve-chains",
                "--community-id-seed",
            ]
        ),
        new("log", "Log", ["--log-level", "--log-file", "--log-file-size", "--log-files"]),
        new(
            "scripts",
            "Scripts",
            [
                "--args",
                "--set",
                "--callback-timeout",
                "--script-memory",
                "--ffi-alias",
                "--files-root",
                "--no-shell",
                "--no-reload",
                "--window-wait",
                "--deterministic",
            ]
        ),
        new(
            "files",
            "Extracted files",
            [
                "--extract-type",
                "--magic",
                "--yara",
                "--yara-timeout",
                "--yara-max-size",
                "--umask",
                "--ramfs",
                "--ramfs-size",
                "--chunk-size",
            ]
        ),
        new(
            "tasks",
            "Slow work beside the packets (T.async)",
            [
                "--task-timeout",
                "--async-memory",
                "--async-disk",
                "--async-policy",
                "--drain-timeout",
                "--journal",
                "--journal-sync",
                "--journal-size",
                "--journal-recoveries",
            ]
        ),
        new("packets", "Stored packets", ["--packets-default", "--packets-file-size", "--packets-file-time", "--packets-disk"]),
    ];

    /// <summary>The headings of some options; those without any are left out.</summary>
    public static IEnumerable<OptionSection> Of(IEnumerable<string> options)
    {
        string[] names = [.. options];
        string[] rest = [.. names.Where(name => !Known.Any(section => section.Options.Contains(name)))];
        return Known
            .Append(new OptionSection("further", "Further", rest))
            .Select(section => section with { Options = [.. section.Options.Where(names.Contains)] })
            .Where(section => section.Options.Count > 0);
    }
}
