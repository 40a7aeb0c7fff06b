using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Spillway.Scripting.Interop;

/// <content>What backend scripts change of the item they are shown. The engine's thread only.</content>
internal unsafe partial struct HostApi
{
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnSetItem(int vm, int field, byte* text, nuint length, double number)
    {
        try
        {
            Lane(vm).SetItem((ItemText)field, Bytes(text, length), number);
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
        }
    }
}
