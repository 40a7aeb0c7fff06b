using Spillway.Net.Flows;
using Spillway.Net.Protocols.Mail;
using Spillway.Net.Protocols.Mime;

namespace Spillway.Net.Protocols.Smtp;

/// <content>What the client sends: commands and messages.</content>
public sealed partial class SmtpConnection<THandler>
{
    private DotUnstuffer _dots;
    private long _chunkBytes;
    private bool _isLastChunk;
    private bool _mayGoOn;
    private int _unknownInRow;
    private long _messages;

    // The envelope of the message to come.
    private string _client = "";
    private string? _sender;
    private List<string>? _recipients;
    private int _recipientCount;

    private void ReadClient(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty && !IsDone)
        {
            switch (_state)
            {
                case SmtpClientState.Command:
                    if (_commands.TryRead(ref data, _observer.Limits.MaxLineBytes, Budget, out ReadOnlySpan<byte> line))
                        TakeCommand(line);
                    break;

                // The reply was not captured, or comes out of order. A refusal is found when it comes.
                case SmtpClientState.AfterData:
                    BeginData();
                    break;

                case SmtpClientState.Data:
                    ReadMessage(ref data);
                    break;

                case SmtpClientState.Chunk:
                    ReadChunk(ref data);
                    break;

                default:
                    GoOn(ref data);
                    break;
            }
        }
    }

    // Once the server has replied, a client begins with a command. In a connection joined in its middle, so does one that says hello or
    // begins a message.
    private void GoOn(ref ReadOnlySpan<byte> data)
    {
        if (
            !_mayGoOn
            && (
                IsRecognised
                || SmtpProbe.Look(data, out StreamDirection sender) == ProbeResult.No
                || sender != StreamDirection.ClientToServer
            )
        )
        {
            if (!IsRecognised)
                Leave();
            data = default;
            return;
        }

        Statistics.Resynchronisations += IsRecognised ? 1 : 0;
        _mayGoOn = false;
        _state = SmtpClientState.Command;
    }

    private void TakeCommand(ReadOnlySpan<byte> line)
    {
        SmtpCommand command = SmtpLine.CommandOf(line, out ReadOnlySpan<byte> argument);

        // The answers to challenges are nobody's business, and no commands.
        if (command == SmtpCommand.Unknown && _outstanding.Next == SmtpCommand.Auth)
            return;
        if (command == SmtpCommand.Unknown)
        {
            TakeUnknown();
            return;
        }

        _unknownInRow = 0;
        if (command is SmtpCommand.Hello or SmtpCommand.Mail or SmtpCommand.Recipient)
            Recognise();
        if (!IsRecognised && command is not SmtpCommand.Quit and not SmtpCommand.Other)
        {
            Leave();
            return;
        }

        _outstanding.Add(command);
        switch (command)
        {
            case SmtpCommand.Hello:
                ForgetEnvelope();
                _client = TextOf(argument);
                break;
            case SmtpCommand.Reset:
                EndMessage(MimeEnd.Truncated);
                ForgetEnvelope();
                break;
            case SmtpCommand.Mail:
                EndMessage(MimeEnd.Truncated);
                ForgetEnvelope();
                _sender = TextOf(SmtpLine.AddressOf(argument));
                break;
            case SmtpCommand.Recipient:
                AddRecipient(argument);
                break;
            case SmtpCommand.Data:
                _state = SmtpClientState.AfterData;
                break;
            case SmtpCommand.Chunk:
                BeginChunk(argument);
                break;
        }
    }

    private void TakeUnknown()
    {
        Statistics.UnknownCommands++;
        _outstanding.Add(SmtpCommand.Unknown);
        if (!IsRecognised || ++_unknownInRow >= _observer.Limits.MaxUnknownCommands)
            Leave();
    }

    private void AddRecipient(ReadOnlySpan<byte> argument)
    {
        _recipientCount++;
        _recipients ??= [];
        if (_recipients.Count < _observer.Limits.MaxRecipients)
            _recipients.Add(TextOf(SmtpLine.AddressOf(argument)));
        else
            Statistics.RecipientsDropped++;
    }

    private void ForgetEnvelope() => (_sender, _recipients, _recipientCount) = (null, null, 0);

    private void BeginData()
    {
        BeginMessage();
        _dots.Begin(takesBare: _commands.WasBare);
        _state = SmtpClientState.Data;
    }

    private void BeginMessage()
    {
        Recognise();
        Statistics.Messages++;
        var message = new MailMessage
        {
            Flow = _flow,
            Protocol = MailProtocol.Smtp,
            Direction = StreamDirection.ClientToServer,
            Number = _messages++,
            Client = _client,
            Sender = _sender ?? "",
            IsPartial = _sender is null,
        };
        message.SetRecipients(_recipients, _recipientCount);
        ForgetEnvelope();
        _mail.Begin(message);
    }

    private void ReadMessage(ref ReadOnlySpan<byte> data)
    {
        bool ended = _dots.Read(ref data, out ReadOnlySpan<byte> content);
        if (!content.IsEmpty)
            _mail.Write(content);
        if (!ended)
            return;
        _outstanding.Add(SmtpCommand.EndOfData);
        EndMessage(MimeEnd.Complete);
        _state = SmtpClientState.Command;
    }

    private void EndMessage(MimeEnd end)
    {
        if (!_mail.IsInMessage)
            return;
        bool hasGap = _mail.HasGap || end == MimeEnd.Gap;
        Statistics.WithGap += hasGap ? 1 : 0;
        Statistics.Truncated += !hasGap && end == MimeEnd.Truncated ? 1 : 0;
        _mail.End(end);
    }

    private void SkipInData(long length)
    {
        _dots.Gap();
        _mail.Gap(length);
    }

    // A wrong argument is refused, and no bytes follow it.
    private void BeginChunk(ReadOnlySpan<byte> argument)
    {
        if (!SmtpLine.TryReadChunk(argument, out _chunkBytes, out _isLastChunk))
            return;
        if (!_mail.IsInMessage)
            BeginMessage();
        _state = SmtpClientState.Chunk;
        if (_chunkBytes == 0)
            EndChunk();
    }

    private void ReadChunk(ref ReadOnlySpan<byte> data)
    {
        int length = (int)Math.Min(_chunkBytes, data.Length);
        _mail.Write(data[..length]);
        data = data[length..];
        _chunkBytes -= length;
        if (_chunkBytes == 0)
            EndChunk();
    }

    private void EndChunk()
    {
        _state = SmtpClientState.Command;
        if (_isLastChunk)
            EndMessage(MimeEnd.Complete);
    }

    private static string TextOf(ReadOnlySpan<byte> text) => MailMessage.PlainTextOf(text);
}
