namespace Spillway.Net.Capture;

/// <summary>A capture file as a source: never idle, and it waits for whoever reads it.</summary>
public sealed class FileSource : PacketSource
{
    private readonly CaptureFile _file;
    private volatile bool _isStopped;

    /// <summary>Takes a file over.</summary>
    public FileSource(CaptureFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        _file = file;
        Name = CaptureSource.NameOf(file.Path);
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override CaptureEnd End => _file.End;

    /// <inheritdoc/>
    public override string? EndMessage => _file.EndMessage;

    /// <inheritdoc/>
    public override double? Progress => _file.TotalBytes is > 0 and { } total ? (double)_file.BytesRead / total : null;

    /// <inheritdoc/>
    public override SourceEvent Read(out CapturedPacket packet)
    {
        if (!_isStopped && _file.TryRead(out packet))
        {
            Packets++;
            return SourceEvent.Packet;
        }

        packet = default;
        return SourceEvent.End;
    }

    /// <inheritdoc/>
    public override void Stop() => _isStopped = true;

    /// <inheritdoc/>
    public override void Dispose() => _file.Dispose();
}
