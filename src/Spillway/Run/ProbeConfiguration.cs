using System.Globalization;
using Spillway.Scripting;

namespace Spillway.Run;

/// <summary>
/// What scripts read by <c>T.env.get_config</c>: the values of a run, under the paths that the original's configuration has.
/// </summary>
internal static class ProbeConfiguration
{
    private static readonly Dictionary<string, string> Expected = new(StringComparer.OrdinalIgnoreCase)
    {
        ["App>DBRoot"] = "config",
        ["App>DataDirectory"] = "plugins",
    };

    /// <summary>The environment of a run's scripts.</summary>
    /// <param name="ramPath">Where extracted files lie.</param>
    /// <param name="makesDirectories">Whether to make the directories that scripts expect below the places they ask for.</param>
    public static ScriptEnvironment Create(RunOptions options, string ramPath, bool makesDirectories = true)
    {
        // Scripts keep their own configuration in <DBRoot>/config and their data below DataDirectory: both must be real places.
        string root = Path.GetFullPath(options.Output);
        var config = new Dictionary<string, string>
        {
            ["App>DBRoot"] = root,
            ["App>DataDirectory"] = Path.Combine(root, "data"),
            ["App>RunStateDirectory"] = ramPath,
            ["App>ProbeID"] = "probe0",
            ["App>TrisulMode"] = "TAP",
            ["App>TempFolder"] = Path.GetTempPath(),
            ["App>User"] = Environment.UserName,
            ["App>PluginsConfDirectory"] = root,
            ["Logging>Logdir"] = root,
            ["Tuning>InflightTokens"] = "1",
            ["Tuning>StreamingWindowMSecs"] = options.Metrics.Window.TotalMilliseconds.ToString("F0", CultureInfo.InvariantCulture),
            ["Reassembly>TCPReassembly>Enabled"] = "True",
            ["Reassembly>TCPReassembly>Applications>EnableSSLRecordExtraction"] = "True",
            ["Reassembly>FileExtraction>Enabled"] = "True",
            ["Reassembly>FileExtraction>RamFsDir"] = ramPath,
            ["Reassembly>FileExtraction>AutoDelete"] = "True",
            ["Reassembly>FileExtraction>ChunkSizeMB"] = (options.ChunkBytes >> 20).ToString(CultureInfo.InvariantCulture),
        };
        foreach ((string path, string value) in options.Config)
            config[path] = value;
        return new ScriptEnvironment(config)
        {
            Arguments = options.Arguments,
            AllowsShell = options.AllowsShell,
            Limits = options.ScriptLimits,
            Home = options.Home,
            FfiAliases = options.FfiAliases,
            MadeOnDemand = makesDirectories ? Expected : new Dictionary<string, string>(),
        };
    }
}
