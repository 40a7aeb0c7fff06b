using Spillway.Async;
using Spillway.Metrics;
using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Records;
using Spillway.Metrics.Shards;
using Spillway.Scripting.Blocks;
using Spillway.Scripting.Loading;
using Spillway.Scripting.Vm;

namespace Spillway.Scripting.Authoring;

/// <summary>
/// Looks at script files in throw-away Lua states, as the loader does when it probes them (script API, section 1.5): the main chunk runs,
/// nothing else unless asked for, and T.async has no effect. What a script prints or logs meanwhile is not shown. One thread.
/// </summary>
public sealed class ScriptInspector : IDisposable
{
    private readonly ScriptEnvironment _environment;
    private readonly AsyncRuntime _async = new(new AsyncOptions());
    private readonly TaskPort _taskPort;
    private readonly ScriptContext _lane;
    private ApiMembers? _api;

    /// <summary>Creates an inspector whose scripts see this environment.</summary>
    public ScriptInspector(ScriptEnvironment environment)
    {
        _environment = environment;
        _taskPort = _async.CreateLane("probe");
        _lane = new ScriptContext(new MetricShard(new GroupRegistry(), new MetricOptions(), 0, new NoSink()), _taskPort, _ => null, 0);
    }

    /// <summary>The members of objects that this version has.</summary>
    internal ApiMembers Api => _api ??= ReadApi();

    /// <summary>Looks at a file.</summary>
    /// <param name="path">The file; its name stands in errors as it is given.</param>
    /// <param name="named">Whether the user named it: what was only found and never says TrisulPlugin does not run.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for want of rights.</exception>
    public ScriptListing List(string path, bool named) => Probe(path, named, runsLoad: false).ToListing();

    /// <inheritdoc/>
    public void Dispose()
    {
        _async.Dispose();
        _taskPort.Dispose();
    }

    /// <summary>Looks at a file, for the check.</summary>
    /// <param name="runsLoad">Run onload and onunload too, if all of the file's blocks run in this version.</param>
    internal ProbedScript Probe(string path, bool named, bool runsLoad)
    {
        byte[] source = ScriptLoader.ReadSource(path);
        if (!named && !ScriptLoader.MentionsPlugin(source))
            return new ProbedScript(path, source, null, null, null, null, null, false);
        var output = new SilentOutput();
        using var script = new ScriptInstance(new ScriptPlugin(path), _environment, output, _lane);
        bool ran = script.TryRunMain(source, out string error);
        ScriptDescription? description = ran && script.TryDescribe(out string text) ? ScriptDescription.Parse(text) : null;
        PluginShape? shape = description is not null && script.TryReadShape(out string records) ? PluginShape.Parse(records) : null;
        string? loadError = null,
            unloadError = null;
        bool vetoed = false;
        if (runsLoad && description is { Fatal: null })
        {
            string[] blocks = [.. description.Blocks.Where(name => BlockTypes.Find(name) is { IsDeclaration: false })];
            if (blocks.All(BlockTypes.Runs))
            {
                vetoed = !script.TryLoad(blocks.FirstOrDefault(""), out string raised);
                if (raised.Length > 0)
                    loadError = raised;
                script.Unload();
                unloadError = script.Errors.FirstText;
            }
        }

        return new ProbedScript(path, source, ran ? null : error, description, shape, loadError, unloadError, vetoed);
    }

    private ApiMembers ReadApi()
    {
        using var script = new ScriptInstance(new ScriptPlugin("api"), _environment, new SilentOutput(), _lane);
        return script.TryReadApi(out string members) ? ApiMembers.Parse(members) : throw new InvalidOperationException(members);
    }

    private sealed class SilentOutput : IScriptOutput
    {
        public void Print(string script, ReadOnlySpan<byte> line) { }

        public void PrintError(string script, ReadOnlySpan<byte> text) { }

        public void Flush() { }

        public void Log(string script, ScriptLogLevel level, string message) { }

        public void LoadFailure(string script, string message) { }

        public void Problem(string script, string message) { }

        public void Error(string script, string callback, string text, long repeats) { }

        public void Fault(string script, Exception exception) =>
            throw new InvalidOperationException($"{script}: {exception.Message}", exception);
    }

    private sealed class NoSink : IMetricSink
    {
        public void Post(CounterWindow window) { }

        public void Post(EventBatch batch) { }
    }
}
