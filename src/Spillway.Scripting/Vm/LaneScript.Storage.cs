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

    // packet:set_packetstore_policy. Of several scripts' wishes the most liberal counts, as among votes.
    private void TakePacketPolicy()
    {
        Lane.PacketPolicy = StoragePolicies.MoreLiberal(Lane.PacketPolicy, StoragePolicies.FromVote(Call->PacketPolicy - 1));
        Call->PacketPolicy = 0;
    }

    /// <summary>packet_storage.filter_payload. A script that raises has no opinion.</summary>
    public StoragePolicy OnStoragePayload(Flow flow, StreamDirection direction, long offset, ReadOnlySpan<byte> data)
    {
        Call->Result = (int)StoragePolicy.NoOpinion; // what stays if it raises
        OnStreamData(ScriptCallback.FilterPayload, flow, direction, offset, data);
        return StoragePolicies.FromVote(Call->Result);
    }
}
