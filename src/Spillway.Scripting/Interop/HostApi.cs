using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Spillway.Net.Packets;
using Spillway.Scripting.Native;
using Spillway.Scripting.Vm;

namespace Spillway.Scripting.Interop;

/// <summary>
/// The functions of the host that Lua calls through FFI function pointers: <c>sw_host</c> in <c>cdef.lua</c>, in the same order.
/// </summary>
/// <remarks>
/// Each is a static method for unmanaged callers whose whole body is guarded: no managed exception may leave it, since it would unwind
/// through Lua's frames. None calls back into the Lua state that runs it. Spans over arguments are valid during the call.
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
internal unsafe partial struct HostApi
{
    public delegate* unmanaged[Cdecl]<int, byte*, nuint, void> Print;
    public delegate* unmanaged[Cdecl]<int, int, byte*, nuint, void> Log;
    public delegate* unmanaged[Cdecl]<int, byte*, nuint, int> FindCounterGroup;
    public delegate* unmanaged[Cdecl]<int, int, byte*, nuint, int, double, void> UpdateCounter;
    public delegate* unmanaged[Cdecl]<int, int, byte*, nuint, byte*, nuint, byte*, nuint, void> UpdateKeyInfo;
    public delegate* unmanaged[Cdecl]<int, int, byte*, nuint, byte*, nuint, byte*, nuint, void> SetKeyAttribute;
    public delegate* unmanaged[Cdecl]<int, NativeBytes*, double, void> AddAlert;
    public delegate* unmanaged[Cdecl]<int, NativeBytes*, void> AddResource;
    public delegate* unmanaged[Cdecl]<int, byte*, nuint, byte*, nuint, void> TagFlow;
    public delegate* unmanaged[Cdecl]<int, byte*, nuint, void> DisableReassembly;
    public delegate* unmanaged[Cdecl]<int, NativeBytes*, void> AddEdge;
    public delegate* unmanaged[Cdecl]<FlowKey*, byte*, int, int> FormatFlowKey;
    public delegate* unmanaged[Cdecl]<int, byte*, nuint, byte*, int, int> GetConfig;
    public delegate* unmanaged[Cdecl]<int, byte*, nuint, int, int> RegexCompile;
    public delegate* unmanaged[Cdecl]<int, byte*, nuint, int, int*, int, int> RegexMatch;
    public delegate* unmanaged[Cdecl]<byte*, nuint, uint> Murmur2;
    public delegate* unmanaged[Cdecl]<int, byte*, nuint, int, int> InternCode;
    public delegate* unmanaged[Cdecl]<int, NativeBytes*, int> FetchCode;
    public delegate* unmanaged[Cdecl]<int, int, NativeBytes*, double, int, int, int, int, double> Submit;
    public delegate* unmanaged[Cdecl]<int, int> NextResult;
    public delegate* unmanaged[Cdecl]<int, double> Pending;
    public delegate* unmanaged[Cdecl]<int, int, NativeBytes*, void> Request;
    public delegate* unmanaged[Cdecl]<int, byte*, nuint, int, byte*, nuint, int, int, void> AddFlowCounter;
    public delegate* unmanaged[Cdecl]<int, byte*, nuint, int, void> RemoveFlowCounters;
    public delegate* unmanaged[Cdecl]<int, AsyncFigures*, void> Statistics;
    public delegate* unmanaged[Cdecl]<int, byte*, nuint, int, int*, int> CommandStart;
    public delegate* unmanaged[Cdecl]<int, int, int> CommandWait;
    public delegate* unmanaged[Cdecl]<int, int, void> CommandRelease;
    public delegate* unmanaged[Cdecl]<int, byte*, int, int> CommandError;
    public delegate* unmanaged[Cdecl]<int, byte*, nuint, int> FindProtocol;
    public delegate* unmanaged[Cdecl]<int, int, byte*, int, int> ProtocolGuid;
    public delegate* unmanaged[Cdecl]<int, byte*, nuint, int, double, int> UpdateFlow;
    public delegate* unmanaged[Cdecl]<int, byte*, nuint, double, void> SetFlowDuration;
    public delegate* unmanaged[Cdecl]<int, long, int, byte*, nuint, void> SetPacket;
    public delegate* unmanaged[Cdecl]<int, long, void> SetTimestamp;
    public delegate* unmanaged[Cdecl]<int, NativeBytes*, double, long, void> ImportAlert;
    public delegate* unmanaged[Cdecl]<int, NativeBytes*, int, int> AutomatonBuild;
    public delegate* unmanaged[Cdecl]<int, int, byte*, nuint, int, int*, int, int> AutomatonMatch;
    public delegate* unmanaged[Cdecl]<int, void> AutomatonFree;
    public delegate* unmanaged[Cdecl]<int, int, byte*, nuint, double, void> SetItem;
    public delegate* unmanaged[Cdecl]<int, byte*, nuint, void> PrintError;
    public delegate* unmanaged[Cdecl]<int, void> Flush;
    public delegate* unmanaged[Cdecl]<int, byte*, nuint, void> FinalizerFailed;
    public delegate* unmanaged[Cdecl]<int, int> RingOpen;
    public delegate* unmanaged[Cdecl]<int, int, int> RingCode;
    public delegate* unmanaged[Cdecl]<int, int> RingGrow;
    public delegate* unmanaged[Cdecl]<int, void> RingIds;
    public delegate* unmanaged[Cdecl]<int, void> RingWake;
    public delegate* unmanaged[Cdecl]<int, void> RingFollow;
    public delegate* unmanaged[Cdecl]<int, int, void> RingRoom;
    public delegate* unmanaged[Cdecl]<int, void> RingTell;
    public delegate* unmanaged[Cdecl]<int, int, NativeBytes*, int> RingText;

