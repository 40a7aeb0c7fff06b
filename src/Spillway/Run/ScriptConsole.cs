using System.Text;
using Microsoft.Extensions.Logging;
using Spillway.Life;
using Spillway.Logging;
using Spillway.Metrics.Records;
using Spillway.Scripting;

namespace Spillway.Run;

/// <summary>
/// The words of a run and its scripts: prints on standard output (standard error if the summary is JSON), entries of the log on standard
/// error, for a terminal or the journal of systemd, and in a file if one is wanted; one at a time, whichever thread they come from. In a
/// live run nobody waits for it: see <see cref="ConsoleQueue"/>.
/// </summary>
internal sealed class ScriptConsole : IScriptOutput, IDisposable
{
    private readonly Lock _gate = new();
    private readonly Stream _prints;
    private readonly Stream _errorBytes = StandardStreams.OpenError();
    private readonly bool _printsToTerminal;
    private readonly TextWriter _errors;
    private readonly bool _isJournal = JournalStream.IsStandardError();
    private readonly ILogger _scripts;
    private readonly LogFile? _file;
    private readonly HashSet<string> _told = [];
    private readonly ConsoleQueue? _queue;
    private int _least;
    private volatile bool _isSilent;

    /// <param name="printsToError">Whether standard output is for something else.</param>
    /// <param name="level">The most verbose level of T.log that is shown.</param>
    /// <param name="isLive">Whether nobody may wait for the terminal.</param>
    /// <param name="file">A log in a file too; null for none.</param>
    /// <exception cref="IOException">That cannot be written.</exception>
    public ScriptConsole(bool printsToError, ScriptLogLevel level, bool isLive = false, LogFileOptions? file = null)
    {
        _file = file is null ? null : new LogFile(file);
        _least = (int)LevelOf(level);
        Run = new EntryLogger(isOfScript: false, () => Level, Take);
        _scripts = new EntryLogger(isOfScript: true, () => Level, Take);
        Stream stream = printsToError ? StandardStreams.OpenError() : StandardStreams.OpenOutput();
        // A terminal shows each line at once; a file or pipe gets them in blocks.
        _printsToTerminal = printsToError ? !Console.IsErrorRedirected : !Console.IsOutputRedirected;
        _prints = _printsToTerminal || printsToError ? stream : new BufferedStream(stream, 32 << 10);
        _errors = Console.Error;
        // The runtime opens standard output before it writes its first word to either stream: not when a script has taken all file
        // descriptors.
        _ = Console.Out;
        if (isLive)
            _queue = new ConsoleQueue(WriteNow, FlushNow);
    }

    /// <summary>The words of a run; null if the log's file cannot be written, which is reported.</summary>
    /// <param name="printsToError">Whether standard output is for something else.</param>
    /// <param name="options">What the run was asked to do.</param>
    public static ScriptConsole? TryOpen(bool printsToError, RunOptions options)
    {
        try
        {
            return new ScriptConsole(printsToError, options.LogLevel, options.Listens, options.LogFile);
        }
        catch (IOException exception)
        {
            Console.Error.WriteLine("error: " + SafeText.Clean(exception.Message));
            return null;
        }
    }

    /// <summary>Why prints no longer reach standard output, or null. A pipe that its reader has closed is no failure.</summary>
    public Exception? PrintFailure { get; private set; }

    /// <summary>The log of the program's own doings.</summary>
    public ILogger Run { get; }

    /// <summary>The level from which on entries of scripts are shown. Any thread.</summary>
    public LogLevel Level
    {
        get => (LogLevel)Volatile.Read(ref _least);
        set => Volatile.Write(ref _least, (int)value);
    }

    /// <summary>Lines for the user that could not be written, or not in time.</summary>
    public long LostLines => StandardStreams.LostWrites + (_queue?.Lost ?? 0) + (_file?.Lost ?? 0);

    /// <summary>Called before anything is written to the terminal, so that a progress line can make room.</summary>
    public Action? BeforeWrite { get; set; }

