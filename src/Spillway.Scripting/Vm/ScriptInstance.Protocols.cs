using System.Runtime.CompilerServices;
using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Scripting.Vm;

/// <content>protocol_handler.</content>
internal sealed unsafe partial class ScriptInstance
{
    /// <summary>For a protocol_handler: what it has declared.</summary>
    public ProtocolHandlerDefinition? Handler { get; set; }

    /// <summary>protocol_handler.parselayer for a layer that spans all bytes that are left.</summary>
    /// <param name="packet">In pinned memory, with its data's address set.</param>
    /// <param name="layer">Index of the layer that is tried.</param>
    /// <param name="length">Bytes that the handler has taken: from 0 to those that were left.</param>
    /// <param name="next">The protocol of the bytes behind; None if this is the last.</param>
    /// <returns>False if the handler does not know the bytes, or raised.</returns>
    public bool TryParseLayer(ref PacketInfo packet, int layer, Flow? flow, out int length, out ProtocolId next)
    {
        length = 0;
        next = ProtocolId.None;
        if (!Has(ScriptCallback.ParseLayer))
            return false;
        SetPacket((PacketInfo*)Unsafe.AsPointer(ref packet), layer, flow);
        Call->Result = 0;
        bool isKnown = Invoke(ScriptCallback.ParseLayer) && Call->Result != 0;
        Call->Packet = null;
        if (Call->PacketPolicy != 0)
            TakePacketPolicy();
        if (!isKnown)
            return false;
        length = (int)Math.Clamp(Call->Length, 0, packet.Layers[layer].Length);
        next = (ProtocolId)Call->Code;
        return true;
    }
}