    /// <summary>The one table of the process, in native memory that is never freed.</summary>
    public static readonly HostApi* Table = Create();

    /// <summary>Where the table is.</summary>
    public static nint Address => (nint)Table;

    private static HostApi* Create()
    {
        var table = (HostApi*)NativeMemory.AllocZeroed((nuint)sizeof(HostApi));
        *table = new HostApi
        {
            Print = &OnPrint,
            Log = &OnLog,
            FindCounterGroup = &OnFindCounterGroup,
            UpdateCounter = &OnUpdateCounter,
            UpdateKeyInfo = &OnUpdateKeyInfo,
            SetKeyAttribute = &OnSetKeyAttribute,
            AddAlert = &OnAddAlert,
            AddResource = &OnAddResource,
            TagFlow = &OnTagFlow,
            DisableReassembly = &OnDisableReassembly,
            AddEdge = &OnAddEdge,
            FormatFlowKey = &OnFormatFlowKey,
            GetConfig = &OnGetConfig,
            RegexCompile = &OnRegexCompile,
            RegexMatch = &OnRegexMatch,
            Murmur2 = &OnMurmur2,
            InternCode = &OnInternCode,
            FetchCode = &OnFetchCode,
            Submit = &OnSubmit,
            NextResult = &OnNextResult,
            Pending = &OnPending,
            Request = &OnRequest,
            AddFlowCounter = &OnAddFlowCounter,
            RemoveFlowCounters = &OnRemoveFlowCounters,
            Statistics = &OnStatistics,
            CommandStart = &OnCommandStart,
            CommandWait = &OnCommandWait,
            CommandRelease = &OnCommandRelease,
            CommandError = &OnCommandError,
            FindProtocol = &OnFindProtocol,
            ProtocolGuid = &OnProtocolGuid,
            UpdateFlow = &OnUpdateFlow,
            SetFlowDuration = &OnSetFlowDuration,
            SetPacket = &OnSetPacket,
            SetTimestamp = &OnSetTimestamp,
            ImportAlert = &OnImportAlert,
            AutomatonBuild = &OnAutomatonBuild,
            AutomatonMatch = &OnAutomatonMatch,
            AutomatonFree = &OnAutomatonFree,
            SetItem = &OnSetItem,
            PrintError = &OnPrintError,
            Flush = &OnFlush,
            FinalizerFailed = &OnFinalizerFailed,
            RingOpen = &OnRingOpen,
            RingCode = &OnRingCode,
            RingGrow = &OnRingGrow,
            RingIds = &OnRingIds,
            RingWake = &OnRingWake,
            RingFollow = &OnRingFollow,
            RingRoom = &OnRingRoom,
            RingTell = &OnRingTell,
            RingText = &OnRingText,
        };
        return table;
    }

    private static ReadOnlySpan<byte> Bytes(byte* data, nuint length) => new(data, checked((int)length));

    private static ScriptInstance Lane(int vm) => (ScriptInstance)ScriptMachine.Of(vm);

    /// <summary>An exception in a host function is a bug of ours: told loudly, once for each place, and the script goes on.</summary>
    private static void Fault(int vm, Exception exception) => ScriptMachine.Of(vm).Output.Fault(ScriptMachine.Of(vm).Name, exception);

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
