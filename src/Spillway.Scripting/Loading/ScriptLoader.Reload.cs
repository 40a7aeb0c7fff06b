using Spillway.LuaJit;
using Spillway.Metrics.Groups;
using Spillway.Scripting.Backend;
using Spillway.Scripting.Blocks;
using Spillway.Scripting.Vm;

namespace Spillway.Scripting.Loading;

/// <content>Blocks of the metrics pipeline whose files come, change or go while a run goes on (script API, section 1.5, hot
/// reload).</content>
/// <remarks>
/// A change is tried out in full, <c>onload</c> included, before the old states are unloaded: if it does not load, they run on. A file
/// keeps its plugin, and so its workers and the functions that their tasks run, however often it changes, and until it is gone and its last
/// task is over.
/// </remarks>
public sealed partial class ScriptLoader
{
    private readonly Dictionary<string, PluginFile> _plugins = [];

    // Those of them that are gone, and wait for their last tasks.
    private readonly HashSet<string> _gone = [];

    /// <summary>Files that are known: those of the start, and those that there are or that have tasks.</summary>
    internal int KnownFiles => _plugins.Count;

    /// <summary>
    /// Carries out a change of a file that was, or was not, among those given to <c>Load</c>. On the thread of the host's scripts. What
    /// goes wrong is told once for each content of the file.
    /// </summary>
    public void Apply(ScriptChange change, BackendHost host)
    {
        ArgumentNullException.ThrowIfNull(change);
        ArgumentNullException.ThrowIfNull(host);
        string path = Path.GetFullPath(change.Path);
        if (!_plugins.TryGetValue(path, out PluginFile? file))
            _plugins.Add(path, file = new PluginFile(new ScriptPlugin(change.Path, _names.NameOf(change.Path))));
        if (change.Source is { } source)
            Change(file, source, change.Named, host);
        else
            Remove(file, host);
        NoteGone(path, file, change.Source is null, host);
    }

    // What was loaded at the start, for later changes of it.
    private void Remember(ScriptPlugin plugin, ScriptDescription description) =>
        _plugins[Path.GetFullPath(plugin.Path)] = new PluginFile(plugin) { PacketBlocks = PacketBlocksOf(description), IsOfStart = true };

    // A file of the start has states on lanes, or may have: it is known to the end.
    private void NoteGone(string path, PluginFile file, bool isGone, BackendHost host)
    {
        if (isGone && !file.IsOfStart)
            _gone.Add(path);
        else
            _gone.Remove(path);
        host.ForgetGone ??= () => ForgetGone(host);
        host.HasGone = _gone.Count > 0;
    }

    // Scripts that are gone, the last task of theirs too: their workers end, and their figures are added up.
    private void ForgetGone(BackendHost host)
    {
        foreach (string path in _gone.ToArray())
        {
            ScriptPlugin plugin = _plugins[path].Plugin;
            if (host.Retired.IsLeaving(plugin) || plugin.Pool is { } pool && !_async.TryEnd(pool))
                continue;
            host.Retired.Forget(plugin);
            _declined.Remove(plugin);
            _names.Forget(path);
            _plugins.Remove(path);
            _gone.Remove(path);
        }

        host.HasGone = _gone.Count > 0;
    }

    private void Remove(PluginFile file, BackendHost host)
    {
        TellPacketBlocks(file, [], "is gone");
        file.Failed = ([], "");
        if (!host.Holds(file.Plugin))
            return;
        if (host.Remove(file.Plugin) is { } tracker)
            host.End(tracker);
        host.Counters.Reloads++;
        host.AnnounceChange();
        _output.Log(file.Plugin.Name, ScriptLogLevel.Information, "unloaded: the file is gone");
    }

    private void Change(PluginFile file, byte[] source, bool named, BackendHost host)
    {
        ScriptPlugin plugin = file.Plugin;
        bool isLoaded = host.Holds(plugin);
        if (!named && !isLoaded && !MentionsPlugin(source))
            return; // modules and tools lie among the plugins of a directory
        var blocks = new List<PreparedBlock>();
        string error;
        try
        {
            if (TryPrepareAll(file, source, host, blocks, out ScriptDescription? description, out error))
            {
                if (blocks.Count > 0 || isLoaded)
                    Exchange(plugin, description!, blocks, host);
                return;
            }
        }
        catch (Exception exception) when (exception is LuaException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            error = exception.Message;
        }

        foreach (PreparedBlock block in blocks)
            block.Dispose();
        host.Counters.ReloadFailures++;
        if (file.Failed.Error == error && file.Failed.Source.AsSpan().SequenceEqual(source))
            return;
        file.Failed = (source, error);
        _output.LoadFailure(plugin.Name, $"{error}{(isLoaded ? "\nthe script runs on as it was before the change" : "")}");
    }

