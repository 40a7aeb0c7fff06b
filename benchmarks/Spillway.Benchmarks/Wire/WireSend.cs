using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Spillway.Benchmarks.Wire;

/// <summary>
/// Sends a capture into an interface at a steady rate, again and again; or writes what it would send into a capture file. Each round has
/// other clients, so that connections never meet their own past.
/// </summary>
/// <remarks>The rate is kept by the clock in steps of a millisecond. What a busy machine holds up is not caught up beyond a few
/// milliseconds: the rate that was reached stands in the result.</remarks>
internal static class WireSend
{
    private const int BatchFrames = 64;

    private static readonly TimeSpan LongestCatchUp = TimeSpan.FromMilliseconds(5);

    private static volatile bool s_isStopped;

    /// <summary>Sends, and prints what was sent as one line of JSON.</summary>
    /// <param name="target">An interface, or the path of a capture file to write (with a slash in it).</param>
    /// <param name="capture">What to send.</param>
    /// <param name="packetsPerSecond">The rate; 0 for all that goes.</param>
    /// <param name="seconds">How long; 0 sends the capture once.</param>
    /// <param name="atOnce">So many rounds at a time, a packet of each in turn; 0 sends rounds as they are, one after the other.</param>
    public static void Run(string target, string capture, double packetsPerSecond, double seconds, int atOnce)
    {
        using PosixSignalRegistration onTerm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using PosixSignalRegistration onInt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var frames = new WireFrames(capture, atOnce, onceOnly: seconds == 0);
        using IWire wire = target.Contains('/', StringComparison.Ordinal)
            ? new WireFile(target, packetsPerSecond)
            : new WireSocket(target, BatchFrames);

        // A file is written as fast as it goes: seconds are those of its packets.
        bool isPaced = packetsPerSecond > 0 && wire is WireSocket;
        long most = wire is WireFile && seconds > 0 ? (long)(packetsPerSecond * seconds) : long.MaxValue;
        long packets = 0,
            bytes = 0;
        var clock = Stopwatch.StartNew();
        double owed = 0;
        TimeSpan last = TimeSpan.Zero;
        while (!s_isStopped && packets < most && (seconds == 0 || wire is WireFile || clock.Elapsed.TotalSeconds < seconds))
        {
            int batch = BatchFrames;
            if (isPaced)
            {
                TimeSpan now = clock.Elapsed;
                owed += Math.Min((now - last).TotalSeconds, LongestCatchUp.TotalSeconds) * packetsPerSecond;
                last = now;
                if (owed < 1)
                {
                    Thread.Sleep(1);
                    continue;
                }

                batch = (int)Math.Min(owed, BatchFrames);
            }

            int taken = 0;
            while (taken < batch && frames.TryNext(wire.Slot(taken), out int length))
            {
                wire.Add(taken++, length);
                bytes += length;
            }

            wire.Send(taken);
            packets += taken;
            owed -= taken;
            if (taken < batch)
                break;
        }

        double elapsed = clock.Elapsed.TotalSeconds;
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"packets": {{packets}}, "bytes": {{bytes}}, "seconds": {{elapsed:F3}}, "rounds": {{frames.Rounds}}}"""
            )
        );
    }

    private static void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        s_isStopped = true;
    }
}
