using System.Text;

namespace Spillway.Net.Protocols.Ftp;

/// <content>Commands with the replies to them, for who wants these.</content>
public sealed partial class FtpConnection<THandler>
{
    // Exchanges that wait for the connection to be recognised: a greeting and a few commands.
    private const int EarlyExchanges = 16;

    private List<FtpExchange>? _early;
    private long _exchanges;

    // What replies belong to where commands and replies are not in step: the last command, or none.
    private FtpExchange? _open;

    private FtpExchange? BeginExchange(ReadOnlySpan<byte> line)
    {
        if (!_observer.TakesExchanges)
            return null;
        ReadOnlySpan<byte> verb = FtpLine.VerbOf(line, out ReadOnlySpan<byte> argument);
        string command = Encoding.Latin1.GetString(verb).ToUpperInvariant();
        var exchange = new FtpExchange
        {
            Number = _exchanges++,
            Command = command,
            Argument = command is "PASS" or "ACCT" ? default : argument.ToArray(),
            IsCommandCut = _commands.WasCut,
        };
        if (!_isInStep)
        {
            if (_open is { } unanswered)
                Pass(unanswered);
            _open = exchange;
        }

        return exchange;
    }

    private void AddReply(ReadOnlySpan<byte> line)
    {
        if (!_observer.TakesExchanges)
            return;
        int code = FtpLine.CodeOf(line);
        Answered().Add(code, code == 0 ? line : line[Math.Min(line.Length, 4)..], _replies.WasCut);
    }

    // What a reply belongs to.
    private FtpExchange Answered()
    {
        if (_isInStep && _outstanding.TryPeek(out Outstanding first) && first.Exchange is { } exchange)
            return exchange;
        return _open ??= new FtpExchange { Number = _exchanges++ };
    }

    // The last reply has come. Before it is taken out of the row of commands.
    private void EndExchange()
    {
        if (!_observer.TakesExchanges)
            return;
        FtpExchange exchange = Answered();
        exchange.IsAnswered = true;
        if (ReferenceEquals(exchange, _open))
            _open = null;
        Pass(exchange);
    }

    // Nothing more comes.
    private void EndExchanges()
    {
        foreach (Outstanding waiting in _outstanding)
        {
            if (waiting.Exchange is { IsAnswered: false } exchange && (exchange.Command.Length > 0 || exchange.Replies.Count > 0))
                Pass(exchange);
        }

        if (_open is { } open)
            Pass(open);
        _open = null;
    }

    // Greetings look alike: nothing is passed on before the connection is recognised.
    private void Pass(FtpExchange exchange)
    {
        if (IsRecognised)
            _handler.OnExchange(_flow, exchange);
        else if ((_early ??= []).Count < EarlyExchanges)
            _early.Add(exchange);
    }

    private void PassEarly()
    {
        if (_early is not { } early)
            return;
        _early = null;
        foreach (FtpExchange exchange in early)
            _handler.OnExchange(_flow, exchange);
    }
}
