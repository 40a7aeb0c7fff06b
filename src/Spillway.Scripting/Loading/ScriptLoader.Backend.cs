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

    /// <summary>Loads the blocks of the metrics pipeline of all scripts that were given to <see cref="Load"/>; after that, when all groups are defined.</summary>
    public void LoadBackend(BackendHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        foreach (BackendBlock block in _backendBlocks) LoadBlock(block, host);
        _backendBlocks.Clear();
    }

    private void LoadBlock(BackendBlock block, BackendHost host)
    {
        ScriptPlugin plugin = block.Plugin;
        if (Look(block, host) is not { } description) return;
        List<Attachment> groups = AttachmentResolver.Resolve(block.Name, description, _groups, out IReadOnlyList<string> problems);
        foreach (string problem in problems) _output.Problem(plugin.Name, problem);
        foreach (Attachment group in groups)
        {
            LaneScript? script = Reload(plugin, block.Source, host.Lane);
            if (script is null) return;
            script.Watch(group.Guid, group.Title, block.Name is "cg_monitor" or "alert_monitor");
            if (Start(script, block.Name)) host.Add(script, block.Name == "flowtracker" ? TrackerOf(script, description) : null);
            else script.Dispose();
        }
    }

    // A look at the block in a state of its own, before it is loaded: what it watches is asked of functions that may look at T.countergroups.
    // Such a look includes onload and onunload (script API, section 1.5).
    private List<string[]>? Look(BackendBlock block, BackendHost host)
    {
        LaneScript? script = Reload(block.Plugin, block.Source, host.Lane);
        if (script is null) return null;
        using (script)
        {
            if (!script.TryAttach(block.Name, out string error) || !script.TryDescribeAttachments(block.Name, out error))
            {
                Fail(block.Plugin.Name, $"{block.Name}: what it watches cannot be told: {error}");
                return null;
            }

            string text = error;
            script.Rehearse();
            return [.. text.Split('\u001e', StringSplitOptions.RemoveEmptyEntries).Select(record => record.Split('\u001f'))];
        }
    }

    private FlowTracker TrackerOf(LaneScript script, List<string[]> description)
    {
        const double defaultBucket = 300;
        const int defaultCount = 100;
        string[] fields = description.Find(record => record[0] == "tracker") ?? ["tracker", "", "", ""];
        double bucket = Number("bucketsize", fields[2], defaultBucket, 1, 86_400);
        double count = Number("count", fields[3], defaultCount, 1, FlowTracker.MaxCount);
        return new FlowTracker(script, fields[1].Length > 0 ? fields[1] : script.Plugin.Title, TimeSpan.FromSeconds(Math.Floor(bucket)), (int)count);

        double Number(string name, string text, double fallback, double least, double most)
        {
            if (text.Length == 0) return fallback;
            if (double.TryParse(text, CultureInfo.InvariantCulture, out double number) && number >= least && number <= most) return number;
            _output.Problem(script.Name, string.Create(CultureInfo.InvariantCulture, $"flowtracker.control.{name} = {text}: it must be a number from {least} to {most}; taken as {fallback}"));
            return fallback;
        }
    }

    private sealed record BackendBlock(ScriptPlugin Plugin, byte[] Source, string Name);
}
