using System.Globalization;
using Spillway.Scripting.Backend;
using Spillway.Scripting.Vm;

namespace Spillway.Scripting.Loading;

/// <content>Blocks of the metrics pipeline: each gets a Lua state for every group that it watches.</content>
public sealed partial class ScriptLoader
{
    private readonly List<BackendBlock> _backendBlocks = [];

    /// <summary>Whether scripts that were loaded have blocks for <see cref="LoadBackend"/>.</summary>
    public bool HasBackendBlocks => _backendBlocks.Count > 0;

    /// <summary>
    /// Loads the blocks of the metrics pipeline of all scripts that were given to <c>Load</c>; after that, when all groups are defined.
    /// </summary>
    public void LoadBackend(BackendHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        foreach (BackendBlock block in _backendBlocks)
            LoadBlock(block, host);
        _backendBlocks.Clear();
    }

    private void LoadBlock(BackendBlock block, BackendHost host)
    {
        if (TryPrepare(block, host, out PreparedBlock? prepared, out string error))
            StartBlock(prepared!, host);
        else
            Fail(block.Plugin.Name, error);
    }

    // Everything but onload of the states that stay: what the block watches, and a state for each group.
    private bool TryPrepare(BackendBlock block, BackendHost host, out PreparedBlock? prepared, out string error)
    {
        prepared = null;
        if (!TryLook(block, host, out List<string[]> description, out string? refusal, out error))
            return false;
        List<Attachment> groups = AttachmentResolver.Resolve(block.Name, description, _groups, out IReadOnlyList<string> problems);
        foreach (string problem in problems)
            _output.Problem(block.Plugin.Name, problem);
        var result = new PreparedBlock(block.Name, description, [], refusal);
        foreach (Attachment group in groups)
        {
            ScriptInstance script = CreateScript(block.Plugin, host.Lane);
            result.Scripts.Add(script);
            if (script.TryRunMain(block.Source, out error))
            {
                script.Watch(group.Guid, group.Title, block.Name is "cg_monitor" or "alert_monitor");
                continue;
            }

            error = $"Unable to load: {error}";
            result.Dispose();
            return false;
        }

        prepared = result;
        return true;
    }

    // Gives the flow tracker that it is, if it is one and runs.
    private FlowTracker? StartBlock(PreparedBlock block, BackendHost host)
    {
        FlowTracker? tracker = null;
        foreach (ScriptInstance script in block.Scripts)
        {
            if (!Start(script, block.Name))
            {
                script.Dispose();
                continue;
            }

            if (block.Name == "flowtracker")
                tracker = TrackerOf(script, block.Description);
            host.Add(script, tracker);
        }

        return tracker;
    }

    // A look at the block in a state of its own, before it is loaded: what it watches is asked of functions that may look at
    // T.countergroups.
    // Such a look includes onload and onunload (script API, section 1.5).
    private bool TryLook(BackendBlock block, BackendHost host, out List<string[]> description, out string? refusal, out string error)
    {
        (description, refusal) = ([], null);
        using ScriptInstance script = CreateScript(block.Plugin, host.Lane);
        if (!script.TryRunMain(block.Source, out error))
        {
            error = $"Unable to load: {error}";
            return false;
        }

        if (!script.TryAttach(block.Name, out error) || !script.TryDescribeAttachments(block.Name, out error))
        {
            error = $"{block.Name}: what it watches cannot be told: {error}";
            return false;
        }

        description = [.. error.Split('\u001e', StringSplitOptions.RemoveEmptyEntries).Select(record => record.Split('\u001f'))];
        refusal = script.Rehearse();
        return true;
    }

    private FlowTracker TrackerOf(ScriptInstance script, List<string[]> description)
    {
        const double defaultBucket = 300;
        const int defaultCount = 100;
        string[] fields = description.Find(record => record[0] == "tracker") ?? ["tracker", "", "", ""];
        double bucket = Number("bucketsize", fields[2], defaultBucket, 1, 86_400);
        double count = Number("count", fields[3], defaultCount, 1, FlowTracker.MaxCount);
        return new FlowTracker(
            script,
            fields[1].Length > 0 ? fields[1] : script.Plugin.Title,
            TimeSpan.FromSeconds(Math.Floor(bucket)),
            (int)count
        );

        double Number(string name, string text, double fallback, double least, double most)
        {
            if (text.Length == 0)
                return fallback;
            if (double.TryParse(text, CultureInfo.InvariantCulture, out double number) && number >= least && number <= most)
                return number;
            _output.Problem(
                script.Name,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"flowtracker.control.{name} = {text}: it must be a number from {least} to {most}; taken as {fallback}"
                )
            );
            return fallback;
        }
    }

    private sealed record BackendBlock(ScriptPlugin Plugin, byte[] Source, string Name);

    // Refusal: what onload raised when the block was looked at.
    private sealed record PreparedBlock(string Name, List<string[]> Description, List<ScriptInstance> Scripts, string? Refusal)
        : IDisposable
    {
        public void Dispose()
        {
            foreach (ScriptInstance script in Scripts)
                script.Dispose();
        }
    }
}
