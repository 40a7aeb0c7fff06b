using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Protocols.Mime;

namespace Spillway.Net.Protocols.Imap;

/// <content>What commands and responses say.</content>
public sealed partial class ImapConnection<THandler>
{
    // The message whose pieces are fetched one after the other, and how long the first piece was: a shorter one is the last.
    private byte[] _responseOf = [];
    private byte[] _pieceOf = [];
    private long _pieceEnd;
    private long _firstPiece;
    private bool _awaitsPiece;

    // The command that ends the observation if the server agrees to it.
    private byte[]? _leavingTag;
    private bool _leavesForTls;

    private void TakeClientLine(ref ImapStream stream, ReadOnlySpan<byte> line, bool isContinued)
    {
        if (isContinued)
            return;
        ReadOnlySpan<byte> rest = line;
        ReadOnlySpan<byte> tag = ImapLine.TakeWord(ref rest);
        ReadOnlySpan<byte> command = ImapLine.TakeWord(ref rest);
        bool isCommand = !tag.IsEmpty && ImapLine.IsCommand(command);

        // A line that is not a command answers a challenge, or ends IDLE.
        if (!isCommand)
        {
            if (!IsRecognised)
                Close();
            return;
        }

        if (!IsRecognised && !_hasGreeting)
        {
            Close();
            return;
        }

        Recognise();
        if (_server.State == ImapStreamState.Lost)
        {
            _observer.Statistics.Resynchronisations++;
            _server.State = ImapStreamState.Line;
        }

        _leavesForTls = Ascii.EqualsIgnoreCase(command, "STARTTLS"u8);
        if (_leavesForTls || Ascii.EqualsIgnoreCase(command, "COMPRESS"u8))
            _leavingTag = tag.ToArray();
        if (!stream.IsContinued || !Ascii.EqualsIgnoreCase(command, "APPEND"u8))
            return;
        BeginMessage(_appended, StreamDirection.ClientToServer);
        stream.State = ImapStreamState.Message;
    }

    private void TakeServerLine(ref ImapStream stream, ReadOnlySpan<byte> line, bool isContinued)
    {
        if (!_hasGreeting)
        {
            _hasGreeting = line.StartsWith("* OK"u8) || line.StartsWith("* PREAUTH"u8);
            if (!_hasGreeting)
                Close();
            return;
        }

        if (!isContinued)
        {
            ReadOnlySpan<byte> rest = line;
            ReadOnlySpan<byte> tag = ImapLine.TakeWord(ref rest);
            bool isRefusal = rest.StartsWith("NO"u8) || rest.StartsWith("BAD"u8);
            if (tag is not [(byte)'*' or (byte)'+'])
                TakeTagged(tag, rest.StartsWith("OK"u8), isRefusal);
            if (IsDone)
                return;
        }

        if (!stream.IsContinued)
            return;
        if (!isContinued)
            _responseOf = NumberOf(line);
        TakeFetched(ref stream, line);
    }

    // A literal in a response. Its message's number stands at the beginning of the response.
    private void TakeFetched(ref ImapStream stream, ReadOnlySpan<byte> line)
    {
        if (!ImapLine.EndsWithMessage(line, out long origin, out bool isPiece))
            return;
        bool goesOn = isPiece && _awaitsPiece && origin > 0 && origin == _pieceEnd && _responseOf.AsSpan().SequenceEqual(_pieceOf);
        if (!goesOn)
        {
            EndMessage(_fetched, MimeEnd.Truncated);
            _awaitsPiece = false;
            if (origin > 0)
                return;
            BeginMessage(_fetched, StreamDirection.ServerToClient);
            (_pieceOf, _pieceEnd, _firstPiece) = (_responseOf, 0, stream.LiteralBytes);
        }

        _pieceEnd += stream.LiteralBytes;
        _awaitsPiece = isPiece && stream.LiteralBytes >= _firstPiece && stream.LiteralBytes > 0;
        stream.State = ImapStreamState.Message;
    }

    private static byte[] NumberOf(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> rest = line;
        ImapLine.TakeWord(ref rest);
        return ImapLine.TakeWord(ref rest).ToArray();
    }

    private void TakeTagged(ReadOnlySpan<byte> tag, bool isAgreed, bool isRefused)
    {
        // A refused literal is not sent: the client goes on with a command.
        if (
            isRefused
            && _client.State is ImapStreamState.Literal or ImapStreamState.Message
            && _appended is { IsInMessage: true, HasContent: false }
        )
        {
            EndMessage(_appended, MimeEnd.Truncated);
            (_client.State, _client.IsContinued) = (ImapStreamState.Line, false);
        }

        if (_leavingTag is null || !tag.SequenceEqual(_leavingTag))
            return;
        _leavingTag = null;
        if (!isAgreed)
            return;
        TlsBegins = _leavesForTls;
        _observer.Statistics.StartTls += TlsBegins ? 1 : 0;
        Close();
    }

    private void Recognise()
    {
        if (IsRecognised)
            return;
        IsRecognised = true;
        _observer.Statistics.Connections++;
    }
}
