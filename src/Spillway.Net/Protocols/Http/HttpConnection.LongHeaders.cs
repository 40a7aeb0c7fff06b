namespace Spillway.Net.Protocols.Http;

// Headers over the limit. They cost memory up to the limit, and the fields beyond it that nobody needs; not their message.
public sealed partial class HttpConnection<THandler>
{
    // The longest line beyond the limit that may be kept, and what all of them may add.
    private const int MaxKeptLineBytes = 1024;
    private const int MaxKeptBytes = 8 * 1024;

    // As many bytes are pending as the limit allows, and more come.
    private void BeginLongHeader(ref HttpStream stream)
    {
        Statistics.HeadersTooLong++;
        HttpMessage message = stream.Message!;
        int line = message.PendingBytes.LastIndexOf((byte)'\n') + 1;
        if (line == 0)
        {
            CountGarbage(message.PendingLength);
            stream.DropMessage(_observer);
            stream.MissedMessages = IsHttp || stream.MissedMessages;
            stream.State = HttpStreamState.LongLine;
            return;
        }

        message.KeptLength = line;
        message.IsLineCut = message.PendingLength - line > MaxKeptLineBytes;
        message.Truncate(Math.Min(message.PendingLength, line + MaxKeptLineBytes));
        stream.State = HttpStreamState.LongHeader;
    }

    private void ReadLongHeader(ref HttpStream stream, ref ReadOnlySpan<byte> data)
    {
        HttpMessage message = stream.Message!;
        while (!data.IsEmpty)
        {
            int feed = data.IndexOf((byte)'\n');
            ReadOnlySpan<byte> piece = feed < 0 ? data : data[..(feed + 1)];
            data = data[piece.Length..];
            int room = message.KeptLength + MaxKeptLineBytes - message.PendingLength;
            message.IsLineCut |= piece.Length > room;
            message.Append(piece[..Math.Min(piece.Length, room)]);
            if (feed >= 0 && EndLongLine(ref stream, message))
                return;
        }
    }

    // True if it was the empty line: the header is complete.
    private bool EndLongLine(ref HttpStream stream, HttpMessage message)
    {
        ReadOnlySpan<byte> line = message.PendingBytes[message.KeptLength..];
        bool isWhole = !message.IsLineCut;
        message.IsLineCut = false;
        if (isWhole && line.IndexOfAnyExcept((byte)'\r', (byte)'\n') < 0)
        {
            TakePendingHeader(ref stream, message.PendingLength);
            return true;
        }

        bool isKept = isWhole && message.KeptLength < _observer.Limits.MaxHeaderBytes + MaxKeptBytes && IsNeededField(line);
        if (isKept)
            message.KeptLength = message.PendingLength;
        else
            message.Truncate(message.KeptLength);
        return false;
    }

    private static bool IsNeededField(ReadOnlySpan<byte> line)
    {
        int colon = line.IndexOf((byte)':');
        return colon > 0 && KnownField.IsNeeded(line[..colon].TrimEnd(" \t"u8));
    }

    // Nothing of a start line this long is kept; what follows it is looked through for the next one.
    private void SkipLongLine(ref HttpStream stream, ref ReadOnlySpan<byte> data)
    {
        int feed = data.IndexOf((byte)'\n');
        CountGarbage(feed < 0 ? data.Length : feed + 1);
        data = feed < 0 ? default : data[(feed + 1)..];
        if (feed < 0)
            return;

        // The search has this line behind it, and the rest of its message before it.
        _probed = 0;
        Lose(ref stream);
    }
}
