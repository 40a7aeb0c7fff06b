using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Spillway.Life.Native;

/// <summary>
/// A FIFO (named pipe) for writing that never holds its writer up for good. To open one waits, by the system's rule, until somebody reads
/// it; here that wait ends, and so does the one for a reader that reads no further. Lines that found no reader are the caller's to count;
/// the next write looks for one again. One thread.
/// </summary>
/// <param name="path">The FIFO.</param>
/// <param name="patience">Says what may still be waited for.</param>
/// <param name="tell">Takes a line when nobody reads.</param>
internal sealed partial class Fifo(string path, FifoPatience patience, Action<string> tell) : IDisposable
{
    private const int WriteOnly = 1;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int CurrentDirectory = -100;
    private const uint TypeOnly = 1; // STATX_TYPE
    private const int StatusBytes = 256;
    private const int ModeOffset = 28;
    private const int TypeMask = 0xf000;
    private const int FifoType = 0x1000;
    private const int NoReader = 6; // ENXIO
    private const int Interrupted = 4;
    private const int Again = 11;
    private const short Writable = 4; // POLLOUT
    private const int PollMilliseconds = 50;

    private readonly long _openedAt = Environment.TickCount64;
    private int _file = -1;
    private byte[] _rest = [];
    private bool _isTold;
    private bool _hadReader;

    /// <summary>Whether there is a FIFO of this name.</summary>
    public static bool IsAt(string path)
    {
        byte[] status = new byte[StatusBytes];
        return Status(CurrentDirectory, path, 0, TypeOnly, status) == 0
            && (BitConverter.ToUInt16(status, ModeOffset) & TypeMask) == FifoType;
    }

    /// <summary>Writes whole lines.</summary>
    /// <returns>Lines that the pipe has taken whole; fewer than there are if the reader was given up.</returns>
    /// <exception cref="IOException">Nobody reads, or the reader has gone; no line was taken.</exception>
    public int Write(ReadOnlySpan<byte> lines)
    {
        Open();
        _rest = _rest[Put(_rest)..]; // what a reader has of a line is completed before the next one
        if (_rest.Length > 0)
            return 0;

        int written = Put(lines);
        if (written > 0 && lines[written - 1] != '\n')
        {
            ReadOnlySpan<byte> left = lines[written..];
            _rest = left[..(left.IndexOf((byte)'\n') + 1)].ToArray();
        }

        return lines[..written].Count((byte)'\n');
    }

    /// <summary>Closes it.</summary>
    public void Dispose()
    {
        if (_file >= 0)
            _ = Close(_file);
        _file = -1;
    }

    private void Open()
    {
        while (_file < 0)
        {
            _file = OpenAt(CurrentDirectory, path, WriteOnly | NonBlocking | CloseOnExec, 0);
            if (_file >= 0)
                break;
            int error = Marshal.GetLastPInvokeError();
            if (error == Interrupted)
                continue;
            if (error != NoReader)
                throw new IOException(new Win32Exception(error).Message);
            if (!_hadReader && patience.WaitsForReader(Environment.TickCount64 - _openedAt))
            {
                Thread.Sleep(PollMilliseconds);
                continue;
            }

            if (!_isTold)
                tell($"nobody reads the FIFO '{path}': EVE events are lost until somebody does");
            _isTold = true;
            throw new IOException("nobody reads it");
        }

        _hadReader = true;
    }

    // Bytes that the pipe has taken.
    private int Put(ReadOnlySpan<byte> bytes)
    {
        int written = 0;
        while (written < bytes.Length)
        {
            nint count = Put(_file, in MemoryMarshal.GetReference(bytes[written..]), (nuint)(bytes.Length - written));
            if (count >= 0)
            {
                written += (int)count;
                continue;
            }

            int error = Marshal.GetLastPInvokeError();
            if (error == Interrupted)
                continue;
            if (error != Again)
            {
                // Its reader has gone, and half a line with it.
                Dispose();
                _rest = [];
                throw new IOException(new Win32Exception(error).Message);
            }

            if (!patience.WaitsForRoom())
                break;
            var wish = new PollWish { File = _file, Events = Writable };
            _ = Poll(ref wish, 1, PollMilliseconds);
        }

        return written;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int directory, string path, int flags, uint mask, [Out] byte[] status);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenAt(int directory, string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Put(int file, in byte bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref PollWish wishes, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);

    private struct PollWish
    {
        public int File;
        public short Events;
        public short Found;
    }
}
