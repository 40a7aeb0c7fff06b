using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Scripting.Patterns;
using Spillway.Scripting.Vm;

namespace Spillway.Scripting.Interop;

/// <content>Output, configuration, patterns and hashes: what lanes and workers share. Any thread.</content>
internal unsafe partial struct HostApi
{
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnPrint(int vm, byte* text, nuint length)
    {
        try
        {
            ScriptMachine machine = ScriptMachine.Of(vm);
            machine.Output.Print(machine.Name, Bytes(text, length));
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnPrintError(int vm, byte* text, nuint length)
    {
        try
        {
            ScriptMachine machine = ScriptMachine.Of(vm);
            machine.Output.PrintError(machine.Name, Bytes(text, length));
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnFlush(int vm)
    {
        try
        {
            ScriptMachine.Of(vm).Output.Flush();
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnFinalizerFailed(int vm, byte* message, nuint length)
    {
        try
        {
            ScriptMachine.Of(vm).AddError("a finalizer (__gc)", Encoding.UTF8.GetString(Bytes(message, length)));
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnLog(int vm, int level, byte* text, nuint length)
    {
        try
        {
            ScriptMachine machine = ScriptMachine.Of(vm);
            machine.Output.Log(machine.Name, (ScriptLogLevel)level, Encoding.UTF8.GetString(Bytes(text, length)));
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnFormatFlowKey(FlowKey* key, byte* destination, int capacity) =>
        FlowId.Format(in *key, new Span<byte>(destination, capacity));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnGetConfig(int vm, byte* path, nuint length, byte* destination, int capacity)
    {
        try
        {
            string value = ScriptMachine.Of(vm).Environment.GetConfig(Encoding.UTF8.GetString(Bytes(path, length)));
            return Encoding.UTF8.TryGetBytes(value, new Span<byte>(destination, capacity), out int written) ? written : 0;
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnRegexCompile(int vm, byte* pattern, nuint length, int options)
    {
        try
        {
            int id = PatternTable.Compile(Bytes(pattern, length), (PatternOptions)options, out string? error);
            if (error is not null && ((PatternOptions)options).HasFlag(PatternOptions.LogErrors))
            {
                ScriptMachine machine = ScriptMachine.Of(vm);
                machine.Output.Log(machine.Name, ScriptLogLevel.Error, error);
            }

            return id;
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnRegexMatch(int regex, byte* subject, nuint length, int full, int* spans, int capacity)
    {
        try
        {
            return PatternTable.Match(regex, Bytes(subject, length), full != 0, new Span<int>(spans, capacity * 2));
        }
        catch (Exception)
        {
            // A subject too long for the library's strings: no match, as for an invalid pattern.
            return 0;
        }
    }

    /// <summary>MurmurHash2, 32 bits, seed 0 (A. Appleby, public domain description).</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static uint OnMurmur2(byte* text, nuint length)
    {
        const uint Multiplier = 0x5BD1E995;
        ReadOnlySpan<byte> rest = Bytes(text, length);
        uint hash = (uint)rest.Length;
        for (; rest.Length >= 4; rest = rest[4..])
        {
            uint k = BinaryPrimitives.ReadUInt32LittleEndian(rest) * Multiplier;
            hash = (hash * Multiplier) ^ ((k ^ (k >> 24)) * Multiplier);
        }

        if (rest.Length > 0)
        {
            for (int i = rest.Length - 1; i >= 0; i--)
                hash ^= (uint)rest[i] << (8 * i);
            hash *= Multiplier;
        }

        hash = (hash ^ (hash >> 13)) * Multiplier;
        return hash ^ (hash >> 15);
    }
}
