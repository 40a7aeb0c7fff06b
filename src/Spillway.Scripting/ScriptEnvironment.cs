using System.Collections.Frozen;
using System.Reflection;
using Spillway.Metrics.Traffic;
using Spillway.Scripting.Interop;

namespace Spillway.Scripting;

/// <summary>What all scripts of a run are told about the probe: T.env, T.host, T.probeid, T.args. Immutable; any thread.</summary>
public sealed class ScriptEnvironment
{
    private readonly FrozenDictionary<string, string> _config;

    /// <summary>Creates the environment.</summary>
    /// <param name="config">Values of <c>T.env.get_config</c> by path, such as <c>App&gt;DBRoot</c>; any case, blanks around nodes
    /// ignored.</param>
    public ScriptEnvironment(IReadOnlyDictionary<string, string> config) =>
        _config = config.ToFrozenDictionary(pair => Normalize(pair.Key), pair => pair.Value, StringComparer.OrdinalIgnoreCase);

    /// <summary>T.args; empty without.</summary>
    public string Arguments { get; init; } = "";

    /// <summary>Whether scripts may start commands by io.popen and os.execute.</summary>
    public bool AllowsShell { get; init; } = true;

    /// <summary>What scripts may take of time and memory.</summary>
    public ScriptLimits Limits { get; init; } = new();

    /// <summary>What <c>T.host:is_homenet</c> goes by; its IPv4 networks only.</summary>
    public HomeNetworks Home { get; init; } = HomeNetworks.Default;

    /// <summary>For <c>ffi.load</c>: the library that loads, by the name that scripts ask for. Goes before our own table.</summary>
    public IReadOnlyDictionary<string, string> FfiAliases { get; init; } = new Dictionary<string, string>();

    /// <summary>T.probeid.</summary>
    public string ProbeId { get; init; } = "probe0";

    /// <summary>T.env.configfile: where the configuration was read from; empty if there is no file.</summary>
    public string ConfigFile { get; init; } = "";

    /// <summary>The functions of the host that every state may call: where Lua finds their table.</summary>
    internal static nint HostFunctions => HostApi.Address;

    /// <summary>Version of the program; what T.probeversion gives.</summary>
    public static string ProgramVersion { get; } =
        typeof(ScriptEnvironment).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
        ?? "0";

    /// <summary>Directories of modules that all scripts may require, besides their own.</summary>
    public IReadOnlyList<string> ModuleDirectories { get; init; } = [];

    /// <summary>
    /// Directories that scripts take for granted below a value, by its path: <c>App&gt;DBRoot</c> has a <c>config</c>. Each is made when
    /// the value is first asked for, so that a run whose scripts want none leaves none behind.
    /// </summary>
    public IReadOnlyDictionary<string, string> MadeOnDemand { get; init; } = new Dictionary<string, string>();

    /// <summary>A configuration value; empty if there is none, since scripts use it without looking.</summary>
    public string GetConfig(string path)
    {
        string normal = Normalize(path);
        string value = _config.GetValueOrDefault(normal, "");
        if (value.Length > 0 && MadeOnDemand.TryGetValue(normal, out string? child))
            Make(Path.Combine(value, child));
        return value;
    }

    // What cannot be made is no concern of ours: the script that needs it is told by its own attempt to write there.
    private static void Make(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException) { }
    }

    private static string Normalize(string path) => string.Join('>', path.Split('>').Select(node => node.Trim()));
}
