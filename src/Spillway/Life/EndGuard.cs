using System.Globalization;

namespace Spillway.Life;

/// <summary>
/// Ends the process when a run does not end by itself: a script that never returns, a pipe that nobody reads, a disk that does not answer.
/// On a thread of its own, which takes no lock that the run might hold.
/// </summary>
internal sealed class EndGuard : IDisposable
{
    /// <summary>What a run has beyond the time for its tasks: to write what it has, and to close.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    /// <summary>The least time before a run is ended that has not come to the end of its input.</summary>
    public static readonly TimeSpan Least = TimeSpan.FromSeconds(2);

    private readonly TimeSpan _limit;
    private readonly TimeSpan _grace;
    private readonly string _cause;
    private readonly ManualResetEventSlim _ended = new(false);
    private readonly int _exitCode;

    /// <summary>Begins to wait.</summary>
    /// <param name="limit">Time for the tasks. A run that has not even come to them when it is over gets no grace.</param>
    /// <param name="grace">What it has beyond that once it is past its input.</param>
    /// <param name="cause">What the run should have ended by, for the line.</param>
    /// <param name="exitCode">How the process ends.</param>
    public EndGuard(TimeSpan limit, TimeSpan grace, string cause, int exitCode = ExitCodes.Failed)
    {
        _limit = limit > Least ? limit : Least;
        _grace = grace;
        _cause = cause;
        _exitCode = exitCode;
        new Thread(Wait) { IsBackground = true, Name = "end guard" }.Start();
    }

    /// <summary>The run has ended by itself.</summary>
    public void Dispose() => _ended.Set();

    private void Wait()
    {
        TimeSpan taken = _limit;
        if (_ended.Wait(_limit))
            return;
        if (!AtWork.IsPastInput)
        {
            End(taken);
            return;
        }

        taken += _grace;
        if (!_ended.Wait(_grace))
            End(taken);
    }

    private void End(TimeSpan taken) =>
        ProcessEnd.Now(
            _exitCode,
            string.Create(
                CultureInfo.InvariantCulture,
                $"error: {taken.TotalSeconds:0.#} s after {_cause}, {AtWork.Describe()} has not ended: the process ends without it"
            )
        );
}
