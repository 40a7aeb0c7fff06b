using System.Runtime.InteropServices;

namespace Spillway.Async.Native;

/// <summary>
/// Starts commands as <c>popen</c> and <c>system</c> do, by <c>/bin/sh -c</c>, but each in a process group of its own, so that all it has
/// started can be killed. The C library's posix_spawn shares memory with the child until it executes: as fast in a big process as in a
/// small.
/// </summary>
internal static unsafe partial class Spawn
{
    public const int Terminate = 15;
    public const int Kill = 9;

    private const int BrokenPipe = 13;
    private const int SignalSetSize = 128;
    private const int AttributesSize = 512; // of glibc: 336
    private const int FileActionsSize = 128; // of glibc: 80
    private const short SetGroup = 0x02;
    private const short SetDefaultSignals = 0x04;
    private const short SetMask = 0x08;
    private const int ByProcess = 1; // P_PID
    private const int Exited = 4; // WEXITED
    private const int LeaveZombie = 0x01000000; // WNOWAIT
    private const int DoNotWait = 1; // WNOHANG

    private const nint OpenProcessNumber = 434; // pidfd_open
    private const nint SendSignalNumber = 424; // pidfd_send_signal

    private static readonly byte* Attributes = CreateAttributes();
    private static readonly byte*** Environment = (byte***)NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), "environ");

    /// <summary>Starts a command.</summary>
    /// <param name="commandZ">For the shell, with its terminating zero byte.</param>
    /// <param name="childFile">What becomes the child's file <paramref name="childTarget"/>; negative for nothing.</param>
    /// <param name="childTarget">0 (its input) or 1 (its output). An input that is not given is <c>/dev/null</c>: a capture may come on
    /// ours.</param>
    /// <param name="markZ">A variable for its environment, <c>NAME=value</c> with its terminating zero byte: what it starts inherits
    /// that.</param>
    /// <param name="process">The process, which leads the group of the same number.</param>
    /// <returns>0, or an error number.</returns>
    public static int Start(ReadOnlySpan<byte> commandZ, int childFile, int childTarget, ReadOnlySpan<byte> markZ, out int process)
    {
        byte* actions = stackalloc byte[FileActionsSize];
        process = 0;
        int error = InitActions(actions);
        if (error != 0)
            return error;
        fixed (
            byte* shell = "/bin/sh\0"u8,
                name = "sh\0"u8,
                option = "-c\0"u8,
                command = commandZ,
                nothing = "/dev/null\0"u8,
                mark = markZ
        )
        {
            if (childFile >= 0)
                error = AddDuplicate(actions, childFile, childTarget);
            if (error == 0 && (childFile < 0 || childTarget != 0))
                error = AddOpen(actions, 0, nothing, Libc.ReadOnly, 0);
            byte** arguments = stackalloc byte*[] { name, option, command, null };
            if (error == 0)
                error = Start(shell, actions, arguments, mark, out process);
        }

        _ = DestroyActions(actions);
        return error;
    }

    // Ours may be changed by a script through the FFI, so it is read each time.
    private static int Start(byte* shell, byte* actions, byte** arguments, byte* mark, out int process)
    {
        int count = 0;
        for (byte** variable = *Environment; variable is not null && *variable is not null; variable++)
            count++;
        var environment = (byte**)NativeMemory.Alloc((nuint)(count + 2), (nuint)sizeof(byte*));
        environment[0] = mark;
        for (int i = 0; i < count; i++)
            environment[i + 1] = (*Environment)[i];
        environment[count + 1] = null;
        int error = StartProcess(out process, shell, actions, Attributes, arguments, environment);
        NativeMemory.Free(environment);
        return error;
    }

    /// <summary>A pipe whose ends no other command inherits. 0, or an error number.</summary>
    public static int Pipe(out int readEnd, out int writeEnd)
    {
        int* ends = stackalloc int[2];
        int error = CreatePipe(ends, Libc.CloseOnExec) < 0 ? Marshal.GetLastPInvokeError() : 0;
        (readEnd, writeEnd) = (ends[0], ends[1]);
        return error;
    }

    /// <summary>Waits until a process has ended, and leaves it a zombie: its number, and its group's, stay its own.</summary>
    public static void WaitForEnd(int process)
    {
        byte* info = stackalloc byte[SignalSetSize];
        while (WaitId(ByProcess, process, info, Exited | LeaveZombie) < 0 && Marshal.GetLastPInvokeError() == Errno.Interrupted) { }
    }

    /// <summary>Takes the status of a process that has ended, as <c>wait</c> gives it. False if it still runs.</summary>
    public static bool TryReap(int process, out int status)
    {
        int result;
        do result = WaitPid(process, out status, DoNotWait);
        while (result < 0 && Marshal.GetLastPInvokeError() == Errno.Interrupted);
        if (result < 0)
            status = -1;
        return result != 0;
    }

    /// <summary>Sends a signal to a group. It may be gone already.</summary>
    public static void SignalGroup(int group, int signal) => _ = SendSignal(-group, signal);

    /// <summary>
    /// A file for a process: what is sent to it reaches no other that gets its number later. Negative if it is gone (Linux 5.3).
    /// </summary>
    public static int OpenProcess(int process) => (int)SystemCall(OpenProcessNumber, process, 0, 0, 0);

    /// <summary>Sends a signal to an opened process. It may be gone already.</summary>
    public static void SignalProcess(int processFile, int signal) => _ = SystemCall(SendSignalNumber, processFile, signal, 0, 0);

    // The runtime ignores SIGPIPE, which a command would inherit: `yes | head -1` would complain instead of ending.
    private static byte* CreateAttributes()
    {
        var attributes = (byte*)NativeMemory.AllocZeroed(AttributesSize);
        byte* signals = stackalloc byte[SignalSetSize];
        _ = InitAttributes(attributes);
        _ = EmptySet(signals);
        _ = SetSignalMask(attributes, signals);
        _ = AddToSet(signals, BrokenPipe);
        _ = SetDefaults(attributes, signals);
        _ = SetProcessGroup(attributes, 0);
        _ = SetFlags(attributes, SetGroup | SetDefaultSignals | SetMask);
        return attributes;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint first, nint second, nint third, nint fourth);

    [LibraryImport("libc", EntryPoint = "posix_spawn")]
    private static partial int StartProcess(
        out int process,
        byte* path,
        byte* actions,
        byte* attributes,
        byte** arguments,
        byte** environment
    );

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static partial int InitActions(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static partial int AddDuplicate(byte* actions, int file, int target);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addopen")]
    private static partial int AddOpen(byte* actions, int target, byte* path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static partial int DestroyActions(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    private static partial int InitAttributes(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    private static partial int SetFlags(byte* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setpgroup")]
    private static partial int SetProcessGroup(byte* attributes, int group);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    private static partial int SetDefaults(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    private static partial int SetSignalMask(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "sigemptyset")]
    private static partial int EmptySet(byte* signals);

    [LibraryImport("libc", EntryPoint = "sigaddset")]
    private static partial int AddToSet(byte* signals, int signal);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    private static partial int CreatePipe(int* ends, int flags);

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    private static partial int WaitId(int kind, int process, byte* info, int options);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    private static partial int WaitPid(int process, out int status, int options);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
