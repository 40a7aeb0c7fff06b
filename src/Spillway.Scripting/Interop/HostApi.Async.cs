using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Spillway.Scripting.Native;
using Spillway.Scripting.Vm;

namespace Spillway.Scripting.Interop;

/// <content>T.async: submission on the lane's thread, code look-up on workers' threads.</content>
internal unsafe partial struct HostApi
{
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnInternCode(int vm, byte* code, nuint length, int line)
    {
        try
        {
            return Lane(vm).Code.Add(Bytes(code, length), line);
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnFetchCode(int vm, NativeBytes* bytes)
    {
        try
        {
            if (ScriptMachine.Of(vm) is not WorkerScript { Running: { } function })
                return 0;
            bytes->Set(function.Code.Span); // pinned by the code store, and kept by the task
            return 1;
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static double OnSubmit(int vm, int kind, NativeBytes* fields, double number, int code, int dataKind, int retries, int slot)
    {
        try
        {
            return Lane(vm).Submit((SubmitKind)kind, fields, number, code, dataKind, retries, slot);
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnNextResult(int vm)
    {
        try
        {
            return Lane(vm).TryContinueDelivery() ? 1 : 0;
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static double OnPending(int vm) => Lane(vm).PendingTasks;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnStatistics(int vm, AsyncFigures* figures)
    {
        try
        {
            *figures = Lane(vm).GetFigures();
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
        }
    }
}
