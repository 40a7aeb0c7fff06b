using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Spillway.Scripting.Native;
using Spillway.Scripting.Vm;

namespace Spillway.Scripting.Interop;

/// <content>What the Lua of both sides of a ring asks of the host, once in a thousand tasks or when somebody sleeps.</content>
internal unsafe partial struct HostApi
{
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnRingOpen(int vm)
    {
        try
        {
            return Lane(vm).OpenRing() ? 1 : 0;
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnRingCode(int vm, int number)
    {
        try
        {
            ScriptInstance script = Lane(vm);
            return script.Ring.Add(script.Code.Find(number));
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnRingGrow(int vm)
    {
        try
        {
            return Lane(vm).Ring.TryGrow() ? 1 : 0;
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnRingIds(int vm)
    {
        try
        {
            Lane(vm).Ring.ReserveIds();
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnRingWake(int vm)
    {
        try
        {
            Lane(vm).Ring.WakeWorker();
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnRingFollow(int vm)
    {
        try
        {
            if (ScriptMachine.Of(vm) is WorkerScript worker)
                worker.Ring!.FollowTasks();
            else
                Lane(vm).Ring.FollowResults();
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnRingRoom(int vm, int bytes)
    {
        try
        {
            ((WorkerScript)ScriptMachine.Of(vm)).Ring!.GrowResults(bytes);
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnRingTell(int vm)
    {
        try
        {
            ((WorkerScript)ScriptMachine.Of(vm)).Ring!.WakeLane();
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnRingText(int vm, int code, NativeBytes* bytes)
    {
        try
        {
            if (((WorkerScript)ScriptMachine.Of(vm)).Ring!.Find(code) is not { } function)
                return 0;
            bytes->Set(function.Code.Span); // pinned by the code store, and kept by the ring
            return 1;
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
            return 0;
        }
    }
}
