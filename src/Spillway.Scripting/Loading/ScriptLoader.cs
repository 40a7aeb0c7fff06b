using System.Text;
using Spillway.Async;
using Spillway.Metrics.Groups;
using Spillway.Scripting.Authoring.Syntax;
using Spillway.Scripting.Blocks;
using Spillway.Scripting.Vm;

namespace Spillway.Scripting.Loading;

/// <summary>
/// Loads scripts onto lanes: each block of each file gets a Lua state of its own on each lane (script API, section 1.3). A file is one
/// plugin, whatever runs it: the functions that its tasks run have the same numbers on all lanes, and its workers are the same. What goes
/// wrong in one script is reported and counted, and keeps no other from running.
/// </summary>
/// <remarks>States are made on the caller's thread; a lane's may take them over when they are loaded.</remarks>
public sealed partial class ScriptLoader
{
    // Those whose scripts have a bit in the masks of flows.
    private static readonly string[] MaskedBlocks = ["reassembly_handler", "filex_monitor"];

    // What reads from elsewhere does so once; a script without blocks has nothing to do with the packets of a lane.
    private static bool IsOnce(string block) => block is "inputfilter" or "";

    private const string NoPlugin =
        "has no TrisulPlugin table: it is not a plugin script (TrisulPlugin = { id = { name = \"...\" }, ... })";

    private readonly ScriptEnvironment _environment;
    private readonly IScriptOutput _output;
    private readonly AsyncRuntime _async;
    private readonly GroupRegistry _groups;
    private readonly Dictionary<string, int> _streamScripts = [];
    private readonly ScriptNames _names = new();
    private readonly List<ScriptPlugin> _declined = [];

    /// <summary>Creates a loader.</summary>
    public ScriptLoader(ScriptEnvironment environment, IScriptOutput output, AsyncRuntime async, GroupRegistry groups)
    {
        _environment = environment;
        _output = output;
        _async = async;
        _groups = groups;
    }

    /// <summary>Scripts that could not be loaded, or that refused to run because of an error.</summary>
    public int Failures { get; private set; }

    /// <summary>Files of searched directories that never say TrisulPlugin, modules and tools: they were not run.</summary>
    public int Skipped { get; private set; }

    /// <summary>Runs what an earlier process has left; null without a journal.</summary>
    public TaskRecovery? Recovery { get; init; }

    /// <summary>Loads files onto one lane.</summary>
    /// <param name="files">Paths, each with whether the user named it; a file that was only found need not be a plugin.</param>
    public ScriptHost Load(IReadOnlyList<(string Path, bool Named)> files, ScriptContext lane) => Load(files, [lane])[0];

    /// <summary>Loads files onto all lanes of a run.</summary>
    /// <param name="files">Paths, each with whether the user named it; a file that was only found need not be a plugin.</param>
    /// <param name="lanes">The lanes, in the order of their numbers. What there is once in a run is on the first.</param>
    /// <returns>Each lane's scripts.</returns>
    public IReadOnlyList<ScriptHost> Load(IReadOnlyList<(string Path, bool Named)> files, IReadOnlyList<ScriptContext> lanes)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(lanes);
        _names.Add(files.Select(file => file.Path));
        List<ScriptInstance>[] scripts = [.. lanes.Select(_ => new List<ScriptInstance>())];
        foreach ((string path, bool named) in files)
        {
            try
            {
                LoadFile(path, named, lanes, scripts);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                Fail(_names.NameOf(path), $"cannot be read: {exception.Message}");
            }
        }

