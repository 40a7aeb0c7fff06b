namespace Spillway.Net.Capture;

/// <summary>The packets of a source that were captured between two times; all others are left out and counted. The source stays its
/// owner's.</summary>
/// <param name="source">Where they come from; their times need not be in order.</param>
/// <param name="fromNs">From this time on, nanoseconds since 1970.</param>
/// <param name="toNs">Up to this time, with it.</param>
public sealed class PacketsBetween(PacketSource source, long fromNs, long toNs) : PacketSource
{
    /// <inheritdoc/>
    public override string Name => source.Name;

    /// <inheritdoc/>
    public override bool IsLive => source.IsLive;

    /// <inheritdoc/>
    public override long Dropped => source.Dropped;

    /// <inheritdoc/>
    public override CaptureEnd End => source.End;

    /// <inheritdoc/>
    public override string? EndMessage => source.EndMessage;

    /// <inheritdoc/>
    public override double? Progress => source.Progress;

    /// <summary>Packets that were left out.</summary>
    public long LeftOut { get; private set; }

    /// <summary>The earliest time of those that were left out; <see cref="long.MaxValue"/> if there are none.</summary>
    public long FirstLeftOutNs { get; private set; } = long.MaxValue;

    /// <summary>Their latest time; <see cref="long.MinValue"/> if there are none.</summary>
    public long LastLeftOutNs { get; private set; } = long.MinValue;

    /// <inheritdoc/>
    public override SourceEvent Read(out CapturedPacket packet)
    {
        while (true)
        {
            SourceEvent what = source.Read(out packet);
            if (what != SourceEvent.Packet)
            {
                IdleNs = source.IdleNs;
                return what;
            }

            if (packet.TimestampNs >= fromNs && packet.TimestampNs <= toNs)
            {
                Packets++;
                return SourceEvent.Packet;
            }

            LeftOut++;
            FirstLeftOutNs = Math.Min(FirstLeftOutNs, packet.TimestampNs);
            LastLeftOutNs = Math.Max(LastLeftOutNs, packet.TimestampNs);
        }
    }

    /// <inheritdoc/>
    public override void Stop() => source.Stop();

    /// <inheritdoc/>
    public override void Dispose()
    {
        // Not its source, which may go on.
    }
}
