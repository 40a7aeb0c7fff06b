using System.Buffers;

namespace Spillway.Net.Protocols.Http;

// What follows where a body or the end was due: behind an accepted CONNECT, and behind a refused "Expect: 100-continue".
public sealed partial class HttpConnection<THandler>
{
    // The two speak to each other what they like: HTTP too, and then this goes on.
    private void EnterTunnel(ref HttpStream client)
    {
        IsTunnel = true;
        _probed = 0;
        _garbageBefore = 0;
        if (client.State == HttpStreamState.Tunnel)
            client.State = HttpStreamState.Start;
    }

    private void LeaveTunnel()
    {
        IsTunnel = false;
        Statistics.GarbageBytes += _garbageBefore;
    }

    // The first bytes where the body of a request with "Expect: 100-continue" is due. Has the server answered for good before any of them,
    // most clients leave the body out, and some send it all the same: a request line shows the former. True if the bytes are dealt with, or
    // another message begins.
    private bool IsHeldBack(ref HttpStream stream, ref ReadOnlySpan<byte> data)
    {
        HttpMessage message = stream.Message!;
        if (message.Transaction!.Response is null && message.PendingLength == 0)
        {
            message.AwaitsContinue = false;
            return false;
        }

        int before = message.PendingLength;
        message.Append(data);
        data = default;
        ReadOnlySpan<byte> start = message.PendingBytes;
        StartLineKind kind = before == 0 ? HttpStartLine.Classify(start) : HttpStartLine.ClassifyMore(start, before, isResponseDue: false);
        bool isOpen =
            kind == StartLineKind.Incomplete
            && start.Length < _observer.Limits.MaxHeaderBytes
            && (
                HttpStartLine.BeginsWithKnownMethod(start)
                || (
                    start.Length <= HttpStartLine.MaxMethodBytes
                    && (stream.State != HttpStreamState.Length || start.Length < message.Remaining)
                )
            );
        if (isOpen)
            return true;

        if (kind == StartLineKind.Request && HttpStartLine.HasUsualTarget(start))
            TakeAsMessage(ref stream);
        else
            TakeAsBody(ref stream);
        return true;
    }

    // No byte of a body came before the end: the request had none, if it was answered.
    private void EndAwaited(ref HttpStream stream)
    {
        HttpMessage message = stream.Message!;
        if (message.PendingLength == 0 && message.Transaction!.Response is not null)
            EndMessage(ref stream, HttpBodyEnd.NoBody);
        else
            TakeAsBody(ref stream);
    }

    private void TakeAsMessage(ref HttpStream stream)
    {
        int length = stream.PendingLength;
        byte[] held = stream.Message!.TakePending();
        EndMessage(ref stream, HttpBodyEnd.NoBody);
        StepOver(ref stream, held, length);
    }

    private void TakeAsBody(ref HttpStream stream)
    {
        HttpMessage message = stream.Message!;
        message.AwaitsContinue = false;
        int length = message.PendingLength;
        if (length > 0)
            StepOver(ref stream, message.TakePending(), length);
    }

    private void StepOver(ref HttpStream stream, byte[] held, int length)
    {
        ReadOnlySpan<byte> data = held.AsSpan(0, length);
        while (!data.IsEmpty && !IsDone)
            Step(ref stream, ref data);
        ArrayPool<byte>.Shared.Return(held);
    }
}
