using Spillway.Net.Flows;

namespace Spillway.Net.Protocols.Http;

// Finding start lines, collecting header blocks, and knowing who is who.
public sealed partial class HttpConnection<THandler>
{
    private void ReadHeader(ref HttpStream stream, ref ReadOnlySpan<byte> data)
    {
        if (stream.PendingLength == 0)
        {
            // Empty lines before a start line (RFC 9112, section 2.2).
            int begin = data.IndexOfAnyExcept((byte)'\r', (byte)'\n');
            if (begin != 0)
            {
                data = begin < 0 ? default : data[begin..];
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
        if ((end < 0 ? data.Length : end) > _observer.Limits.MaxHeaderBytes)
        {
            DropLongHeader(ref stream, ref data);
            return;
        }

        if (end < 0)
        {
            stream.State = kind == StartLineKind.Incomplete ? HttpStreamState.Start : HttpStreamState.Header;
            HttpMessage message = stream.BeginMessage(_observer);
            message.Append(data);
            message.PendingScanned = scanned;
            data = default;
            return;
        }

        ReadOnlySpan<byte> block = data[..end];
        data = data[end..];
        OnHeader(ref stream, block);
    }

    private void ReadPending(ref HttpStream stream, ref ReadOnlySpan<byte> data)
    {
        HttpMessage message = stream.Message!;
        ReadOnlySpan<byte> added = data[..Math.Min(data.Length, _observer.Limits.MaxHeaderBytes - message.PendingLength)];
        if (added.IsEmpty)
        {
            DropLongHeader(ref stream, ref data);
            return;
        }

        message.Append(added);
        if (stream.State == HttpStreamState.Start)
        {
            StartLineKind kind = Classify(in stream, message.PendingBytes);
            if (kind == StartLineKind.None)
            {
                // What was kept is no start line; what came now is looked through on its own.
                CountGarbage(message.PendingLength - added.Length);
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

        data = data[(added.Length - (message.PendingLength - end))..];
        byte[] block = message.TakePending();
        stream.DropMessage(_observer);
        OnHeader(ref stream, block.AsSpan(0, end));
        System.Buffers.ArrayPool<byte>.Shared.Return(block);
    }

    // What begins here, of the kinds that may begin on this stream.
    private static StartLineKind Classify(in HttpStream stream, ReadOnlySpan<byte> data)
    {
        StartLineKind kind = HttpStartLine.Classify(data);
        return (kind == StartLineKind.Request && stream.Role == HttpRole.Server)
            || (kind == StartLineKind.Response && stream.Role == HttpRole.Client)
                ? StartLineKind.None
                : kind;
    }

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
        _isCounted = (_flow.State & (FlowState.SeenSyn | FlowState.SeenSynAck)) != 0;
        IsReversed = _in.Role == HttpRole.Client;
        Statistics.Connections++;
        Statistics.GarbageBytes += _garbageBefore;
        if (IsReversed)
            Statistics.RolesReversed++;
    }

    private ref HttpStream Opposite(in HttpStream stream) => ref stream.IsOut ? ref _in : ref _out;

    private void FindStart(ref HttpStream stream, ref ReadOnlySpan<byte> data)
    {
        int at = HttpStartLine.Find(data, stream.Role != HttpRole.Server, stream.Role != HttpRole.Client);
        CountGarbage(at < 0 ? data.Length : at);
        if (at >= 0)
            stream.State = HttpStreamState.Start;
        data = at < 0 ? default : data[at..];
    }

    private void CountGarbage(int length)
    {
        if (IsHttp)
            Statistics.GarbageBytes += length;
        else
            _garbageBefore += length;
    }

    private void DropLongHeader(ref HttpStream stream, ref ReadOnlySpan<byte> data)
    {
        Statistics.HeadersTooLong++;
        stream.DropMessage(_observer);

        // Searching on from here would find the rest of the line at hand; its beginning is not a start line anyway.
        int line = data.IndexOf((byte)'\n');
        data = line < 0 ? default : data[(line + 1)..];
        LoseMessages(ref stream);
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
        if (stream.State != HttpStreamState.Lost && IsHttp)
            Statistics.Resynchronisations++;
        // What stands in the place of a response that cannot be read may have been one.
        stream.MissedMessages |= stream.Role == HttpRole.Server;
        stream.State = HttpStreamState.Lost;
    }
}
