namespace Spillway.Net.Packets;

/// <summary>What is part of a flow's key besides addresses, ports and protocol.</summary>
[Flags]
public enum FlowTags : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The ids of all VLAN tags (IEEE 802.1Q, 802.1ad).</summary>
    Vlan = 1,

    /// <summary>The network identifiers of VXLAN, Geneve, NVGRE, and of service instances (IEEE 802.1ah).</summary>
    Vni = 2,
}
