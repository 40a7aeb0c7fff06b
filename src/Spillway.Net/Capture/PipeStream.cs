using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Spillway.Net.Capture;

/// <summary>
/// The bytes of a pipe, a FIFO, a terminal or a socket. A read that waits for them ends when another thread calls <see cref="Stop"/>, and a
/// FIFO is opened without waiting for its writer.
/// </summary>
internal sealed unsafe partial class PipeStream : ReadOnlyStream
{
    private const int Interrupted = 4;
    private const int TryAgain = 11;

    private readonly SafeFileHandle _pipe;
    private readonly SafeFileHandle _stopEvent;
    private volatile bool _isStopped;

    private PipeStream(SafeFileHandle pipe)
    {
        const int closeOnExec = 0x80000,
            nonBlocking = 0x800;
        _pipe = pipe;
        _stopEvent = new SafeFileHandle(eventfd(0, closeOnExec | nonBlocking), ownsHandle: true);
        if (!_stopEvent.IsInvalid)
            return;
        pipe.Dispose();
        throw new IOException(Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()));
    }

    /// <summary>Whether the end that was read is that of <see cref="Stop"/>.</summary>
    public bool IsStopped => _isStopped;

    /// <summary>Called by the reading thread before it waits.</summary>
    public Action? Waits { get; set; }

    /// <summary>Opens a path; null if it is a file with a length, or cannot be opened this way.</summary>
    public static PipeStream? TryOpen(string path)
    {
        const int readOnly = 0,
            nonBlocking = 0x800,
            closeOnExec = 0x80000,
            noTerminal = 0x100;
        return FromDescriptor(open(path, readOnly | nonBlocking | closeOnExec | noTerminal));
    }

    /// <summary>Takes standard input; null if it is a file with a length.</summary>
    public static PipeStream? TryOpenStandardInput()
    {
        const int duplicateCloseOnExec = 1030;
        return FromDescriptor(fcntl(0, duplicateCloseOnExec, 0));
    }

    /// <summary>Ends the reading: also one that waits gives the end at once. Any thread.</summary>
    public void Stop()
    {
        _isStopped = true;
        bool isHeld = false;
        try
        {
            _stopEvent.DangerousAddRef(ref isHeld);
            ulong one = 1;
            _ = write((int)_stopEvent.DangerousGetHandle(), &one, sizeof(ulong));
        }
        catch (ObjectDisposedException)
        {
            // Closed meanwhile: nobody reads.
        }
        finally
        {
            if (isHeld)
                _stopEvent.DangerousRelease();
        }
    }

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        int pipe = (int)_pipe.DangerousGetHandle(); // disposed by the reading thread only
        while (true)
        {
            if (!IsReadable(pipe, wait: false))
            {
                Waits?.Invoke();
                IsReadable(pipe, wait: true);
            }

            if (_isStopped)
                return 0;
            nint count;
            fixed (byte* bytes = buffer)
                count = read(pipe, bytes, buffer.Length);
            if (count >= 0)
                return (int)count;
            int error = Marshal.GetLastPInvokeError();
            if (error is not (Interrupted or TryAgain))
                throw new IOException(Marshal.GetPInvokeErrorMessage(error));
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _pipe.Dispose();
            _stopEvent.Dispose();
        }

        base.Dispose(disposing);
    }

    private static PipeStream? FromDescriptor(int descriptor)
    {
        const int fromHere = 1;
        if (descriptor < 0)
            return null;
        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (lseek(descriptor, 0, fromHere) < 0)
            return new PipeStream(handle);
        handle.Dispose();
        return null;
    }

    // An end and an error are readable too: the read tells them. A FIFO that never had a writer is not.
    private bool IsReadable(int pipe, bool wait)
    {
        const short readable = 1;
        PollWish* wanted = stackalloc PollWish[2];
        wanted[0] = new PollWish { fd = pipe, events = readable };
        wanted[1] = new PollWish { fd = (int)_stopEvent.DangerousGetHandle(), events = readable };
        return poll(wanted, 2, wait ? -1 : 0) > 0;
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int descriptor, int command, int argument);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long lseek(int descriptor, long offset, int whence);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(PollWish* wanted, nuint count, int milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int descriptor, byte* buffer, nint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, ulong* value, nint length);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollWish
    {
        public int fd;
        public short events;
        public short revents;
    }
}
