using System.Diagnostics;
using System.Net;

namespace Spillway.Web.Security;

/// <summary>How often a password or token may be tried: so often from one address within a minute, and so often by all.</summary>
internal sealed class LoginLimit
{
    /// <summary>Most failures from one address within a minute.</summary>
    public const int MaxFailuresOfAddress = 5;

    /// <summary>Most failures from all addresses within a minute.</summary>
    public const int MaxFailures = 60;

    private static readonly TimeSpan Span = TimeSpan.FromMinutes(1);

    private readonly Queue<(long At, string From)> _failures = new();
    private readonly Lock _gate = new();
    private readonly Func<long> _clock;

    /// <summary>Makes one.</summary>
    /// <param name="clock">Gives time stamps of <see cref="Stopwatch"/>.</param>
    public LoginLimit(Func<long>? clock = null) => _clock = clock ?? Stopwatch.GetTimestamp;

    /// <summary>Whether an address may try.</summary>
    public bool MayTry(IPAddress? from)
    {
        lock (_gate)
        {
            Forget();
            string text = Text(from);
            return _failures.Count < MaxFailures && _failures.Count(failure => failure.From == text) < MaxFailuresOfAddress;
        }
    }

    /// <summary>Counts a failure.</summary>
    public void Failed(IPAddress? from)
    {
        lock (_gate)
        {
            Forget();
            if (_failures.Count < MaxFailures)
                _failures.Enqueue((_clock(), Text(from)));
        }
    }

    private void Forget()
    {
        long now = _clock();
        while (_failures.TryPeek(out (long At, string From) oldest) && Stopwatch.GetElapsedTime(oldest.At, now) > Span)
            _failures.Dequeue();
    }

    private static string Text(IPAddress? from) => from?.ToString() ?? "";
}
