namespace Spillway.Net.Protocols.Http;

// Finding start lines, collecting header blocks, and knowing who is who.
public sealed partial class HttpConnection<THandler>
{
    private void ReadHeader(HttpStream stream, ref ReadOnlySpan<byte> data)
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
        }

        if (stream.PendingLength > 0)
            ReadPending(stream, ref data);
        else
            ReadInPlace(stream, ref data);
    }

    // The usual case: the whole block lies in one span.
    private void ReadInPlace(HttpStream stream, ref ReadOnlySpan<byte> data)
    {
        StartLineKind kind = Classify(stream, data);
        if (kind == StartLineKind.None)
        {
            Lose(stream);
            return;
        }

        int scanned = 0;
        int end = kind == StartLineKind.Incomplete ? -1 : HttpHeaderParser.FindEnd(data, ref scanned);
        if (end > _observer.Limits.MaxHeaderBytes || (end < 0 && !stream.Append(data, _observer.Limits.MaxHeaderBytes)))
        {
            DropLongHeader(stream, ref data);
            return;
        }

        if (end < 0)
        {
            stream.State = kind == StartLineKind.Incomplete ? HttpStreamState.Start : HttpStreamState.Header;
            stream.PendingScanned = scanned;
            data = default;
            return;
        }

        ReadOnlySpan<byte> block = data[..end];
        data = data[end..];
        OnHeader(stream, block);
    }

    private void ReadPending(HttpStream stream, ref ReadOnlySpan<byte> data)
    {
        int limit = _observer.Limits.MaxHeaderBytes;
        ReadOnlySpan<byte> added = data[..Math.Min(data.Length, limit - stream.PendingLength)];
        if (added.IsEmpty)
        {
            DropLongHeader(stream, ref data);
            return;
        }

        stream.Append(added, limit);
        if (stream.State == HttpStreamState.Start)
        {
            StartLineKind kind = Classify(stream, stream.PendingBytes);
            if (kind == StartLineKind.None)
            {
                // What was kept is no start line; what came now is looked through on its own.
                CountGarbage(stream.PendingLength - added.Length);
                stream.DropPending();
                Lose(stream);
                return;
            }

            if (kind == StartLineKind.Incomplete)
            {
                data = data[added.Length..];
                return;
            }

            stream.State = HttpStreamState.Header;
        }

        int end = HttpHeaderParser.FindEnd(stream.PendingBytes, ref stream.PendingScanned);
        if (end < 0)
        {
            data = data[added.Length..];
            return;
        }

        data = data[(added.Length - (stream.PendingLength - end))..];
        byte[] block = stream.Pending!;
        stream.Pending = null;
        stream.DropPending();
        OnHeader(stream, block.AsSpan(0, end));
        System.Buffers.ArrayPool<byte>.Shared.Return(block);
    }

    // What begins here, of the kinds that may begin on this stream.
    private static StartLineKind Classify(HttpStream stream, ReadOnlySpan<byte> data)
    {
        StartLineKind kind = HttpStartLine.Classify(data);
        return (kind == StartLineKind.Request && stream.Role == HttpRole.Server)
            || (kind == StartLineKind.Response && stream.Role == HttpRole.Client)
                ? StartLineKind.None
                : kind;
    }

    private void OnHeader(HttpStream stream, ReadOnlySpan<byte> block)
    {
        stream.State = HttpStreamState.Start;
        HttpHeader? header = HttpHeaderParser.Parse(block, _observer);

        // The role may have become known by the other direction while this block was collected.
        bool unfit = header is not null && stream.Role == (header.IsRequest ? HttpRole.Server : HttpRole.Client);
        if (header is null || unfit)
        {
            CountGarbage(block.Length);
            Lose(stream);
            return;
        }

        if (stream.Role == HttpRole.Unknown)
            Assign(stream, header.IsRequest ? HttpRole.Client : HttpRole.Server);

        if (header.IsRequest)
            OnRequest(stream, header);
        else
            OnResponse(stream, header);
    }

    private void Assign(HttpStream stream, HttpRole role)
    {
        HttpStream other = Opposite(stream);
        stream.Role = role;
        other.Role = role == HttpRole.Client ? HttpRole.Server : HttpRole.Client;
        IsHttp = true;
        IsReversed = _in.Role == HttpRole.Client;
        _statistics.Connections++;
        _statistics.GarbageBytes += _garbageBefore;
        if (IsReversed)
            _statistics.RolesReversed++;
    }

    private HttpStream Opposite(HttpStream stream) => stream == _out ? _in : _out;

    private void FindStart(HttpStream stream, ref ReadOnlySpan<byte> data)
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
            _statistics.GarbageBytes += length;
        else
            _garbageBefore += length;
    }

    private void DropLongHeader(HttpStream stream, ref ReadOnlySpan<byte> data)
    {
        _statistics.HeadersTooLong++;
        stream.DropPending();

        // Searching on from here would find the rest of the line at hand; its beginning is not a start line anyway.
        int line = data.IndexOf((byte)'\n');
        data = line < 0 ? default : data[(line + 1)..];
        LoseMessages(stream);
    }

    // Out of step, and messages may be missing.
    private void LoseMessages(HttpStream stream)
    {
        if (stream.PendingLength > 0)
        {
            _statistics.HeadersCut++;
            stream.DropPending();
        }

        stream.MissedMessages = true;
        Lose(stream);
    }

    private void Lose(HttpStream stream)
    {
        if (stream.State != HttpStreamState.Lost && IsHttp)
            _statistics.Resynchronisations++;
        stream.State = HttpStreamState.Lost;
    }
}
