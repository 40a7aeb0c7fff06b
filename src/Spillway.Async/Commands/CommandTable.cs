using System.Diagnostics;
using System.Runtime.InteropServices;
using Spillway.Async.Native;

namespace Spillway.Async.Commands;

/// <summary>Which end of a command's standard streams the caller holds.</summary>
public enum CommandPipe
{
    /// <summary>None: the command writes where the program writes.</summary>
    None,

    /// <summary>The caller reads what the command writes.</summary>
    ReadOutput,

    /// <summary>The caller writes what the command reads.</summary>
    WriteInput,
}

/// <summary>
/// The commands that one script's code has started and that have not ended. The thread that starts them is one; it, and whoever stops its
/// task, may call at the same time.
/// </summary>
/// <remarks>
/// A group is signalled under the lock, and its leader is reaped under the lock: so a number is never signalled after the system may have
/// given it to another process.
/// </remarks>
public sealed class CommandTable : IDisposable
{
    /// <summary>Most commands of one table that are not let go at a time. Whoever wants more has forgotten to close some.</summary>
    public const int MaxCommands = 256;

    /// <summary>Most commands of one table that go on after they were let go (<see cref="Release"/>).</summary>
    public const int MaxReleased = 1024;

    /// <summary>
    /// How long a command that was asked to end (SIGTERM) may take before its group is killed (SIGKILL). Once the command itself has ended,
    /// so is what it leaves of the group.
    /// </summary>
    public static readonly TimeSpan TerminationGrace = TimeSpan.FromMilliseconds(500);

    private static readonly Lock AllTablesLock = new();
    private static readonly HashSet<CommandTable> AllTables = [];

    private readonly Lock _lock = new();

    /// <summary>By process number.</summary>
    private readonly Dictionary<int, Started> _commands = [];
    private int _released;
    private bool _disposed;

    /// <summary>Makes an empty table.</summary>
    public CommandTable()
    {
        lock (AllTablesLock)
            AllTables.Add(this);
    }

    /// <summary>Commands that were started and not yet reaped.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _commands.Count;
        }
    }

    /// <summary>Kills the commands of all tables, at once: before the program ends without waiting for its workers.</summary>
    public static void KillAll()
    {
        lock (AllTablesLock)
        {
            foreach (CommandTable table in AllTables)
                table.Signal(Spawn.Kill);
        }
    }

    /// <summary>Starts a command by the shell.</summary>
    /// <param name="file">The caller's end of the pipe, which the caller closes; -1 without one.</param>
    /// <returns>The process, for <see cref="Wait"/> or <see cref="Release"/>; or an error number, negative.</returns>
    public int Start(ReadOnlySpan<byte> command, CommandPipe pipe, out int file)
    {
        file = -1;
        if (command.Contains((byte)0))
            return -Errno.Invalid;
        lock (_lock)
        {
            if (_disposed || _commands.Count - _released >= MaxCommands || _released >= MaxReleased)
                return -Errno.TryAgain;
        }

        int childFile = -1;
        if (pipe != CommandPipe.None)
        {
            int error = Spawn.Pipe(out int readEnd, out int writeEnd);
            if (error != 0)
                return -error;
            (file, childFile) = pipe == CommandPipe.ReadOutput ? (readEnd, writeEnd) : (writeEnd, readEnd);
        }

        long mark = CommandMark.Next();
        int failure = Spawn.Start(
            [.. command, 0],
            childFile,
            pipe == CommandPipe.ReadOutput ? 1 : 0,
            CommandMark.ToVariable(mark),
            out int process
        );
        if (childFile >= 0)
            Libc.Close(childFile);
        if (failure != 0)
        {
            if (file >= 0)
                Libc.Close(file);
            file = -1;
            return -failure;
        }

        lock (_lock)
            _commands.Add(process, new Started(mark, AskedAt: 0, IsReleased: false));
        return process;
    }

    /// <summary>Waits until a command has ended.</summary>
    /// <returns>Its status as <c>wait</c> and <c>system</c> give it; -1 if there is no such command.</returns>
    public int Wait(int process)
    {
        Spawn.WaitForEnd(process);
        lock (_lock)
        {
            if (!_commands.Remove(process, out Started command))
                return -1;
            if (command.IsReleased)
                _released--;

            // What it has left behind would lose its name with it.
            if (command.AskedAt != 0)
                Signal([(process, command)], Spawn.Kill);
            return Spawn.TryReap(process, out int status) ? status : -1;
        }
    }

    /// <summary>The caller has lost interest in a command. It goes on, and leaves no zombie when it ends.</summary>
    public void Release(int process)
    {
        lock (_lock)
        {
            if (!_commands.TryGetValue(process, out Started command) || command.IsReleased)
                return;
            if (Spawn.TryReap(process, out _))
            {
                _commands.Remove(process);
                return;
            }

            _commands[process] = command with { IsReleased = true };
            _released++;
        }

        ThreadPool.UnsafeQueueUserWorkItem(
            static state => state.Table.Wait(state.Process),
            (Table: this, Process: process),
            preferLocal: false
        );
    }

    /// <summary>
    /// Asks all commands and what they have started to end; those asked <see cref="TerminationGrace"/> ago are killed. Call it again until
    /// they are gone. Any thread.
    /// </summary>
    public void Terminate()
    {
        long now = Stopwatch.GetTimestamp();
        lock (_lock)
        {
            List<(int, Started)> first = [],
                late = [];
            foreach ((int process, Started command) in _commands)
            {
                if (command.AskedAt == 0)
                    first.Add((process, command));
                else if (Stopwatch.GetElapsedTime(command.AskedAt, now) >= TerminationGrace)
                    late.Add((process, command));
            }

            foreach ((int process, Started command) in first)
                _commands[process] = command with { AskedAt = now };
            Signal(first, Spawn.Terminate);
            Signal(late, Spawn.Kill);
        }
    }

    /// <summary>Kills what still runs and reaps it.</summary>
    public void Dispose()
    {
        lock (AllTablesLock)
            AllTables.Remove(this);
        int[] left;
        lock (_lock)
        {
            _disposed = true;
            left = [.. _commands.Keys];
        }

        Signal(Spawn.Kill);
        foreach (int process in left)
            Wait(process);
    }

    /// <summary>What an error number of <see cref="Start"/> means.</summary>
    public static string Describe(int errno) =>
        errno == Errno.TryAgain
            ? $"more than {MaxCommands} commands at a time: close what popen returns"
            : Marshal.GetPInvokeErrorMessage(errno);

    private void Signal(int signal)
    {
        lock (_lock)
            Signal([.. _commands.Select(entry => (entry.Key, entry.Value))], signal);
    }

    /// <summary>Under the lock. The group first, which is one call; then whatever has left it.</summary>
    private static void Signal(List<(int Process, Started Command)> commands, int signal)
    {
        foreach ((int process, _) in commands)
            Spawn.SignalGroup(process, signal);
        List<long> marks = [.. commands.Select(command => command.Command.Mark)];
        if (signal == Spawn.Kill)
            CommandMark.Kill(marks);
        else
            CommandMark.Signal(marks, signal);
    }

    /// <param name="Mark">See <see cref="CommandMark"/>.</param>
    /// <param name="AskedAt">When it was asked to end; 0 if it was not.</param>
    /// <param name="IsReleased">Whether the caller has let it go.</param>
    private readonly record struct Started(long Mark, long AskedAt, bool IsReleased);
}
