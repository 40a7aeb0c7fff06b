using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Spillway.Net.Packets;

namespace Spillway.Scripting.Interop;

/// <content>Numbers and GUIDs of protocols. The lane's thread only.</content>
internal unsafe partial struct HostApi
{
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnFindProtocol(int vm, byte* guid, nuint length)
    {
        try
        {
            return (int)Lane(vm).Lane.Protocols.NumberOf(Bytes(guid, length));
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnProtocolGuid(int vm, int number, byte* destination, int capacity)
    {
        try
        {
            return Encoding.ASCII.GetBytes(Lane(vm).Lane.Protocols.GuidOf((ProtocolId)number), new Span<byte>(destination, capacity));
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
            return 0;
        }
    }
}
