using System.Globalization;
using System.Text;
using Spillway.Metrics.Records;
using Spillway.Net.Flows;
using Spillway.Net.Protocols;
using Spillway.Net.Protocols.Ftp;

namespace Spillway.Pipeline;

/// <summary>A data connection of FTP: what its sender sends is one content. Lists of files are none.</summary>
internal sealed class FtpDataObserver(Flow flow, FtpTransfer transfer, ContentSink sink) : IStreamObserver
{
    private ContentTransfer? _content;
    private StreamDirection _direction;
    private long _length;
    private bool _hasGap;

    /// <inheritdoc/>
    public bool IsRecognised => true;

    /// <inheritdoc/>
    public bool IsDone { get; private set; }

    /// <inheritdoc/>
    public bool TlsBegins => false;

    /// <inheritdoc/>
    public bool IsReversed => false;

    /// <inheritdoc/>
    public void OnData(StreamDirection direction, ReadOnlySpan<byte> data)
    {
        if (IsDone || !IsSender(direction))
            return;
        if (_content is null)
            Begin(direction);
        if (_content is not { } content || direction != _direction)
            return;
        sink.Write(content, _length, data);
        _length += data.Length;
    }

    /// <inheritdoc/>
    public void OnGap(StreamDirection direction, long length)
    {
        if (IsDone || length <= 0 || !IsSender(direction) || (_content is not null && direction != _direction))
            return;
        _hasGap = true;
        _length += Math.Min(length, int.MaxValue);
    }

    /// <inheritdoc/>
    public void OnEnd(StreamDirection direction)
    {
        if (_content is not null && direction == _direction)
            End(FileEnd.Complete);
    }

    /// <inheritdoc/>
    public void Close() => End(FileEnd.Truncated);

    // The server sends what is retrieved; of a connection whose command was not seen, who sends first.
    private bool IsSender(StreamDirection direction)
    {
        bool fromListener = direction == StreamDirection.ServerToClient;
        bool fromServer = fromListener == transfer.IsPassive;
        return transfer.Kind == FtpTransferKind.Unknown || fromServer != transfer.IsUpload;
    }

    private void Begin(StreamDirection direction)
    {
        if (!transfer.IsFile)
        {
            IsDone = true;
            return;
        }

        _direction = direction;
        string name = Encoding.UTF8.GetString(transfer.Name.Span);
        var facts = new List<(string, string)> { ("user", transfer.User), ("folder", transfer.Folder ?? "") };
        if (transfer.Offset > 0)
            facts.Add(("file_offset", transfer.Offset.ToString(CultureInfo.InvariantCulture)));
        if (transfer.IsForeign)
            facts.Add(("is_foreign", "true"));
        _content = sink.Begin(
            new ContentOrigin
            {
                Protocol = "ftp-data",
                Flow = flow,
                Direction = direction,
                Name = transfer.Name,
                Url = transfer.Folder is { } folder && !name.StartsWith('/') ? $"{folder.TrimEnd('/')}/{name}" : name,
                Method = MethodOf(transfer.Kind),
                Facts = facts,
            }
        );
    }

    private void End(FileEnd end)
    {
        if (IsDone)
            return;
        IsDone = true;
        if (_content is not { } content)
            return;
        sink.End(content, _length, _hasGap ? FileEnd.Gap : end);
        sink.Eve?.OnFtpData(content.Origin!);
    }

    private static string MethodOf(FtpTransferKind kind) =>
        kind switch
        {
            FtpTransferKind.Retrieve => "RETR",
            FtpTransferKind.Store => "STOR",
            FtpTransferKind.StoreUnique => "STOU",
            FtpTransferKind.Append => "APPE",
            _ => "",
        };
}
