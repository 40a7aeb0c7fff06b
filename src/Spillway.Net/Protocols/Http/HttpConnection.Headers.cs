using System.Buffers;
using Spillway.Net.Flows;

namespace Spillway.Net.Protocols.Http;

// Finding start lines, collecting header blocks, and knowing who is who.
public sealed partial class HttpConnection<THandler>
{
    private void ReadHeader(ref HttpStream stream, ref ReadOnlySpan<byte> data)
    {
        if (stream.PendingLength == 0)
        {
            int begin = HttpToken.SkipEmptyLines(data);
            if (begin != 0)
            {
                data = begin < 0 ? default : data[begin..];
                return;
            }

            if (IsTunnel && HttpDetector.IsOtherProtocol(stream.Direction, data))
            {
                Leave();
                return;
            }

            stream.BeginHeader(data.Length);
        }

        if (stream.PendingLength > 0)
            ReadPending(ref stream, ref data);
        else
            ReadInPlace(ref stream, ref data);
    }

    // The usual case: the whole block lies in one span.
    private void ReadInPlace(ref HttpStream stream, ref ReadOnlySpan<byte> data)
    {
        StartLineKind kind = Classify(in stream, data);
        if (kind == StartLineKind.None)
        {
            Lose(ref stream);
            return;
        }

        int scanned = 0;
        int end = kind == StartLineKind.Incomplete ? -1 : HttpHeaderParser.FindEnd(data, ref scanned);
        if (end < 0 || end > _observer.Limits.MaxHeaderBytes)
        {
            stream.State = kind == StartLineKind.Incomplete ? HttpStreamState.Start : HttpStreamState.Header;
            HttpMessage message = stream.BeginMessage(_observer);
            ReadOnlySpan<byte> first = data[..Math.Min(data.Length, _observer.Limits.MaxHeaderBytes)];
            message.Append(first);
            message.PendingScanned = Math.Min(scanned, first.Length);
            data = data[first.Length..];
            if (!data.IsEmpty)
                BeginLongHeader(ref stream);
            return;
        }

        ReadOnlySpan<byte> block = data[..end];
        data = data[end..];
        OnHeader(ref stream, block);
    }

    private void ReadPending(ref HttpStream stream, ref ReadOnlySpan<byte> data)
    {
        HttpMessage message = stream.Message!;
        int before = message.PendingLength;
        ReadOnlySpan<byte> added = data[..Math.Min(data.Length, _observer.Limits.MaxHeaderBytes - before)];
        if (added.IsEmpty)
        {
            BeginLongHeader(ref stream);
            return;
        }

        message.Append(added);
        if (stream.State == HttpStreamState.Start)
        {
            StartLineKind kind = Fitting(in stream, HttpStartLine.ClassifyMore(message.PendingBytes, before, IsResponseDue(in stream)));
            if (kind == StartLineKind.None)
            {
                // What was kept is no start line; what came now is looked through on its own.
                CountGarbage(before);
                stream.DropMessage(_observer);
                Lose(ref stream);
                return;
            }

            if (kind == StartLineKind.Incomplete)
            {
                data = data[added.Length..];
                return;
            }

            stream.State = HttpStreamState.Header;
        }

        int end = HttpHeaderParser.FindEnd(message.PendingBytes, ref message.PendingScanned);
        if (end < 0)
        {
            data = data[added.Length..];
            return;
        }

        data = data[added.Length..];
        TakePendingHeader(ref stream, end);
    }

    // The stream ends behind a header whose end more bytes were to decide: what stands behind a line of blanks.
    private void EndPendingHeader(ref HttpStream stream)
    {
        HttpMessage message = stream.Message!;
        int end = HttpHeaderParser.FindEnd(message.PendingBytes, ref message.PendingScanned, isLast: true);
        if (end > 0)
            TakePendingHeader(ref stream, end);
    }

