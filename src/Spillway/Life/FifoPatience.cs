namespace Spillway.Life;

/// <summary>How long the writer of a FIFO waits for its reader. Any thread.</summary>
/// <param name="isStopping">Whether a signal has come.</param>
/// <param name="isOver">Whether the time after it is over.</param>
internal sealed class FifoPatience(Func<bool> isStopping, Func<bool> isOver)
{
    /// <summary>For the first reader: whoever starts both sides starts one of them first.</summary>
    public static readonly TimeSpan ForFirstReader = TimeSpan.FromSeconds(5);

    /// <summary>Whether somebody may still come who reads.</summary>
    /// <param name="waitedMilliseconds">Since the run wants to write.</param>
    public bool WaitsForReader(long waitedMilliseconds) => waitedMilliseconds < ForFirstReader.TotalMilliseconds && !isStopping();

    /// <summary>Whether the reader may still make room: without a signal as long as it takes.</summary>
    public bool WaitsForRoom() => !isOver();
}
