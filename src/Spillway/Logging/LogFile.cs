using System.Globalization;
using System.Text;

namespace Spillway.Logging;

/// <summary>
/// A log in a file that makes way for another when it is large. A disk that is full costs lines, which are counted, and nothing else. One
/// thread at a time, except <see cref="Reopen"/>.
/// </summary>
internal sealed class LogFile : IDisposable
{
    private readonly LogFileOptions _options;
    private FileStream? _stream;
    private volatile bool _reopens;

    /// <summary>Opens the file, or appends to it.</summary>
    /// <exception cref="IOException">It cannot be written; the message says why, and what to do.</exception>
    public LogFile(LogFileOptions options)
    {
        _options = options;
        try
        {
            Open();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            string reason = exception is UnauthorizedAccessException ? "permission denied" : exception.Message.TrimEnd('.');
            throw new IOException($"the log cannot be written to '{options.Path}': {reason}; give --log-file another place", exception);
        }
    }

    /// <summary>Lines that could not be written.</summary>
    public long Lost { get; private set; }

    /// <summary>Before the next line, the file is opened again by its name: others may have moved it. Any thread.</summary>
    public void Reopen() => _reopens = true;

    /// <summary>Writes a line.</summary>
    public void Write(string line)
    {
        try
        {
            if (_reopens || _stream is null)
                OpenAgain();
            byte[] bytes = Encoding.UTF8.GetBytes(line + "\n");
            if (_stream!.Length > 0 && _stream.Length + bytes.Length > _options.FileBytes)
                Rotate();
            _stream!.Write(bytes);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Lost++;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stream?.Dispose();
        _stream = null;
    }

    private void OpenAgain()
    {
        _reopens = false;
        Dispose();
        Open();
    }

    private void Rotate()
    {
        Dispose();
        for (int number = _options.Files - 1; number >= 1; number--)
        {
            string from = number == 1 ? _options.Path : NameOf(number - 1);
            if (File.Exists(from))
                File.Move(from, NameOf(number), overwrite: true);
        }

        if (_options.Files == 1)
            File.Delete(_options.Path);
        Open();
    }

    private string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"{_options.Path}.{number}");

    // Without a buffer, a line is one write.
    private void Open() =>
        _stream = new FileStream(
            _options.Path,
            new FileStreamOptions
            {
                Mode = FileMode.Append,
                Access = FileAccess.Write,
                Share = FileShare.ReadWrite | FileShare.Delete,
                BufferSize = 0,
            }
        );
}