    // What is pending behind the header comes after it: its body, or the next message.
    private void TakePendingHeader(ref HttpStream stream, int end)
    {
        int length = stream.PendingLength;
        byte[] block = stream.Message!.TakePending();
        stream.DropMessage(_observer);
        OnHeader(ref stream, block.AsSpan(0, end));
        ReadOnlySpan<byte> rest = block.AsSpan(end, length - end);
        while (!rest.IsEmpty && !IsDone)
            Step(ref stream, ref rest);
        ArrayPool<byte>.Shared.Return(block);
    }

    // What begins here, of the kinds that may begin on this stream.
    private static StartLineKind Classify(in HttpStream stream, ReadOnlySpan<byte> data) =>
        Fitting(in stream, HttpStartLine.Classify(data, IsResponseDue(in stream)));

    private static bool IsResponseDue(in HttpStream stream) => stream.Role == HttpRole.Server;

    private static StartLineKind Fitting(in HttpStream stream, StartLineKind kind) =>
        (kind == StartLineKind.Request && stream.Role == HttpRole.Server)
        || (kind == StartLineKind.Response && stream.Role == HttpRole.Client)
            ? StartLineKind.None
            : kind;

    private void OnHeader(ref HttpStream stream, ReadOnlySpan<byte> block)
    {
        stream.State = HttpStreamState.Start;
        HttpHeader? header = HttpHeaderParser.Parse(block, _observer);

        // The role may have become known by the other direction while this block was collected.
        bool unfit = header is not null && stream.Role == (header.IsRequest ? HttpRole.Server : HttpRole.Client);
        if (header is null || unfit)
        {
            CountGarbage(block.Length);
            Lose(ref stream);
            return;
        }

        if (stream.Role == HttpRole.Unknown)
            Assign(ref stream, header.IsRequest ? HttpRole.Client : HttpRole.Server);
        else if (IsTunnel)
            LeaveTunnel();

        if (header.IsRequest)
            OnRequest(ref stream, header);
        else
            OnResponse(ref stream, header);
    }

    private void Assign(ref HttpStream stream, HttpRole role)
    {
        ref HttpStream other = ref Opposite(in stream);
        stream.Role = role;
        other.Role = role == HttpRole.Client ? HttpRole.Server : HttpRole.Client;
        IsHttp = true;
        _isCounted = _kind.IsFromStart = (_flow.State & FlowState.SeenSyn) != 0;
        _isSparse = false;
        IsReversed = _in.Role == HttpRole.Client;
        Statistics.Connections++;
        Statistics.GarbageBytes += _garbageBefore;
        if (IsReversed)
            Statistics.RolesReversed++;
    }

    private ref HttpStream Opposite(in HttpStream stream) => ref stream.IsOut ? ref _in : ref _out;

    private void FindStart(ref HttpStream stream, ref ReadOnlySpan<byte> data)
    {
        int at = _isSparse
            ? (HttpStartLine.BeginsMessage(data) ? 0 : -1)
            : HttpStartLineSearch.Find(data, stream.Role != HttpRole.Server, stream.Role != HttpRole.Client);
        CountGarbage(at < 0 ? data.Length : at);
        if (at >= 0)
            stream.State = HttpStreamState.Start;
        data = at < 0 ? default : data[at..];
    }

    private void CountGarbage(int length)
    {
        if (IsSearching)
            _garbageBefore += length;
        else
            Statistics.GarbageBytes += length;
    }

    // Out of step, and messages may be missing.
    private void LoseMessages(ref HttpStream stream)
    {
        if (stream.PendingLength > 0)
        {
            Statistics.HeadersCut++;
            stream.DropMessage(_observer);
        }

        stream.MissedMessages = true;
        Lose(ref stream);
    }

    private void Lose(ref HttpStream stream)
    {
        if (stream.State != HttpStreamState.Lost && !IsSearching)
            Statistics.Resynchronisations++;
        // What stands in the place of a response that cannot be read may have been one.
        stream.MissedMessages |= stream.Role == HttpRole.Server;
        stream.State = HttpStreamState.Lost;
    }
}
