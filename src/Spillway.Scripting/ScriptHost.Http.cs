using Spillway.Async;
using Spillway.Net.Flows;
using Spillway.Net.Protocols.Http;
using Spillway.Scripting.Vm;

namespace Spillway.Scripting;

/// <content>HTTP transactions and the files in them.</content>
public sealed partial class ScriptHost
{
    private long _transactions;

    /// <summary>Begins the scripts' side of an HTTP transaction.</summary>
    public ScriptTransaction OnTransaction(HttpTransaction transaction, ScriptFlow state) =>
        new(transaction, ++_transactions, state.FileExtraction);

    /// <summary>Asks the filters about a request's header; those that vote no get neither content.</summary>
    public void OnRequestHeader(ScriptTransaction transaction)
    {
        transaction.Interested = Vote(transaction, transaction.Interested, isRequest: true);
        transaction.RequestInterested = transaction.Interested;
    }

    /// <summary>Asks the filters about a response's header.</summary>
    public void OnResponseHeader(ScriptTransaction transaction) =>
        transaction.Interested = Vote(transaction, transaction.Interested, isRequest: false);

    /// <summary>Hands decoded content to the scripts that take it as chunks; empty data marks its end.</summary>
    public void OnContent(
        ScriptTransaction transaction,
        StreamDirection direction,
        ReadOnlySpan<byte> path,
        long offset,
        ReadOnlySpan<byte> data
    )
    {
        ulong interested = InterestedIn(transaction, direction);
        foreach (ScriptInstance script in _extractors)
        {
            if ((interested & script.Bit) != 0 && script.Has(ScriptCallback.OnPayloadHttp))
                script.OnHttpPayload(transaction, direction, path, offset, data);
        }
    }

    /// <summary>Hands a complete file, or chunk of a big one, to the scripts.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="direction">Whose content it is.</param>
    /// <param name="path">Absolute path.</param>
    /// <param name="length">Bytes in it.</param>
    /// <param name="isChunk">Whether it is a part of a bigger file.</param>
    /// <param name="lease">Keeps it in place; the scripts' tasks take references.</param>
    public void OnFile(
        ScriptTransaction transaction,
        StreamDirection direction,
        ReadOnlySpan<byte> path,
        long length,
        bool isChunk,
        ITaskLease lease
    )
    {
        ulong interested = InterestedIn(transaction, direction);
        foreach (ScriptInstance script in _extractors)
        {
            if ((interested & script.Bit) != 0 && script.Has(ScriptCallback.OnFileHttp))
                script.OnHttpFile(transaction, path, length, isChunk, lease);
        }
    }

    /// <summary>Hands a complete file, or chunk of a big one, to the scripts that take files whatever protocol carries them.</summary>
    /// <param name="interested">Bits of the scripts that want content of the flow.</param>
    /// <param name="flow">The flow.</param>
    /// <param name="path">Absolute path.</param>
    /// <param name="length">Bytes in it.</param>
    /// <param name="isChunk">Whether it is a part of a bigger file.</param>
    /// <param name="facts">What is known of it: names and values in UTF-8, a zero byte behind each.</param>
    /// <param name="lease">Keeps it in place; the scripts' tasks take references.</param>
    public void OnFile(
        ulong interested,
        Flow flow,
        ReadOnlySpan<byte> path,
        long length,
        bool isChunk,
        ReadOnlySpan<byte> facts,
        ITaskLease lease
    )
    {
        foreach (ScriptInstance script in _extractors)
        {
            if ((interested & script.Bit) != 0 && script.Has(ScriptCallback.OnFile))
                script.OnFile(flow, path, length, isChunk, facts, lease);
        }
    }

    /// <summary>Scripts that want one message's content, as bits.</summary>
    public static ulong InterestedIn(ScriptTransaction transaction, StreamDirection direction)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return direction == StreamDirection.ClientToServer ? transaction.RequestInterested : transaction.Interested;
    }

    private ulong Vote(ScriptTransaction transaction, ulong interested, bool isRequest)
    {
        foreach (ScriptInstance script in _extractors)
        {
            if ((interested & script.Bit) != 0 && !script.OnHttpFilter(transaction, isRequest))
                interested &= ~script.Bit;
        }

        return interested;
    }
}
