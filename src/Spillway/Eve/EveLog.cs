using System.Buffers;
using Spillway.Life.Native;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Records;
using Spillway.Metrics.Shards;

namespace Spillway.Eve;

/// <summary>
/// Writes the stream of events as EVE JSON, beside the store. On the metrics writer's thread: its queue bounds what waits, and its policy
/// decides what becomes of events when the output is slow.
/// </summary>
internal sealed class EveLog : IEventLog, IDisposable
{
    private const int BlockBytes = 48 << 10;

    private readonly EveOptions _options;
    private readonly GroupRegistry _groups;
    private readonly EveFile _file;
    private readonly EveLine _line;
    private readonly ArrayBufferWriter<byte> _block = new(BlockBytes * 2);
    private int _lines;

    /// <summary>Opens the output.</summary>
    /// <param name="options">What is written, and where.</param>
    /// <param name="groups">For the names of alert groups.</param>
    /// <param name="openFifo">Opens a FIFO, see <see cref="EveFile"/>.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be written.</exception>
    public EveLog(EveOptions options, GroupRegistry groups, Func<string, Fifo>? openFifo = null)
    {
        _options = options;
        _groups = groups;
        _file = new EveFile(options.Path, openFifo);
        _line = new EveLine(options.CommunityIdSeed);
    }

    /// <summary>The captures that are read, by whose places flows name theirs, from 1.</summary>
    public IReadOnlyList<string> Captures { get; init; } = [];

    /// <summary>Events written.</summary>
    public long Written => _file.Written;

    /// <summary>Bytes written.</summary>
    public long Bytes => _file.Bytes;

    /// <summary>Events that could not be written.</summary>
    public long Lost => _file.Lost;

    /// <summary>Why events could not be written; null if all could.</summary>
    public string? Fault => _file.Fault;

    /// <summary>Before the next event, the file is opened again by its name: for rotation by others. Any thread.</summary>
    public void Reopen() => _file.Reopen();

    /// <inheritdoc/>
    public void Write(EventBatch batch)
    {
        foreach (byte[] line in batch.Lines)
            Add(line);
        if (_options.Has(EveTypes.Alert))
        {
            foreach (AlertRecord alert in batch.Alerts)
                Add(EveRecords.Alert(_line, alert, _groups.FindNamedGroup(GroupKind.Alert, alert.GroupGuid)?.Name ?? alert.GroupGuid));
        }

        if (_options.Has(EveTypes.Flow))
        {
            foreach (FlowRecord flow in batch.Flows)
                Add(EveRecords.Flow(_line, in flow, _options.Ethernet, flow.Capture > 0 ? Captures[flow.Capture - 1] : null));
        }

        WriteBlock();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        _line.Dispose();
    }

    private void Add(ReadOnlySpan<byte> line)
    {
        _block.Write(line);
        _lines++;
        if (_block.WrittenCount >= BlockBytes)
            WriteBlock();
    }

    private void WriteBlock()
    {
        if (_lines == 0)
            return;
        _file.Write(_block.WrittenSpan, _lines);
        _block.ResetWrittenCount();
        _lines = 0;
    }
}
