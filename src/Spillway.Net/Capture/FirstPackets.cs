namespace Spillway.Net.Capture;

/// <summary>The first packets of a source, as many as are wanted; then it ends. The source stays its owner's.</summary>
/// <param name="source">Where they come from.</param>
/// <param name="most">How many are wanted.</param>
public sealed class FirstPackets(PacketSource source, long most) : PacketSource
{
    /// <inheritdoc/>
    public override string Name => source.Name;

    /// <inheritdoc/>
    public override bool IsLive => source.IsLive;

    /// <inheritdoc/>
    public override long Dropped => source.Dropped;

    /// <inheritdoc/>
    public override CaptureEnd End => Packets >= most ? CaptureEnd.EndOfFile : source.End;

    /// <inheritdoc/>
    public override string? EndMessage => Packets >= most ? null : source.EndMessage;

    /// <inheritdoc/>
    public override double? Progress => source.Progress;

    /// <inheritdoc/>
    public override SourceEvent Read(out CapturedPacket packet)
    {
        packet = default;
        if (Packets >= most)
            return SourceEvent.End;
        SourceEvent what = source.Read(out packet);
        if (what == SourceEvent.Packet)
            Packets++;
        else
            IdleNs = source.IdleNs;
        return what;
    }

    /// <inheritdoc/>
    public override void Stop() => source.Stop();

    /// <inheritdoc/>
    public override void Dispose()
    {
        // Not its source, which may go on.
    }
}