        TellSkipped(files.Count);
        TellUnknownProtocols(scripts[0], lanes[0]);
        Recovery?.ResubmitRest(lanes[0], _names);
        return [.. lanes.Select((lane, i) => new ScriptHost(lane, scripts[i], _declined) { FilesSkipped = Skipped })];
    }

    private void LoadFile(string path, bool named, IReadOnlyList<ScriptContext> lanes, List<ScriptInstance>[] scripts)
    {
        ScriptContext lane = lanes[0];
        byte[] source = ReadSource(path);
        if (!named && !MentionsPlugin(source))
        {
            Skipped++; // a tool among plugins may do anything when it runs, and nobody has asked for it
            return;
        }

        var plugin = new ScriptPlugin(path, _names.NameOf(path));
        ScriptInstance? first = Probe(plugin, source, named, lane, out ScriptDescription? description);
        if (first is null)
            return;
        if (!first.State.Compiles)
            _output.Problem(plugin.Name, "runs in the interpreter, many times slower: LuaJIT found no room for machine code");

        foreach (string problem in description!.Problems)
            _output.Problem(plugin.Name, problem);
        TellMisspelt(plugin, source, first);
        foreach (CounterGroupDefinition group in description.CounterGroups)
            _groups.Add(group);
        foreach ((GroupKind kind, string guid, string name, string text) in description.NamedGroups)
            _groups.Add(kind, guid, name, text);

        plugin.Title = description.Title;
        plugin.Workers = description.Workers;
        plugin.Pool = _async.GetOrAddPool(
            plugin.Name,
            plugin.Workers,
            (_, worker) => new WorkerScript(plugin, _environment, _output, worker)
        );
        Remember(plugin, description);
        Recovery?.Resubmit(plugin, lane);

        List<string> blocks = [.. description.Blocks.Where(block => IsRun(plugin, block) && IsFit(plugin, block, description, lane))];
        List<string> backend = [.. description.Blocks.Where(block => BlockTypes.Find(block) is { Side: ScriptSide.Backend })];
        _backendBlocks.AddRange(backend.Select(block => new BackendBlock(plugin, source, block)));
        if (blocks.Count == 0 && backend.Count == 0)
            blocks.Add(""); // only declares groups, or only has onload
        if (blocks.Count == 0)
            first.Dispose();
        ScriptInstance? probed = first;
        foreach (string block in blocks)
        {
            int instances = IsOnce(block) ? 1 : lanes.Count;
            for (int i = 0; i < instances; i++)
            {
                ScriptInstance? script = probed ?? Reload(plugin, source, lanes[i]);
                probed = null;
                if (script is null)
                    return;
                Prepare(script, block, description, lanes[i]);
                if (Start(script, block))
                    scripts[i].Add(script);
                else
                    script.Dispose();
            }
        }
    }

    private ScriptInstance? Probe(ScriptPlugin plugin, byte[] source, bool named, ScriptContext lane, out ScriptDescription? description)
    {
        description = null;
        ScriptInstance script = CreateScript(plugin, lane);
        bool ran = script.TryRunMain(source, out string error);
        bool described = script.TryDescribe(out string text);
        description = described ? ScriptDescription.Parse(text) : null;
        string? reason =
            !ran ? error
            : description is null ? NoPlugin
            : description.Fatal;
        if (reason is null)
            return script;

        // A module that only speaks of plugins lies among them: that it is none is nobody's concern.
        if (named || description is not null || !ran)
            Fail(plugin.Name, $"Unable to load: {reason}");
        script.Dispose();
        return null;
    }

    private ScriptInstance? Reload(ScriptPlugin plugin, byte[] source, ScriptContext lane)
    {
        ScriptInstance script = CreateScript(plugin, lane);
        if (script.TryRunMain(source, out string error))
            return script;
        Fail(plugin.Name, $"Unable to load: {error}");
        script.Dispose();
        return null;
    }

    private bool Start(ScriptInstance script, string block)
    {
        script.Connect(script.Plugin.Pool!);
        if (script.TryLoad(block, out string error))
            return true;
        if (error.Length > 0)
            Fail(script.Name, $"onload raised: {error}");
        else
            NoteDeclined(script.Plugin, block);
        script.Unload();
        return false;
    }

    private bool IsRun(ScriptPlugin plugin, string block)
    {
        if (BlockTypes.Find(block) is not { IsDeclaration: false, Side: ScriptSide.Frontend })
            return false;
        if (!BlockTypes.RunsOnLanes(block))
        {
            _output.Problem(plugin.Name, $"block '{block}' is not run by this version");
            return false;
        }

        int count = _streamScripts.GetValueOrDefault(block) + 1;
        _streamScripts[block] = count;
        if (!MaskedBlocks.Contains(block) || count <= ScriptHost.MaxScriptsOfAType)
            return true;
        _output.Problem(plugin.Name, $"block '{block}' is not run: more than {ScriptHost.MaxScriptsOfAType} scripts have one");
        return false;
    }

    private void TellSkipped(int files)
    {
        if (Skipped == 0)
            return;
        string message = $"{Skipped} {(Skipped == 1 ? "file" : "files")} without TrisulPlugin {(Skipped == 1 ? "was" : "were")} skipped";
        if (Skipped == files)
            _output.Problem("scripts", $"{message}: no script is there to run");
        else
            _output.Log("scripts", ScriptLogLevel.Information, message);
    }

    private void NoteDeclined(ScriptPlugin plugin, string block)
    {
        string what = block.Length > 0 ? $"block '{block}'" : "the script";
        _output.Log(plugin.Name, ScriptLogLevel.Information, $"onload returned false: {what} does not run");
        if (plugin.Declined.Count == 0)
            _declined.Add(plugin);
        if (!plugin.Declined.Contains(block))
            plugin.Declined.Add(block);
    }

    private void Fail(string script, string message)
    {
        Failures++;
        _output.LoadFailure(script, message);
    }

    // A first line that begins with '#' is for the shell, as luaL_loadfile has it; its line number is kept.
    internal static byte[] ReadSource(string path)
    {
        byte[] source = File.ReadAllBytes(path);
        ReadOnlySpan<byte> byteOrderMark = [0xEF, 0xBB, 0xBF];
        if (source.AsSpan().StartsWith(byteOrderMark))
            source = source[3..];
        if (source.Length == 0 || source[0] != (byte)'#')
            return source;
        int end = Array.IndexOf(source, (byte)'\n');
        return end < 0 ? [] : source[end..];
    }

    private void TellMisspelt(ScriptPlugin plugin, byte[] source, ScriptInstance script)
    {
        if (!script.TryReadShape(out string records))
            return;
        foreach (
            ScriptFinding finding in FieldRules.CheckSpelling(PluginShape.Parse(records), LuaParser.Parse(Encoding.UTF8.GetString(source)))
        )
            _output.Problem(plugin.Name, $"{(finding.Line > 0 ? $"line {finding.Line}: " : "")}{finding.Message}; {finding.Remedy}");
    }
}
