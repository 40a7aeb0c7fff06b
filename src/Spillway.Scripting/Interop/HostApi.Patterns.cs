using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Spillway.Scripting.Native;
using Spillway.Scripting.Patterns;

namespace Spillway.Scripting.Interop;

/// <content>T.ac. Any thread.</content>
internal unsafe partial struct HostApi
{
    private const int TooLarge = -1;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnAutomatonBuild(int vm, NativeBytes* patterns, int count)
    {
        try
        {
            long bytes = 0;
            for (int i = 0; i < count; i++)
                bytes += patterns[i].Length;
            if (bytes > AhoCorasick.MaxPatternBytes)
                return TooLarge;
            var copies = new ReadOnlyMemory<byte>[count];
            for (int i = 0; i < count; i++)
                copies[i] = patterns[i].Span.ToArray();
            return AutomatonTable.Add(new AhoCorasick(copies));
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnAutomatonMatch(int vm, int automaton, byte* text, nuint length, int one, int* hits, int capacity)
    {
        try
        {
            return AutomatonTable.Find(automaton)?.Match(Bytes(text, length), one != 0, new Span<int>(hits, capacity * 2)) ?? 0;
        }
        catch (Exception exception)
        {
            Fault(vm, exception);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnAutomatonFree(int automaton) => AutomatonTable.Remove(automaton);
}
