using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Spillway.Net.Capture;

/// <summary>A compiled BPF expression for packets of one link type.</summary>
internal sealed class PacketFilter : SafeHandle
{
    public PacketFilter()
        : base(0, ownsHandle: true) { }

    public override bool IsInvalid => handle == 0;

    /// <summary>Compiles an expression.</summary>
    /// <param name="error">libpcap's message, if the result is null.</param>
    public static PacketFilter? TryCompile(string filter, LinkType linkType, [NotNullWhen(false)] out string? error)
    {
        nint program = PcapHandle.Compile(filter, linkType, out error);
        if (program == 0)
            return null;
        var result = new PacketFilter();
        result.SetHandle(program);
        return result;
    }

    public bool Passes(in PcapPacket packet) => PcapHandle.Matches(handle, packet);

    protected override bool ReleaseHandle()
    {
        PcapHandle.Free(handle);
        return true;
    }
}
