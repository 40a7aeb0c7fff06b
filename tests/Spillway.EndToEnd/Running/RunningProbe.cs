using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Spillway.EndToEnd.Running;

/// <summary>The program while it runs.</summary>
public sealed class RunningProbe : IDisposable
{
    private readonly Process _process;
    private readonly CancellationTokenSource _hang;
    private readonly TimeSpan _limit;
    private readonly Task<string> _output;
    private readonly StringBuilder _error = new();

    /// <param name="limit">Only against a hang: nothing is measured by it.</param>
    internal RunningProbe(Process process, TimeSpan limit)
    {
        _process = process;
        _limit = limit;
        _hang = new CancellationTokenSource(limit);
        _output = process.StandardOutput.ReadToEndAsync(_hang.Token);
        process.StandardInput.Close();
    }

    /// <summary>The number of the process that was started; of the program itself if that was started by exec.</summary>
    public int Id => _process.Id;

    /// <summary>Waits until the program has written a line with a text to standard error.</summary>
    public async Task Says(string text) => await Line(text);

    /// <summary>The same, and gives the line.</summary>
    public async Task<string> Line(string text)
    {
        while (await _process.StandardError.ReadLineAsync(_hang.Token) is { } line)
        {
            _error.Append(line).Append('\n');
            if (line.Contains(text, StringComparison.Ordinal))
                return line;
        }

        Assert.Fail($"the program never said '{text}', only: {_error}");
        return "";
    }

    /// <summary>Sends a signal, by the name kill(1) knows.</summary>
    public async Task Signal(string name)
    {
        using Process kill = Process.Start("kill", ["-" + name, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits for the end.</summary>
    public async Task<Outcome> End()
    {
        try
        {
            _error.Append(await _process.StandardError.ReadToEndAsync(_hang.Token));
            string output = await _output;
            await _process.WaitForExitAsync(_hang.Token);
            return new Outcome(_process.ExitCode, output, _error.ToString());
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"the program has not ended after {_limit.TotalSeconds} s; it said: {_error}");
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
        _hang.Dispose();
    }
}
