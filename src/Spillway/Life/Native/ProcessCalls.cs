using System.Runtime.InteropServices;
using System.Text;

namespace Spillway.Life.Native;

/// <summary>The few system calls by which the process looks after itself. A negative result means failure.</summary>
internal static partial class ProcessCalls
{
    private const int GetFlags = 1; // F_GETFD
    private const int CloseOnExec = 1; // FD_CLOEXEC
    private const int OpenFilesLimit = 7; // RLIMIT_NOFILE
    private const int ReadOnly = 0;
    private const int WriteOnly = 1;

    /// <summary>Most files that the process may have open at a time; the largest number there is if that is not known.</summary>
    public static ulong MostOpenFiles => GetLimit(OpenFilesLimit, out Limit limit) == 0 ? limit.Now : ulong.MaxValue;

    /// <summary>
    /// Whether a descriptor was handed over by whoever started the program. What the runtime has opened since then, perhaps under the
    /// number of a standard stream that was closed, is closed on exec.
    /// </summary>
    public static bool IsInherited(int descriptor) =>
        Control(descriptor, GetFlags) is var flags && flags >= 0 && (flags & CloseOnExec) == 0;

    /// <summary>
    /// Puts a file that can be neither read nor written as its stream would be under a descriptor's number: its use stays an error.
    /// </summary>
    public static void Occupy(int descriptor)
    {
        int file = Open("/dev/null"u8, descriptor == 0 ? WriteOnly : ReadOnly, 0);
        if (file < 0)
            return;
        _ = file == descriptor ? 0 : Duplicate(file, descriptor);
    }

    /// <summary>Becomes the same program with the same arguments. Returns only if that fails.</summary>
    public static void ExecuteAgain()
    {
        string program = File.ResolveLinkTarget("/proc/self/exe", returnFinalTarget: true)!.FullName;
        string[] arguments = File.ReadAllText("/proc/self/cmdline").TrimEnd('\0').Split('\0');
        _ = Execute(program, [.. arguments, null]);
    }

    /// <summary>Writes bytes to standard error, past every lock and buffer.</summary>
    public static void WriteError(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        _ = Write(2, bytes, (nuint)bytes.Length);
    }

    /// <summary>
    /// Gives SIGHUP its usual effect, if whoever started the program has it ignored (nohup): the runtime leaves such a signal ignored,
    /// whoever registers for it. To be called just before that.
    /// </summary>
    public static void HeedHangUp()
    {
        const int hangUp = 1; // SIGHUP
        const nint usual = 0; // SIG_DFL
        const nint ignored = 1; // SIG_IGN
        Span<nint> action = stackalloc nint[64]; // struct sigaction begins with the handler, and is smaller than that everywhere
        if (GetAction(hangUp, 0, ref action[0]) == 0 && action[0] == ignored)
            _ = SetHandler(hangUp, usual);
    }

    /// <summary>Ends the process without running anything more of it.</summary>
    [LibraryImport("libc", EntryPoint = "_exit")]
    public static partial void Exit(int code);

    private static int Open(ReadOnlySpan<byte> nameZ, int flags, uint mode) => Open(in MemoryMarshal.GetReference(nameZ), flags, mode);

    [LibraryImport("libc", EntryPoint = "open")]
    private static partial int Open(in byte name, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "dup2")]
    private static partial int Duplicate(int from, int to);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int descriptor, int command);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int descriptor, [In] byte[] bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "execv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string program, [In] string?[] arguments);

    [LibraryImport("libc", EntryPoint = "sigaction")]
    private static partial int GetAction(int signal, nint changed, ref nint action);

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint SetHandler(int signal, nint handler);

    private struct Limit
    {
        public ulong Now;
        public ulong Most;
    }
}