    private void Exchange(ScriptPlugin plugin, ScriptDescription description, List<PreparedBlock> blocks, BackendHost host)
    {
        bool wasLoaded = host.Holds(plugin);
        int failures = Failures;
        FlowTracker? old = host.Remove(plugin);
        plugin.Title = description.Title;
        foreach (PreparedBlock block in blocks)
        {
            if (StartBlock(block, host) is { } tracker && old is not null && tracker.TakeOver(old))
                old = null;
        }

        if (old is not null)
            host.End(old);
        if (Failures > failures)
            host.Counters.ReloadFailures++;
        host.Counters.Reloads++;
        host.AnnounceChange();
        _output.Log(
            plugin.Name,
            ScriptLogLevel.Information,
            !host.Holds(plugin) ? "unloaded: the file has no block of the backend that runs"
                : wasLoaded ? "loaded anew"
                : "loaded"
        );
    }

    // On success the blocks are there with all they need, and have only to be started.
    private bool TryPrepareAll(
        PluginFile file,
        byte[] source,
        BackendHost host,
        List<PreparedBlock> blocks,
        out ScriptDescription? description,
        out string error
    )
    {
        ScriptPlugin plugin = file.Plugin;
        if (!TryDescribe(plugin, source, host, out description, out error))
            return false;
        foreach (string problem in description!.Problems)
            _output.Problem(plugin.Name, problem);
        TellPacketBlocks(file, PacketBlocksOf(description), file.PacketBlocks.Count > 0 ? "has changed" : "has come");
        DefineGroups(plugin, description);
        string[] names = [.. description.Blocks.Where(block => BlockTypes.Find(block) is { Side: ScriptSide.Backend })];
        if (names.Length == 0)
            return true;

        TakePool(plugin, description);
        foreach (string name in names)
        {
            if (!TryPrepare(new BackendBlock(plugin, source, name), host, out PreparedBlock? block, out error))
                return false;
            blocks.Add(block!);
            if (block!.Refusal is null)
                continue;
            error = $"onload raised: {block.Refusal}";
            return false;
        }

        return true;
    }

    private bool TryDescribe(ScriptPlugin plugin, byte[] source, BackendHost host, out ScriptDescription? description, out string error)
    {
        using ScriptInstance script = CreateScript(plugin, host.Lane);
        bool ran = script.TryRunMain(source, out error);
        description = script.TryDescribe(out string text) ? ScriptDescription.Parse(text) : null;
        string? reason =
            !ran ? error
            : description is null ? NoPlugin
            : description.Fatal;
        error = $"Unable to load: {reason}";
        return reason is null;
    }

    // Lanes count in the tables that they know: a group that exists keeps its meters.
    private void DefineGroups(ScriptPlugin plugin, ScriptDescription description)
    {
        foreach (CounterGroupDefinition group in description.CounterGroups)
        {
            if (_groups.FindCounterGroup(group.Guid) is not { } known)
                _groups.Add(group);
            else if (
                !group.Meters.All(meter => known.FindMeter(meter.Id) is { } other && other.Type == meter.Type && other.Name == meter.Name)
            )
                _output.Problem(plugin.Name, $"counter group {known.Name} keeps the meters that it has until the next start");
        }

        foreach ((GroupKind kind, string guid, string name, string text) in description.NamedGroups)
            _groups.Add(kind, guid, name, text);
    }

    private void TakePool(ScriptPlugin plugin, ScriptDescription description)
    {
        if (plugin.Pool is null)
        {
            plugin.Workers = description.Workers;
            plugin.Pool = _async.GetOrAddPool(
                plugin.Name,
                plugin.Workers,
                (_, worker) => new WorkerScript(plugin, _environment, _output, worker)
            );
        }
        else if (description.Workers != plugin.Workers)
        {
            _output.Problem(
                plugin.Name,
                $"request_async_workers = {description.Workers} counts from the next start; until then there are {plugin.Workers}"
            );
        }
    }

    private void TellPacketBlocks(PluginFile file, IReadOnlyList<string> now, string what)
    {
        IReadOnlyList<string> blocks = file.PacketBlocks.Count > 0 ? file.PacketBlocks : now;
        if (blocks.Count == 0 || file.ToldPacketBlocks)
            return;
        file.ToldPacketBlocks = true;
        string rest =
            file.PacketBlocks.Count > 0
                ? "run on as they were loaded; a change counts from the next start"
                : "are loaded at the next start";
        _output.Problem(file.Plugin.Name, $"{what}: blocks of the packet path ({string.Join(", ", blocks)}) {rest}");
    }

    private static IReadOnlyList<string> PacketBlocksOf(ScriptDescription description) =>
        [.. description.Blocks.Where(block => BlockTypes.Find(block) is { Side: ScriptSide.Frontend, IsDeclaration: false })];

    internal static bool MentionsPlugin(byte[] source) => source.AsSpan().IndexOf("TrisulPlugin"u8) >= 0;

    /// <summary>What is known of a file for as long as the run goes on, loaded or not.</summary>
    private sealed class PluginFile(ScriptPlugin plugin)
    {
        public ScriptPlugin Plugin => plugin;

        /// <summary>Blocks of the packet path that were loaded at the start.</summary>
        public IReadOnlyList<string> PacketBlocks { get; init; } = [];

        /// <summary>Whether it was loaded at the start.</summary>
        public bool IsOfStart { get; init; }

        public bool ToldPacketBlocks { get; set; }

        /// <summary>The content that could not be loaded last, and why.</summary>
        public (byte[] Source, string Error) Failed { get; set; } = ([], "");
    }
}
