using System.Text;
using Spillway.Net.Files;
using Spillway.Net.Protocols.Http;

namespace Spillway.Pipeline;

/// <summary>
/// Joins what partial responses (206) carry into the files it is of, over one connection or several, as far as they say themselves that
/// they are of one content (<see cref="HttpRangeKey"/>). Each response stays a content by itself. One for each lane, on its thread: both
/// hosts decide the lane, so that all ranges of a file come to the same.
/// </summary>
/// <param name="sink">Takes the files.</param>
internal sealed class HttpRanges(ContentSink sink)
{
    /// <summary>Files of a lane that wait for ranges.</summary>
    public const int MaxFiles = 128;

    /// <summary>Bytes of a file that is joined.</summary>
    public const long MaxFileBytes = 256L << 20;

    /// <summary>Bytes that the ranges of all files of a lane may take up, within a quarter of the ram directory.</summary>
    public const long MaxBytes = 512L << 20;

    /// <summary>Packet time that a file waits for its next range, nanoseconds.</summary>
    public const long MaxWaitNs = 300_000_000_000;

    private const int PartialContent = 206;

    private readonly Dictionary<HttpRangeKey, HttpRangeFile> _files = [];
    private readonly LinkedList<HttpRangeFile> _byTime = [];
    private PieceBudget? _budget;

    /// <summary>Counts.</summary>
    public RangeStatistics Statistics { get; } = new();

    /// <summary>The packet time from which a file is given up; the greatest number if none waits.</summary>
    public long DueNs => _byTime.First is { } oldest ? oldest.Value.LastNs + MaxWaitNs : long.MaxValue;

    /// <summary>Begins to read a response; null if it has no ranges that could be joined.</summary>
    /// <param name="transaction">The response's transaction.</param>
    /// <param name="isReversed">Whether the client is the other end than the flow has it.</param>
    public HttpRangeBody? Begin(HttpTransaction transaction, bool isReversed)
    {
        if (transaction.Response is not { Status: PartialContent } response)
            return null;
        bool isCoded =
            response.TryGetValue("Content-Encoding"u8, out ReadOnlySpan<byte> coding)
            && !coding.IsEmpty
            && !Ascii.EqualsIgnoreCase(coding, "identity"u8);
        if (isCoded || transaction.Request is not { } request || !request.Method.SequenceEqual("GET"u8))
        {
            // A range of a coded content says nothing about what it decodes to.
            Statistics.Unplaced++;
            return null;
        }

        return HttpRangeBody.Of(this, sink.Mime, transaction, isReversed);
    }

    /// <summary>The file that a range belongs to; null if it cannot be joined.</summary>
    public HttpRangeFile? FileOf(HttpTransaction transaction, bool isReversed, string validator, ContentRange range, string contentType)
    {
        if (range.Total > MaxFileBytes)
        {
            Statistics.TooLarge++;
            return null;
        }

        if (range.Total <= 0 || HttpRangeKey.Of(transaction, isReversed, validator, range.Total) is not { } key)
        {
            Statistics.Unplaced++;
            return null;
        }

        if (!_files.TryGetValue(key, out HttpRangeFile? file))
            file = Add(key);
        if (file.Content is null)
            return null;
        Statistics.Pieces++;
        file.Pieces++;
        if (file.ContentType.Length == 0)
            file.ContentType = contentType;
        return file;
    }

    /// <summary>Bytes of a file, in their place. Once it is given up, nothing happens.</summary>
    public void Write(HttpRangeFile file, long offset, ReadOnlySpan<byte> data)
    {
        if (file.Content is not { } content)
            return;
        file.LastNs = sink.NowNs;
        _byTime.Remove(file.Place!);
        _byTime.AddLast(file.Place!);
        switch (content.Write(offset, data))
        {
            case PieceStatus.Good:
                return;
            case PieceStatus.Conflict:
                Statistics.Conflicting++;
                break;
            case PieceStatus.TooManyPieces:
                Statistics.Dropped++;
                break;
            default:
                Statistics.NoRoom++;
                break;
        }

        GiveUp(file);
    }

    /// <summary>What claims to be of a file contradicts itself: the file is given up.</summary>
    public void Contradict(HttpRangeFile file)
    {
        if (file.Content is null)
            return;
        Statistics.Conflicting++;
        GiveUp(file);
    }

    /// <summary>A response, or a part of it, has ended: if its file is complete, it goes to the sink.</summary>
    /// <param name="file">The file.</param>
    /// <param name="transaction">The transaction whose response has ended.</param>
    public void Finish(HttpRangeFile file, HttpTransaction transaction)
    {
        if (file.Content is not { IsComplete: true } content)
            return;
        Remove(file);
        file.Content = null;
        using (content)
            HttpJoinedFile.Add(sink, content, transaction, file.Pieces, file.ContentType);
        Statistics.Joined++;
    }

    /// <summary>Gives up files whose ranges have stopped coming.</summary>
    /// <param name="nowNs">Packet time; the greatest number when the input is over.</param>
    public void Expire(long nowNs)
    {
        while (_byTime.First is { } oldest && nowNs >= oldest.Value.LastNs + MaxWaitNs)
        {
            if (oldest.Value.Content is not null)
                Statistics.Incomplete++;
            GiveUp(oldest.Value);
            Remove(oldest.Value);
        }
    }

    private HttpRangeFile Add(HttpRangeKey key)
    {
        Expire(sink.NowNs);
        if (_files.Count >= MaxFiles)
        {
            HttpRangeFile oldest = _byTime.First!.Value;
            if (oldest.Content is not null)
                Statistics.Dropped++;
            GiveUp(oldest);
            Remove(oldest);
        }

        _budget ??= new PieceBudget(sink.Directory, MaxBytes);
        var file = new HttpRangeFile(key, new PiecedFile(_budget, key.Length)) { LastNs = sink.NowNs };
        file.Place = _byTime.AddLast(file);
        _files.Add(key, file);
        return file;
    }

    private void Remove(HttpRangeFile file)
    {
        _byTime.Remove(file.Place!);
        _files.Remove(file.Key);
    }

    private static void GiveUp(HttpRangeFile file)
    {
        file.Content?.Dispose();
        file.Content = null;
    }
}
