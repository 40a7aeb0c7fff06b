namespace Spillway.Net.Protocols.Ftp;

/// <content>What the server replies.</content>
public sealed partial class FtpConnection<THandler>
{
    private const int Passive = 227;
    private const int ExtendedPassive = 229;
    private const int LoggedIn = 230;
    private const int TlsAccepted = 234;
    private const int FolderNamed = 257;

    private bool _hasReplied;
    private int _openCode;

    private void TakeReplyLine(ReadOnlySpan<byte> line)
    {
        int code = FtpLine.CodeOf(line);

        // A reply of several lines ends with its code and a blank (RFC 959, section 4.2); what stands between may be anything.
        bool isLast = code != 0 && (line.Length == 3 || line[3] == (byte)' ');
        if (_openCode != 0)
        {
            if (code != _openCode || !isLast)
            {
                AddReply(line);
                return;
            }

            _openCode = 0;
        }
        else if (code == 0)
        {
            if (!IsRecognised)
                Leave();
            return;
        }

        if (!_hasReplied && code == 220 && line.IndexOf("FTP"u8) >= 0)
            Recognise();
        AddReply(line);
        if (!isLast)
        {
            _openCode = code;
            return;
        }

        _hasReplied = true;
        TakeReply(code, line[Math.Min(line.Length, 4)..]);
    }

    private void TakeReply(int code, ReadOnlySpan<byte> text)
    {
        Outstanding answered = _isInStep && _outstanding.TryPeek(out Outstanding first) ? first : new Outstanding(_last, [], _request);
        if (code < 200)
        {
            if (answered.Command == FtpCommand.Transfer)
                TakePreliminary(answered.Request, code, text);
            return;
        }

        if (answered.Command == FtpCommand.Passive && _passiveOutstanding > 0)
            _passiveOutstanding--;
        if (code is Passive or ExtendedPassive)
            TakePassive(code, text);
        EndExchange();
        if (_isInStep)
            _outstanding.TryDequeue(out _);
        if (answered.Command == FtpCommand.Passive)
            AssignWaiting();
        TakeFinal(answered, code, text);
    }

    private void TakeFinal(Outstanding answered, int code, ReadOnlySpan<byte> text)
    {
        switch (answered.Command)
        {
            case FtpCommand.User or FtpCommand.Other when code == LoggedIn:
                _folder = null;
                _handler.OnLogin(_flow, _user);
                break;
            case FtpCommand.Reinitialize when code < 400:
                (_user, _folder, _isText) = ("", null, false);
                break;
            case FtpCommand.Type when code < 400 && answered.Argument.Length > 0:
                _isText = (answered.Argument[0] | 0x20) is 'a' or 'e';
                break;
            case FtpCommand.Restart when code >= 400:
                _offset = 0;
                break;
            case FtpCommand.PrintFolder when code == FolderNamed:
                _folder = FtpLine.FolderOf(text) ?? _folder;
                break;
            case FtpCommand.ChangeFolder when code < 400 && _isInStep:
                TakeFolder(answered.Argument);
                break;
            case FtpCommand.ChangeUp when code < 400:
                LeaveFolder();
                break;
            case FtpCommand.Auth when code == TlsAccepted:
                Statistics.StartTls++;
                TlsBegins = true;
                Leave();
                break;
            case FtpCommand.Transfer when answered.Request?.Transfer is { } transfer:
                transfer.Code = code;
                _handler.OnTransferEnd(transfer);
                break;
        }
    }

    private void TakePassive(int code, ReadOnlySpan<byte> text)
    {
        FtpEndpoint listener = default;
        if (code == ExtendedPassive && FtpAddress.TryReadPort(text, out ushort port))
        {
            Expect(new FtpEndpoint(ServerAddress, port, _flow.Key.IPVersion), isPassive: true);
        }
        else if (code == Passive && FtpAddress.TryReadNumbers(text, out listener))
        {
            // No address at all: a server that leaves it to the client.
            bool isUnnamed = listener.Address == 0;
            Expect(isUnnamed ? new FtpEndpoint(ServerAddress, listener.Port, _flow.Key.IPVersion) : listener, isPassive: true);
        }
        else
        {
            Statistics.BadAddresses++;
            return;
        }

        if (_observer.TakesExchanges)
            Answered().DataPort = _announced!.Listener.Port;
    }

    // The name that the server has given to a file: "FILE: name" (RFC 1123, section 4.1.2.9).
    private static void TakePreliminary(Request? request, int code, ReadOnlySpan<byte> text)
    {
        if (request?.Transfer is not { } transfer)
            return;
        transfer.Code = code;
        if (transfer.Kind == FtpTransferKind.StoreUnique && text.StartsWith("FILE: "u8))
            transfer.Name = text["FILE: ".Length..].Trim((byte)' ').ToArray();
    }
}
