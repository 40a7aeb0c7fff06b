using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Spillway.Async.Commands;
using Spillway.Scripting.Vm;

namespace Spillway.Scripting.Interop;

/// <content>io.popen and os.execute: commands that belong to the state that starts them.</content>
internal unsafe partial struct HostApi
{
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnCommandStart(int vm, byte* command, nuint length, int pipe, int* file)
    {
        try
        {
            return ScriptMachine.Of(vm).Commands.Start(Bytes(command, length), (CommandPipe)pipe, out *file);
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
            return -1;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnCommandWait(int vm, int process)
    {
        try
        {
            return ScriptMachine.Of(vm).Commands.Wait(process);
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
            return -1;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnCommandRelease(int vm, int process)
    {
        try
        {
            ScriptMachine.Of(vm).Commands.Release(process);
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnCommandError(int errno, byte* destination, int capacity) =>
        Encoding.UTF8.TryGetBytes(CommandTable.Describe(errno), new Span<byte>(destination, capacity), out int written) ? written : 0;
}
