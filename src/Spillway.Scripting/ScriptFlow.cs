using Spillway.Net.Flows;

namespace Spillway.Scripting;

/// <summary>Which scripts want the stream of a flow, as bits. One object for each TCP flow that may interest one.</summary>
public sealed class ScriptFlow
{
    /// <summary>Scripts with a reassembly_handler.</summary>
    public ulong Reassembly { get; internal set; }

    /// <summary>Scripts with a filex_monitor.</summary>
    public ulong FileExtraction { get; internal set; }

    /// <summary>Whether any script wants the stream.</summary>
    public bool IsWanted => (Reassembly | FileExtraction) != 0;
}

/// <summary>The lane's state of a flow (<c>Flow.Consumer</c>), as far as scripts change it.</summary>
public interface IScriptedFlow
{
    /// <summary>Which scripts want the stream; null if no stream script is loaded.</summary>
    ScriptFlow? Scripts { get; }

    /// <summary>A script has opted out: the lane stops reassembly if nobody is left.</summary>
    void OnInterestLost(Flow flow);
}
