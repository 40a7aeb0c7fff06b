using Spillway.Net.Flows;
using Spillway.Scripting.Vm;

namespace Spillway.Scripting;

/// <content>What of a flow is stored: the votes of packet_storage scripts.</content>
public sealed partial class ScriptHost
{
    /// <summary>Scripts that vote on what is stored: the number of voters of a <see cref="FlowStorage"/>.</summary>
    public int StorageVoters => _storage.Length;

    /// <summary>Whether any of them looks at the first payload.</summary>
    public bool VotesOnPayload { get; }

    /// <summary>Asks the scripts about a new flow, before any packet of it is stored.</summary>
    public void VoteOnFlow(Flow flow, FlowStorage state)
    {
        for (int i = 0; i < _storage.Length; i++)
        {
            if (_storage[i].Has(ScriptCallback.Filter))
                state.Vote(i, _storage[i].OnStorageFilter(flow));
        }
    }

    /// <summary>Asks the scripts about the first payload of a direction.</summary>
    /// <param name="offset">Stream offset of the payload; 0 for protocols without streams.</param>
    /// <param name="data">The payload, in native or pinned memory.</param>
    public void VoteOnPayload(Flow flow, FlowStorage state, StreamDirection direction, long offset, ReadOnlySpan<byte> data)
    {
        for (int i = 0; i < _storage.Length; i++)
        {
            if (_storage[i].Has(ScriptCallback.FilterPayload))
                state.Vote(i, _storage[i].OnStoragePayload(flow, direction, offset, data));
        }
    }
}
