namespace Spillway.Net.Tcp;

/// <summary>Limits of a <see cref="TcpReassembler{THandler}"/>. Traffic in order is never held back and meets none of them.</summary>
public sealed record TcpReassemblerOptions
{
    /// <summary>The options with all defaults.</summary>
    public static TcpReassemblerOptions Default { get; } = new();

    /// <summary>Bytes of buffers that one stream may hold while something before them is missing: 64 KiB to 1 GiB. Default 4 MiB,
    /// about the receive window that systems grow to. When it is full the first hole is given up.</summary>
    public int MaxBytesPerStream
    {
        get;
        init => field = Check(value, 64 << 10, 1 << 30);
    } = 4 << 20;

    /// <summary>Buffers that one stream may hold: 16 to 65,536. Default 1024. Bounds the work per segment under pathological
    /// fragmentation. When it is reached the first hole is given up.</summary>
    public int MaxSegmentsPerStream
    {
        get;
        init => field = Check(value, 16, 1 << 16);
    } = 1024;

    /// <summary>Bytes of buffers that all streams of the lane may hold: 64 KiB to 64 GiB. Default 64 MiB. When it is full,
    /// the stream that has been waiting longest gives up its first hole.</summary>
    public long MaxBytes
    {
        get;
        init => field = Check(value, 64 << 10, 64L << 30);
    } = 64 << 20;

    /// <summary>
    /// Segments of the connection, in either direction, that may still pass after the receiver acknowledged missing bytes before the hole
    /// is given up: 1 to 10,000. Default 32. The receiver has the bytes, so only disorder within the capture can still bring them, and that
    /// (several receive queues, two taps merged) spans a few packets, seldom more than an interrupt's batch.
    /// </summary>
    public int AcknowledgedHoleSegments
    {
        get;
        init => field = Check(value, 1, 10_000);
    } = 32;

    /// <summary>
    /// Packet time after which an acknowledged hole is given up even if fewer segments passed: 1 millisecond to 1 hour. Default 1 second.
    /// </summary>
    public TimeSpan AcknowledgedHoleTimeout
    {
        get;
        init => field = Check(value);
    } = TimeSpan.FromSeconds(1);

    /// <summary>Packet time after which a hole is given up when no segment of the receiver was ever seen (only one direction is captured),
    /// so that no acknowledgment can tell: 1 millisecond to 1 hour. Default 10 seconds: several retransmission time-outs.</summary>
    public TimeSpan OneSidedHoleTimeout
    {
        get;
        init => field = Check(value);
    } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Packet time that bytes wait for bytes of the other direction which their sender had received before: 1 millisecond to 1 hour.
    /// Default 250 milliseconds: two taps or two queues are seldom more than 100 apart. After it the bytes that did not come count as lost.
    /// </summary>
    public TimeSpan OppositeTimeout
    {
        get;
        init => field = Check(value);
    } = TimeSpan.FromMilliseconds(250);

    private static int Check(int value, int least, int greatest) => (int)Check((long)value, least, greatest);

    private static long Check(long value, long least, long greatest) =>
        value >= least && value <= greatest
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"The limit must be {least} to {greatest}.");

    private static TimeSpan Check(TimeSpan value) =>
        value >= TimeSpan.FromMilliseconds(1) && value <= TimeSpan.FromHours(1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "The time-out must be 1 millisecond to 1 hour.");
}
