using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Spillway.Scripting.Native;

/// <summary>
/// A line on standard error when native code crashes, before the process ends by the signal. The runtime's own handler comes first, since
/// it makes exceptions of faults in managed code and then does not return; if it does return, the fault is nobody's, and the line is
/// written.
/// </summary>
/// <remarks>
/// Managed code cannot run in a signal handler: it might wait for a collection that waits for it. So the handler is machine code that is
/// put together here. It makes two system calls (<c>gettid</c>, <c>writev</c>), and touches nothing but its registers and the thread's
/// slot.
/// </remarks>
internal static unsafe partial class CrashHandler
{
    private const int Abort = 6;
    private const int PageBytes = 4096;
    private const int ReadWrite = 3;
    private const int ReadExecute = 5;
    private const int PrivateAnonymous = 0x22;

    private static readonly (int Number, string Name)[] Signals =
    [
        (4, "SIGILL"),
        (Abort, "SIGABRT"),
        (7, "SIGBUS"),
        (8, "SIGFPE"),
        (11, "SIGSEGV"),
    ];

    /// <summary>The kernel's number of the calling thread.</summary>
    public static int ThreadNumber => GetThreadNumber();

    /// <summary>Puts the handler in place, on processors it has code for (x86-64). Once, at the start of the program.</summary>
    public static void Install()
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64 || !OperatingSystem.IsLinux())
            return;
        nint page = Map(0, PageBytes, ReadWrite, PrivateAnonymous, -1, 0);
        if (page == -1)
            return;

        var code = new Span<byte>((byte*)page, PageBytes);
        int at = 0;
        Span<SignalAction> actions = stackalloc SignalAction[Signals.Length];
        for (int i = 0; i < Signals.Length; i++)
        {
            // A signal that the runtime does not look at keeps its default action.
            if (GetAction(Signals[i].Number, 0, out actions[i]) != 0 || actions[i].Handler is 0 or 1)
                continue;
            nint before = actions[i].Handler;
            actions[i].Handler = page + at;
            at += Emit(
                code[at..],
                before,
                CrashSlots.Make($"error: {Signals[i].Name} ends the program"),
                comesFirst: Signals[i].Number == Abort
            );
        }

        if (Protect(page, PageBytes, ReadExecute) != 0)
            return;
        for (int i = 0; i < Signals.Length; i++)
        {
            if (actions[i].Handler > 1)
                _ = SetAction(Signals[i].Number, in actions[i], 0);
        }
    }

    // An abort does not come back from the runtime's handler: there the line comes first.
    private static int Emit(Span<byte> code, nint before, CrashText signal, bool comesFirst)
    {
        var writer = new CodeWriter(code);
        if (comesFirst)
        {
            writer.Put([0x57, 0x56, 0x52]); // push rdi, rsi, rdx
            WriteLine(ref writer, signal);
            writer.Put([0x5A, 0x5E, 0x5F]); // pop rdx, rsi, rdi
            writer.Put([0x48, 0xB8], before); // mov rax, before
            writer.Put([0xFF, 0xE0]); // jmp rax
            return writer.Length;
        }

        writer.Put([0x48, 0x83, 0xEC, 0x08]); // sub rsp, 8
        writer.Put([0x48, 0xB8], before); // mov rax, before
        writer.Put([0xFF, 0xD0]); // call rax
        WriteLine(ref writer, signal);
        writer.Put([0x48, 0x83, 0xC4, 0x08, 0xC3]); // add rsp, 8; ret
        return writer.Length;
    }

    private static void WriteLine(ref CodeWriter writer, CrashText signal)
    {
        writer.Put([0xB8, 186, 0, 0, 0, 0x0F, 0x05]); // mov eax, gettid; syscall
        writer.Put([0x49, 0xB8], (nint)CrashSlots.First); // mov r8, the slots
        writer.Put([0xB9], CrashSlots.Count); // mov ecx, their number
        writer.Put([0x41, 0x39, 0x00, 0x74, 0x08]); // next: cmp [r8], eax; je found
        writer.Put([0x49, 0x83, 0xC0, 0x40]); // add r8, 64
        writer.Put([0xFF, 0xC9, 0x75, 0xF3]); // dec ecx; jne next
        writer.Put([0x48, 0xB8], (nint)signal.Base); // found: mov rax, the signal's text
        writer.Put([0x49, 0x89, 0x40, 0x08]); // mov [r8+8], rax
        writer.Put([0x49, 0xC7, 0x40, 0x10], (int)signal.Length); // mov qword [r8+16], its length
        writer.Put([0xBF, 2, 0, 0, 0]); // mov edi, standard error
        writer.Put([0x49, 0x8D, 0x70, 0x08]); // lea rsi, [r8+8]
        writer.Put([0xBA, 3, 0, 0, 0]); // mov edx, 3 texts
        writer.Put([0xB8, 20, 0, 0, 0, 0x0F, 0x05]); // mov eax, writev; syscall
    }

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int GetThreadNumber();

    [LibraryImport("libc", EntryPoint = "sigaction")]
    private static partial int GetAction(int signal, nint none, out SignalAction action);

    [LibraryImport("libc", EntryPoint = "sigaction")]
    private static partial int SetAction(int signal, in SignalAction action, nint none);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint length, int protection);

    /// <summary>glibc's <c>struct sigaction</c>.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 152)]
    private struct SignalAction
    {
        public nint Handler;
    }

    private ref struct CodeWriter(Span<byte> code)
    {
        private readonly Span<byte> _code = code;

        public int Length { get; private set; }

        public void Put(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(_code[Length..]);
            Length += bytes.Length;
        }

        public void Put(ReadOnlySpan<byte> bytes, int value)
        {
            Put(bytes);
            BinaryPrimitives.WriteInt32LittleEndian(_code[Length..], value);
            Length += sizeof(int);
        }

        public void Put(ReadOnlySpan<byte> bytes, nint value)
        {
            Put(bytes);
            BinaryPrimitives.WriteInt64LittleEndian(_code[Length..], value);
            Length += sizeof(long);
        }
    }
}
