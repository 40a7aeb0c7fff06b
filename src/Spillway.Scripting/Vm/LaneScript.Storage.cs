using Spillway.Net.Flows;
using Spillway.Net.Storage;

namespace Spillway.Scripting.Vm;

/// <content>The callbacks of packet_storage.</content>
internal sealed unsafe partial class LaneScript
{
    /// <summary>packet_storage.filter. A script that raises has no opinion.</summary>
    public StoragePolicy OnStorageFilter(Flow flow)
    {
        SetFlow(flow);
        return Invoke(ScriptCallback.Filter) ? StoragePolicies.FromVote(Call->Result) : StoragePolicy.NoOpinion;
    }

    /// <summary>packet_storage.filter_payload. A script that raises has no opinion.</summary>
    public StoragePolicy OnStoragePayload(Flow flow, StreamDirection direction, long offset, ReadOnlySpan<byte> data)
    {
        Call->Result = (int)StoragePolicy.NoOpinion;   // what stays if it raises
        OnStreamData(ScriptCallback.FilterPayload, flow, direction, offset, data);
        return StoragePolicies.FromVote(Call->Result);
    }
}
