using System.ComponentModel;
using System.Diagnostics;

namespace Spillway.Net.Capture;

/// <summary>
/// What a program such as xz(1) makes of a stream: it is fed on a thread of its own and read here. What it complains of is an
/// <see cref="InvalidDataException"/> at the end of what it gave.
/// </summary>
internal sealed class DecompressorStream : ReadOnlyStream
{
    private const int BufferSize = 256 * 1024;

    private readonly string _program;
    private readonly Process _process;
    private readonly Stream _output;
    private readonly Task<string> _complaint;
    private readonly Thread _feeder;
    private bool _isOver;

    private DecompressorStream(string program, Process process, Stream source)
    {
        _program = program;
        _process = process;
        _output = process.StandardOutput.BaseStream;
        _complaint = process.StandardError.ReadToEndAsync();
        _feeder = new Thread(() => Feed(source)) { IsBackground = true, Name = "decompression" };
        _feeder.Start();
    }

    /// <summary>Starts the program.</summary>
    /// <param name="compression">What undoes the compression, and the package that it comes with.</param>
    /// <param name="source">The compressed bytes; read by another thread from here on, and not closed.</param>
    /// <param name="name">The capture, for messages.</param>
    /// <exception cref="CaptureException">The program is missing.</exception>
    public static DecompressorStream Start(Compression compression, Stream source, string name)
    {
        var start = new ProcessStartInfo(compression.Program, "-dc")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        try
        {
            return new DecompressorStream(compression.Program, Process.Start(start)!, source);
        }
        catch (Win32Exception)
        {
            throw new CaptureException(
                $"{name} is {compression.Name}-compressed, and {compression.Program} is missing: apt-get install {compression.Package}"
            );
        }
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty || _isOver)
            return 0;
        int count = _output.Read(buffer);
        if (count > 0)
            return count;
        _isOver = true;
        _process.WaitForExit();
        if (_process.ExitCode != 0)
            throw new InvalidDataException($"{_program} cannot decompress it: {LastLine(_complaint.Result)}");
        return 0;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            if (!_process.HasExited)
                _process.Kill();
            _feeder.Join();
            _process.Dispose();
        }

        base.Dispose(disposing);
    }

    private static string LastLine(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault("without a reason");

    private void Feed(Stream source)
    {
        byte[] buffer = new byte[BufferSize];
        Stream input = _process.StandardInput.BaseStream;
        try
        {
            using (input)
            {
                int count;
                while ((count = source.Read(buffer)) > 0)
                    input.Write(buffer, 0, count);
            }
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException or ObjectDisposedException)
        {
            // The program has ended, and says why; or the source has, and the program misses its end.
        }
    }
}