    /// <summary>The process ends at once: what still comes is a consequence of that, and nobody is told. Any thread.</summary>
    public void FallSilent() => _isSilent = true;

    /// <inheritdoc/>
    public void Print(string script, ReadOnlySpan<byte> line)
    {
        if (_queue is { } queue)
            queue.Add(new ConsoleEntry(ConsoleEntryKind.Print, line.ToArray(), default));
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
            queue.Add(new ConsoleEntry(ConsoleEntryKind.PrintError, text.ToArray(), default));
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
    public void Log(string script, ScriptLogLevel level, string message) => _scripts.ScriptLog(LevelOf(level), script, message);

    /// <inheritdoc/>
    public void LoadFailure(string script, string message) => _scripts.ScriptLoadFailure(script, message);

    /// <inheritdoc/>
    public void Problem(string script, string message) => _scripts.ScriptProblem(script, message);

    /// <inheritdoc/>
    public void Error(string script, string callback, string text, long repeats) =>
        _scripts.ScriptError(script, callback, repeats > 0 ? $" (and {repeats} more like it)" : "", text);

    /// <inheritdoc/>
    public void Fault(string script, Exception exception)
    {
        lock (_told)
        {
            if (!_told.Add(exception.StackTrace ?? exception.Message))
                return;
        }

        _scripts.ScriptFault(script, Life.Fault.Describe(exception));
    }

    /// <summary>Something that was asked for is not done.</summary>
    public void Error(string text) => Run.RunError(text);

    /// <summary>Something that the user should know.</summary>
    public void Warn(string text) => Run.RunWarning(text);

    /// <summary>What the run does.</summary>
    public void Notice(string text) => Run.RunNotice(text);

    /// <summary>One of the first two.</summary>
    public void Tell(bool isError, string text)
    {
        if (isError)
            Error(text);
        else
            Warn(text);
    }

    /// <summary>Before the next entry, the log's file is opened again by its name. Any thread.</summary>
    public void Reopen() => _file?.Reopen();

    // Where standard error cannot be written, a full disk say, there is no place to report it: an entry is left out and counted.
    private void Take(LogEntry entry)
    {
        if (_queue is { } queue)
            queue.Add(new ConsoleEntry(ConsoleEntryKind.Line, [], entry));
        else
            WriteNow(entry);
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

    private void WriteNow(in LogEntry entry)
    {
        lock (_gate)
        {
            if (_isSilent)
                return;
            BeforeWrite?.Invoke();
            _errors.WriteLine(SafeText.CleanLines(_isJournal ? entry.ForJournal : entry.ForTerminal));
            _file?.Write(SafeText.CleanLines(entry.ForFile));
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
        _file?.Dispose();
    }

    private void FailPrints(IOException exception)
    {
        PrintFailure = exception;
        _errors.WriteLine($"error: what scripts print cannot be written: {exception.Message}; the run goes on without it");
    }

    /// <summary>The level of the log with the name that --log-level has for it; null for the usual one.</summary>
    public static LogLevel LevelOf(string? name) =>
        name switch
        {
            "error" => LogLevel.Error,
            "info" => LogLevel.Information,
            "debug" => LogLevel.Debug,
            _ => LogLevel.Warning,
        };

    /// <summary>The level of the log that a level of T.log is.</summary>
    public static LogLevel LevelOf(ScriptLogLevel level) =>
        level switch
        {
            <= ScriptLogLevel.Error => LogLevel.Error,
            ScriptLogLevel.Warning => LogLevel.Warning,
            ScriptLogLevel.Debug => LogLevel.Debug,
            _ => LogLevel.Information,
        };

    /// <summary>Bytes as a terminal may have them: what is not UTF-8, or could act on it, is spelled out.</summary>
    internal static byte[] ForTerminal(ReadOnlySpan<byte> line) => Encoding.UTF8.GetBytes(SafeText.CleanLines(WireText.Decode(line)));
}
