using System.Globalization;

namespace Spillway.Net.Protocols.Ftp;

/// <content>What the client asks for.</content>
public sealed partial class FtpConnection<THandler>
{
    // Commands that wait for their reply; a client that sends more at once is followed by the codes of replies alone.
    private const int OutstandingCommands = 64;

    private readonly Queue<Outstanding> _outstanding = new();
    private bool _isInStep;
    private FtpCommand _last;
    private string _user = "";
    private string? _folder;
    private bool _isText;
    private long _offset;

    // The data connection announced last, the last command that needs one, and announcements that are still to come.
    private FtpTransfer? _announced;
    private Request? _request;
    private int _passiveOutstanding;
    private bool _hasToldOfForeign;

    private void TakeCommand(ReadOnlySpan<byte> line)
    {
        FtpCommand command = FtpLine.CommandOf(line, out ReadOnlySpan<byte> argument, out FtpTransferKind kind);
        if (!IsRecognised && !MayRecognise(command))
            return;
        if (command == FtpCommand.Transfer)
            _request = new Request(kind, argument.ToArray(), _offset);
        FtpExchange? exchange = BeginExchange(line);
        AddOutstanding(command, argument, exchange);
        switch (command)
        {
            case FtpCommand.User:
                _user = TextOf(argument);
                break;
            case FtpCommand.Active:
                TakeAddress(line, argument, exchange);
                break;
            case FtpCommand.Passive:
                _passiveOutstanding++;
                break;
            case FtpCommand.Restart:
                TakeOffset(argument);
                break;
            case FtpCommand.Transfer:
                _offset = 0;
                if (_passiveOutstanding == 0)
                    Assign(_request!);
                break;
        }
    }

    // USER, LIST and RETR are commands of POP3 too: the server's reply tells them apart.
    private bool MayRecognise(FtpCommand command)
    {
        bool isFtp = command is not FtpCommand.Unknown and not FtpCommand.Other;
        bool isShared = command is FtpCommand.User or FtpCommand.Transfer or FtpCommand.Auth;
        if (isFtp && (!isShared || _hasReplied))
            Recognise();
        if (command == FtpCommand.Unknown)
            Leave();
        return !IsDone;
    }

    private void AddOutstanding(FtpCommand command, ReadOnlySpan<byte> argument, FtpExchange? exchange)
    {
        _last = command;
        if (!_isInStep)
            return;
        if (_outstanding.Count >= OutstandingCommands)
        {
            LoseStep();
            _open = exchange;
            return;
        }

        _outstanding.Enqueue(
            new Outstanding(
                command,
                command == FtpCommand.Other ? [] : argument.ToArray(),
                command == FtpCommand.Transfer ? _request : null,
                exchange
            )
        );
    }

    private void LoseStep()
    {
        EndExchanges();
        _isInStep = false;
        _outstanding.Clear();
        _passiveOutstanding = 0;
        _folder = null;
    }

    private void TakeAddress(ReadOnlySpan<byte> line, ReadOnlySpan<byte> argument, FtpExchange? exchange)
    {
        bool isRead = FtpLine.IsExtended(line)
            ? FtpAddress.TryReadExtended(argument, out FtpEndpoint listener)
            : FtpAddress.TryReadNumbers(argument, out listener);
        if (!isRead)
        {
            Statistics.BadAddresses++;
            return;
        }

        Expect(listener, isPassive: false);
        if (exchange is not null)
            (exchange.DataPort, exchange.IsActive) = (listener.Port, true);
    }

    private void Expect(FtpEndpoint listener, bool isPassive)
    {
        UInt128 own = isPassive ? ServerAddress : ClientAddress;
        bool isForeign = listener.Address != own;
        _announced = new FtpTransfer
        {
            Control = _flow,
            Listener = listener,
            OtherListener = isForeign ? listener with { Address = own, Version = _flow.Key.IPVersion } : null,
            Caller = isPassive ? ClientAddress : ServerAddress,
            IsPassive = isPassive,
            IsForeign = isForeign,
        };
        _observer.Expected.Add(_announced, _flow.LastNs);
        if (!isForeign || _hasToldOfForeign || !IsRecognised)
            return;
        _hasToldOfForeign = true;
        _handler.OnForeignAddress(_announced);
    }

    // Brings a command and its data connection together. Without an announcement the server connects to the port of the control connection.
    private void Assign(Request request)
    {
        if (request.Transfer is not null)
            return;
        if (_announced is null or { HasBegun: true, Kind: not FtpTransferKind.Unknown })
            Expect(new FtpEndpoint(ClientAddress, ClientPort, _flow.Key.IPVersion), isPassive: false);
        FtpTransfer transfer = request.Transfer = _announced!;
        (transfer.Kind, transfer.Name, transfer.Offset) = (request.Kind, request.Name, request.Offset);
        (transfer.User, transfer.Folder, transfer.IsText) = (_user, _folder, _isText);
    }

    // A client that does not wait for the announcement has sent its command already.
    private void AssignWaiting()
    {
        if (!_isInStep && _request is { } last)
            Assign(last);
        foreach (Outstanding waiting in _outstanding)
        {
            if (waiting.Request is { } request)
                Assign(request);
            if (waiting.Command is FtpCommand.Transfer or FtpCommand.Passive)
                return;
        }
    }

    private void TakeFolder(ReadOnlySpan<byte> argument)
    {
        string name = TextOf(argument).TrimEnd('/');
        if (argument.StartsWith((byte)'/'))
            _folder = name.Length == 0 ? "/" : name;
        else if (_folder is not null && name == "..")
            LeaveFolder();
        else if (_folder is not null && name.Length > 0 && name != "." && !name.Contains("..", StringComparison.Ordinal))
            _folder = _folder == "/" ? "/" + name : $"{_folder}/{name}";
        else if (name is not "" and not ".")
            _folder = null;
        if (_folder?.Length > _observer.Limits.MaxLineBytes)
            _folder = null;
    }

    private void LeaveFolder()
    {
        int slash = _folder?.LastIndexOf('/') ?? -1;
        if (slash >= 0)
            _folder = slash == 0 ? "/" : _folder![..slash];
    }

    private void TakeOffset(ReadOnlySpan<byte> argument) =>
        _offset = long.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out long offset) ? offset : 0;

    private readonly record struct Outstanding(FtpCommand Command, byte[] Argument, Request? Request = null, FtpExchange? Exchange = null);

    private sealed record Request(FtpTransferKind Kind, byte[] Name, long Offset)
    {
        public FtpTransfer? Transfer { get; set; }
    }
}
