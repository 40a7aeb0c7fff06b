using System.CommandLine;
using Spillway.Net.Packets;

namespace Spillway.CommandLine;

/// <summary>The options that say which packet of a tunnel makes a flow, and what its key has besides addresses.</summary>
internal static class TunnelsCommandLine
{
    private static readonly Option<string> Tunnels = new("--tunnels")
    {
        Description = "Which packet of a tunnel makes the flow: inner (the innermost), outer (the outermost)",
        HelpName = "WHICH",
        DefaultValueFactory = _ => "inner",
    };

    private static readonly Option<string> FlowKey = new("--flow-key")
    {
        Description =
            "Tags that are part of the key of a flow, so that networks with the same addresses stay apart: vlan, vni, or both, "
            + "joined by a comma",
        HelpName = "TAGS",
    };

    /// <summary>Adds the options.</summary>
    public static void AddTo(Command command)
    {
        command.Options.Add(Tunnels);
        Tunnels.AcceptOnlyFromAmong("inner", "outer");
        command.Options.Add(FlowKey);
        FlowKey.AcceptOnlyFromAmong("vlan", "vni", "vlan,vni", "vni,vlan");
    }

    /// <summary>Whether flows are those of the outermost packet.</summary>
    public static bool TakesOutermost(ParseResult result) => result.GetValue(Tunnels) == "outer";

    /// <summary>What is part of flow keys.</summary>
    public static FlowTags ToTags(ParseResult result)
    {
        FlowTags tags = FlowTags.None;
        foreach (string tag in (result.GetValue(FlowKey) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
            tags |= tag == "vlan" ? FlowTags.Vlan : FlowTags.Vni;
        return tags;
    }
}
