using System.Text;
using Spillway.Life;
using Spillway.Life.Native;

namespace Spillway.Eve;

/// <summary>
/// Where lines go: a file that grows, a pipe, or standard output. Whole lines only: what a full disk lets in of a block is taken back. One
/// thread, except <see cref="Reopen"/>.
/// </summary>
internal sealed class EveFile : IDisposable
{
    private readonly string _path;
    private readonly Func<string, Fifo>? _openFifo;
    private readonly bool _isTerminal;
    private Stream? _stream;
    private Fifo? _fifo;
    private volatile bool _reopens;
    private bool _isBroken;

    /// <summary>Opens it.</summary>
    /// <param name="path">The file; <c>-</c> is standard output.</param>
    /// <param name="openFifo">Opens a FIFO; without it one is opened as a file, which waits for its reader.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be written.</exception>
    public EveFile(string path, Func<string, Fifo>? openFifo = null)
    {
        _path = path;
        _openFifo = openFifo;
        _isTerminal = path == "-" && !Console.IsOutputRedirected;
        _stream = Open();
    }

    /// <summary>Lines written.</summary>
    public long Written { get; private set; }

    /// <summary>Bytes written.</summary>
    public long Bytes { get; private set; }

    /// <summary>Lines that could not be written.</summary>
    public long Lost { get; private set; }

    /// <summary>The first failure; null if there was none.</summary>
    public string? Fault { get; private set; }

    /// <summary>Before the next line, the file is opened again by its name: for rotation by others. Any thread.</summary>
    public void Reopen() => _reopens = _path != "-";

    /// <summary>Writes whole lines.</summary>
    public void Write(ReadOnlySpan<byte> lines, int count)
    {
        if (_reopens)
            OpenAgain();
        if (_fifo is not null)
        {
            WriteToFifo(lines, count);
            return;
        }

        if (_isBroken || _stream is not { } stream)
        {
            Lost += count;
            return;
        }

        long before = stream.CanSeek ? stream.Position : 0;
        try
        {
            if (_isTerminal)
                stream.Write(Encoding.UTF8.GetBytes(SafeText.InJson(Encoding.UTF8.GetString(lines))));
            else
                stream.Write(lines);
            stream.Flush();
            Written += count;
            Bytes += lines.Length;
        }
        catch (IOException exception)
        {
            Lost += count;
            Fail(exception);
            // A file may have room again later. Nobody reads a pipe again that its reader has closed.
            _isBroken = !stream.CanSeek || !TryTakeBack(stream, before);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            _stream?.Dispose();
        }
        catch (IOException exception)
        {
            Fail(exception);
        }

        _stream = null;
        _fifo?.Dispose();
        _fifo = null;
    }

    private void WriteToFifo(ReadOnlySpan<byte> lines, int count)
    {
        try
        {
            int taken = _fifo!.Write(lines);
            Written += taken;
            Bytes += lines.Length;
            if (taken == count)
                return;
            Lost += count - taken;
            Fail(new IOException("its reader reads no further"));
        }
        catch (IOException exception)
        {
            Lost += count;
            Fail(exception);
        }
    }

    private void OpenAgain()
    {
        _reopens = false;
        Dispose();
        try
        {
            _stream = Open();
            _isBroken = false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Fail(exception);
        }
    }

    private Stream? Open()
    {
        if (_openFifo is not null && Fifo.IsAt(_path))
        {
            _fifo = _openFifo(_path);
            return null;
        }

        if (_path == "-")
            return StandardOutput.Open();
        // Without a buffer, a block of lines is one write.
        var stream = new FileStream(
            _path,
            new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.Write,
                Share = FileShare.ReadWrite | FileShare.Delete,
                BufferSize = 0,
            }
        );
        if (stream.CanSeek)
            stream.Seek(0, SeekOrigin.End);
        return stream;
    }

    private static bool TryTakeBack(Stream stream, long length)
    {
        try
        {
            stream.SetLength(length);
            stream.Position = length;
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private void Fail(Exception exception) =>
        Fault ??= $"EVE events cannot be written to '{(_path == "-" ? "standard output" : _path)}': {exception.Message.TrimEnd('.')}";
}
