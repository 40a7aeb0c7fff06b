using System.Text;
using Spillway.Life;
using Spillway.Metrics.Records;
using Spillway.Report;
using Spillway.Scripting;

namespace Spillway.Run;

/// <summary>
/// Scripts' words on the terminal: prints on standard output (standard error if the summary is JSON), everything else on standard error,
/// one entry at a time, whichever thread it comes from. In a live run nobody waits for it: see <see cref="ConsoleQueue"/>.
/// </summary>
internal sealed class ScriptConsole : IScriptOutput, IDisposable
{
    private readonly Lock _gate = new();
    private readonly Stream _prints;
    private readonly Stream _errorBytes = StandardStreams.OpenError();
    private readonly bool _printsToTerminal;
    private readonly TextWriter _errors;
    private readonly ScriptLogLevel _level;
    private readonly HashSet<string> _told = [];
    private readonly ConsoleQueue? _queue;
    private volatile bool _isSilent;

    /// <param name="printsToError">Whether standard output is for something else.</param>
    /// <param name="level">The most verbose level of T.log that is shown.</param>
    /// <param name="isLive">Whether nobody may wait for the terminal.</param>
    public ScriptConsole(bool printsToError, ScriptLogLevel level, bool isLive = false)
    {
        Stream stream = printsToError ? StandardStreams.OpenError() : StandardStreams.OpenOutput();
        // A terminal shows each line at once; a file or pipe gets them in blocks.
        _printsToTerminal = printsToError ? !Console.IsErrorRedirected : !Console.IsOutputRedirected;
        _prints = _printsToTerminal || printsToError ? stream : new BufferedStream(stream, 32 << 10);
        _errors = Console.Error;
        // The runtime opens standard output before it writes its first word to either stream: not when a script has taken all file
        // descriptors.
        _ = Console.Out;
        _level = level;
        if (isLive)
            _queue = new ConsoleQueue(WriteNow, FlushNow);
    }

    /// <summary>Why prints no longer reach standard output, or null. A pipe that its reader has closed is no failure.</summary>
    public Exception? PrintFailure { get; private set; }

    /// <summary>Lines for the user that could not be written, or not in time.</summary>
    public long LostLines => StandardStreams.LostWrites + (_queue?.Lost ?? 0);

    /// <summary>Called before anything is written to the terminal, so that a progress line can make room.</summary>
    public Action? BeforeWrite { get; set; }

    /// <summary>The process ends at once: what still comes is a consequence of that, and nobody is told. Any thread.</summary>
    public void FallSilent() => _isSilent = true;

    /// <inheritdoc/>
    public void Print(string script, ReadOnlySpan<byte> line)
    {
        if (_queue is { } queue)
            queue.Add(new ConsoleEntry(ConsoleEntryKind.Print, line.ToArray(), ""));
        else
            PrintNow(line);
    }

    private void PrintNow(ReadOnlySpan<byte> line)
    {
        lock (_gate)
        {
            BeforeWrite?.Invoke();
            if (PrintFailure is not null || _isSilent)
                return;
            try
            {
                // What scripts print may hold what came off the wire: a file gets the very bytes, a terminal nothing that it could act on.
                if (_printsToTerminal && line.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
                    _prints.Write(ForTerminal(line));
                else
                    _prints.Write(line);
            }
            catch (IOException exception)
            {
                FailPrints(exception);
            }
        }
    }

    /// <inheritdoc/>
    public void PrintError(string script, ReadOnlySpan<byte> text)
    {
        if (_queue is { } queue)
            queue.Add(new ConsoleEntry(ConsoleEntryKind.PrintError, text.ToArray(), ""));
        else
            PrintErrorNow(text);
    }

    private void PrintErrorNow(ReadOnlySpan<byte> text)
    {
        lock (_gate)
        {
            if (_isSilent)
                return;
            BeforeWrite?.Invoke();
            if (!Console.IsErrorRedirected && text.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
                _errorBytes.Write(ForTerminal(text));
            else
                _errorBytes.Write(text);
        }
    }

    /// <inheritdoc/>
    public void Log(string script, ScriptLogLevel level, string message)
    {
        if (level <= _level)
            Write($"{LevelName(level)}: [{script}] {message}");
    }

    /// <inheritdoc/>
    public void LoadFailure(string script, string message) => Write($"error: [{script}] {message}");

    /// <inheritdoc/>
    public void Problem(string script, string message) => Write($"warning: [{script}] {message}");

    /// <inheritdoc/>
    public void Error(string script, string callback, string text, long repeats)
    {
        string more = repeats > 0 ? $" (and {repeats} more like it)" : "";
        Write($"error: [{script}] {callback}{more}: {text}");
    }

    /// <inheritdoc/>
    public void Fault(string script, Exception exception)
    {
        lock (_told)
        {
            if (!_told.Add(exception.StackTrace ?? exception.Message))
                return;
        }

        Write($"error: [{script}] {Life.Fault.Describe(exception)}");
    }

    /// <summary>
    /// A line for the user that is not a script's. Where standard error cannot be written, a full disk say, nobody can be told of it: it is
    /// left out and counted.
    /// </summary>
    public void Write(string line)
    {
        if (_queue is { } queue)
            queue.Add(new ConsoleEntry(ConsoleEntryKind.Line, [], line));
        else
            WriteNow(line);
    }

    private void WriteNow(ConsoleEntry entry)
    {
        switch (entry.Kind)
        {
            case ConsoleEntryKind.Print:
                PrintNow(entry.Bytes);
                break;
            case ConsoleEntryKind.PrintError:
                PrintErrorNow(entry.Bytes);
                break;
            default:
                WriteNow(entry.Line);
                break;
        }
    }

    private void WriteNow(string line)
    {
        lock (_gate)
        {
            if (_isSilent)
                return;
            BeforeWrite?.Invoke();
            _errors.WriteLine(SafeText.CleanLines(line));
        }
    }

    /// <summary>Brings what was printed to its destination.</summary>
    public void Flush()
    {
        // A thread that hangs in a write has the lock, too.
        if (_queue?.Drain() != false)
            FlushNow();
    }

    private void FlushNow()
    {
        lock (_gate)
        {
            if (PrintFailure is not null)
                return;
            try
            {
                _prints.Flush();
            }
            catch (IOException exception)
            {
                FailPrints(exception);
            }
        }
    }

    /// <summary>Flushes. The stream is the process's own and stays open.</summary>
    public void Dispose()
    {
        Flush();
        _queue?.Dispose();
    }

    private void FailPrints(IOException exception)
    {
        PrintFailure = exception;
        _errors.WriteLine($"error: what scripts print cannot be written: {exception.Message}; the run goes on without it");
    }

    private static string LevelName(ScriptLogLevel level) =>
        level switch
        {
            <= ScriptLogLevel.Error => "error",
            ScriptLogLevel.Warning => "warning",
            ScriptLogLevel.Debug => "debug",
            _ => "info",
        };

    /// <summary>Bytes as a terminal may have them: what is not UTF-8, or could act on it, is spelled out.</summary>
    internal static byte[] ForTerminal(ReadOnlySpan<byte> line) => Encoding.UTF8.GetBytes(SafeText.CleanLines(WireText.Decode(line)));
}
