using Spillway.Net.Protocols.Mime;

namespace Spillway.Net.Protocols.Smtp;

/// <content>What the server replies, and what it says of the client's stream.</content>
public sealed partial class SmtpConnection<THandler>
{
    private const int Proceed = 354;
    private const int Challenge = 334;
    private const int Ready = 220;

    private bool _hasReplied;

    private void ReadServer(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty && !IsDone)
        {
            if (!_replies.TryRead(ref data, _observer.Limits.MaxLineBytes, Budget, out ReadOnlySpan<byte> line))
                return;
            if (_skipsReplyLine)
                _skipsReplyLine = false;
            else
                TakeReplyLine(line);
        }
    }

    private void TakeReplyLine(ReadOnlySpan<byte> line)
    {
        int code = SmtpLine.CodeOf(line, out bool isLast);
        if (code == 0 && !IsRecognised)
            Leave();
        if (code == 0 || IsDone)
            return;
        if (!_hasReplied && line.IndexOf("SMTP"u8) >= 0)
            Recognise();
        if (!isLast)
            return;
        _hasReplied = true;
        TakeReply(code);
    }

    private void TakeReply(int code)
    {
        // A challenge is no answer yet.
        if (code == Challenge)
            return;

        SmtpCommand? command = _outstanding.Next;
        _outstanding.Remove();
        switch (_state)
        {
            case SmtpClientState.AfterData when command == SmtpCommand.Data:
                if (code / 100 == 3)
                    BeginData();
                else
                    _state = SmtpClientState.Command;
                break;

            // No server replies in the middle of a message: its end is among what is missing.
            case SmtpClientState.Data when _mail.HasGap && code != Proceed && command is null or SmtpCommand.EndOfData or SmtpCommand.Data:
                EndMessage(MimeEnd.Gap);
                _state = SmtpClientState.Command;
                break;

            // What the client has sent before the refusal came was no message.
            case SmtpClientState.Data when command == SmtpCommand.Data && code >= 400:
                EndMessage(MimeEnd.Truncated);
                _state = SmtpClientState.Command;
                break;

            case SmtpClientState.Lost when code == Proceed:
                BeginData();
                break;

            case SmtpClientState.Lost:
                _mayGoOn = true;
                break;

            case SmtpClientState.Command when command == SmtpCommand.StartTls && code == Ready:
                Statistics.StartTls++;
                TlsBegins = true;
                Leave();
                break;
        }
    }
}
