using System.Collections.Concurrent;
using Spillway.Scripting.Backend;

namespace Spillway.Scripting;

/// <content>The way between the lanes, and between the two pipelines.</content>
public sealed partial class ScriptContext
{
    /// <summary>Messages of the other pipeline that may wait for a lane; further ones are dropped and counted.</summary>
    public const int MaxWaitingMessages = 100_000;

    private readonly ConcurrentQueue<ScriptRequest> _inbox = new();
    private int _waiting;
    private long _dropped;

    /// <summary>Takes messages to the scripts behind the lanes: id and text. Null if there are none. Set before the first packet.</summary>
    public Action<byte[], byte[]>? PostToBackend { get; set; }

    /// <summary>The other lanes of the run by number, whose scripts hear what this one's say. Set before the first packet.</summary>
    public IReadOnlyList<ScriptContext> Peers { get; set; } = [];

    /// <summary>Messages that found no room.</summary>
    public long DroppedMessages => Volatile.Read(ref _dropped);

    /// <summary>The engine whose scripts these are, if they are those of the metrics pipeline.</summary>
    internal BackendHost? Backend { get; init; }

    /// <summary>Start of the window that was flushed last; 0 before the first. On the metrics pipeline only.</summary>
    internal long IntervalNs { get; set; }

    /// <summary>A message of a script behind the lanes: id and text. Any thread.</summary>
    public void PostFromBackend(byte[] id, byte[] text) =>
        Post(new ScriptRequest(ScriptRequestKind.Message, id, text, [], IsReceived: true));

    /// <summary>Something for the scripts of this lane. Any thread.</summary>
    internal void Post(in ScriptRequest request)
    {
        if (Interlocked.Increment(ref _waiting) <= MaxWaitingMessages)
        {
            _inbox.Enqueue(request);
            return;
        }

        Interlocked.Decrement(ref _waiting);
        Interlocked.Increment(ref _dropped);
    }

    /// <summary>Has all other lanes do what was asked of this one.</summary>
    internal void PostToPeers(in ScriptRequest request)
    {
        if (request.IsReceived)
            return;
        foreach (ScriptContext peer in Peers)
            peer.Post(request with { IsReceived = true });
    }

    /// <summary>Takes what has come from other threads.</summary>
    internal void TakeMessages()
    {
        while (_inbox.TryDequeue(out ScriptRequest request))
        {
            Interlocked.Decrement(ref _waiting);
            Requests.Enqueue(request);
        }
    }
}
