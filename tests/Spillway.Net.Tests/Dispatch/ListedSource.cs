using Spillway.Net.Capture;

namespace Spillway.Net.Tests.Dispatch;

/// <summary>A source of frames that a test lists: one each millisecond, or at times of their own; null is a pause.</summary>
internal sealed class ListedSource(IEnumerable<(byte[]? Frame, long TimestampNs)> frames, bool isLive = false) : PacketSource
{
    public const long Start = 1_700_000_000_000_000_000;

    private readonly Queue<(byte[]? Frame, long TimestampNs)> _frames = new(frames);

    public ListedSource(IEnumerable<byte[]> frames)
        : this(frames.Select((frame, i) => ((byte[]?)frame, Start + (i * 1_000_000L)))) { }

    public override string Name => "list";

    public override bool IsLive => isLive;

    public override CaptureEnd End => _frames.Count == 0 ? CaptureEnd.EndOfFile : CaptureEnd.None;

    public override string? EndMessage => null;

    public override SourceEvent Read(out CapturedPacket packet)
    {
        packet = default;
        if (!_frames.TryDequeue(out (byte[]? Frame, long TimestampNs) next))
            return SourceEvent.End;
        IdleNs = next.TimestampNs;
        if (next.Frame is not { } frame)
            return SourceEvent.Idle;
        packet = new CapturedPacket(frame, next.TimestampNs, frame.Length, LinkType.Ethernet);
        return SourceEvent.Packet;
    }

    public override void Stop() => _frames.Clear();

    public override void Dispose() => Stop();
}
