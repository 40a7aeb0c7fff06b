using Spillway.Net.Packets;
using Spillway.Scripting.Protocols;
using Spillway.Scripting.Vm;

namespace Spillway.Scripting.Loading;

/// <content>What single block types need when they are loaded.</content>
public sealed partial class ScriptLoader
{
    private readonly List<(string Script, string Guid, ProtocolId Number)> _counted = [];

    /// <summary>The script that makes the input, as a path among those to load; null if packets come from elsewhere.</summary>
    public string? InputScript { get; init; }

    private bool IsInput(ScriptPlugin plugin) => InputScript is { } path && Path.GetFullPath(path) == Path.GetFullPath(plugin.Path);

    private ScriptInstance CreateScript(ScriptPlugin plugin, ScriptContext lane) =>
        new(plugin, _environment, _output, lane, canBeInterrupted: IsInput(plugin));

    // Whether a block that this version runs can be run with what it declares.
    private bool IsFit(ScriptPlugin plugin, string block, ScriptDescription description, ScriptContext lane)
    {
        switch (block)
        {
            case "protocol_handler":
                return description.Handler is not null; // what is wrong was told with the description
            case "simplecounter":
                NoteCounted(plugin, description.Counted.Guid, lane);
                return true;
            case "inputfilter" when !description.HasStep && !description.HasStepAlert:
                _output.Problem(plugin.Name, "block 'inputfilter' has neither step nor step_alert: it brings nothing");
                return false;
            case "inputfilter" when description.HasStep && !IsInput(plugin):
                _output.Problem(
                    plugin.Name,
                    $"block 'inputfilter' has a step, which makes the packets of a run: start it by 'spillway input {plugin.Path}'"
                );
                return false;
            default:
                return true;
        }
    }

    private void Prepare(ScriptInstance script, string block, ScriptDescription description, ScriptContext lane)
    {
        // Protocols that scripts define are numbered in the order in which a lane hears of them: the same on all.
        if (block == "simplecounter")
            script.Protocol = lane.Protocols.NumberOf(description.Counted.Guid);
        if (block == "inputfilter")
            script.IsInput = IsInput(script.Plugin);
        if (block != "protocol_handler")
            return;
        script.Handler = description.Handler;
        script.Protocol = lane.Protocols.NumberOf(description.Handler!.Guid);
    }

    private void NoteCounted(ScriptPlugin plugin, string guid, ScriptContext lane)
    {
        ProtocolId number = lane.Protocols.NumberOf(guid);
        if (number == ProtocolId.None)
            _output.Problem(plugin.Name, $"simplecounter.protocol_guid is no GUID of a protocol: '{guid}'; onpacket is never called");
        else if (number >= ProtocolId.FirstCustom)
            _counted.Add((plugin.Name, guid, number));
    }

    // Only when all scripts are loaded is it known which protocols there are.
    private void TellUnknownProtocols(List<ScriptInstance> scripts, ScriptContext lane)
    {
        foreach ((string script, string guid, ProtocolId number) in _counted)
        {
            if (scripts.Exists(other => other.Handler is not null && other.Protocol == number))
                continue;
            if (ProtocolLeaves.Contains(lane.Protocols.GuidOf(number)))
                continue;
            _output.Problem(
                script,
                $"simplecounter.protocol_guid {guid} is defined by no script that was loaded: onpacket is not called "
                    + "until a protocol_handler of that GUID is loaded too"
            );
        }

        _counted.Clear();
    }
}
