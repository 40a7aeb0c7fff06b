using System.Buffers;
using System.Globalization;
using Spillway.Metrics.Records;
using Spillway.Net.Files;
using Spillway.Net.Flows;
using Spillway.Net.Protocols.Http;
using Spillway.Scripting;

namespace Spillway.Pipeline;

/// <summary>Makes a content of a file that was joined of ranges: it is one of its own, beside the ranges.</summary>
internal static class HttpJoinedFile
{
    private const int PieceBytes = 256 << 10;

    /// <summary>Takes the file through the sink: it is hashed, stored, handed over and recorded.</summary>
    /// <param name="sink">The sink.</param>
    /// <param name="file">All its bytes.</param>
    /// <param name="transaction">The transaction that has completed it.</param>
    /// <param name="pieces">Ranges that it is joined of.</param>
    /// <param name="contentType">Its content type.</param>
    public static void Add(ContentSink sink, PiecedFile file, HttpTransaction transaction, int pieces, string contentType)
    {
        const StreamDirection direction = StreamDirection.ServerToClient;
        ContentOrigin origin = HttpOrigin.Of(transaction, direction) with
        {
            ContentType = contentType,
            Facts = [("joined", pieces.ToString(CultureInfo.InvariantCulture))],
        };
        ContentTransfer transfer = Begin(sink, transaction, origin);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(PieceBytes);
        long offset = 0;
        while (offset < file.Length)
        {
            Span<byte> next = buffer.AsSpan(0, (int)Math.Min(PieceBytes, file.Length - offset));
            if (!file.TryRead(offset, next))
                break; // the file system has failed: what is recorded says so
            sink.Write(transfer, offset, next);
            offset += next.Length;
        }

        ArrayPool<byte>.Shared.Return(buffer);
        sink.Finish(transfer, offset, sink);
        FileEnd end = offset == file.Length ? FileEnd.Joined : FileEnd.Truncated;
        sink.AddRecord(transaction, origin.Describe(sink.RecordOf(transaction.Flow, direction, transfer.File, end)), transfer.File);
    }

    private static ContentTransfer Begin(ContentSink sink, HttpTransaction transaction, ContentOrigin origin)
    {
        ulong interested = transaction.Consumer is HttpExtraction { Script: { } script }
            ? ScriptHost.InterestedIn(script, origin.Direction)
            : 0;
        Span<byte> name = stackalloc byte[FileName.MaxBytes];
        HttpHeader request = transaction.Request!;
        int length = sink.NameOf(
            name,
            request.Host,
            request.Target,
            transaction.Flow,
            transaction.Number,
            origin.Direction,
            isJoined: true
        );
        return new ContentTransfer(sink.CreateFile(name[..length], sink.TakesFiles && interested != 0), origin) { Interested = interested };
    }
}
