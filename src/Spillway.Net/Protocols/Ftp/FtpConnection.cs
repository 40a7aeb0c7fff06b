using System.Text;
using Spillway.Net.Flows;

namespace Spillway.Net.Protocols.Ftp;

/// <summary>
/// Observes the control connection of FTP (RFC 959, 2428, 4217) in the two reassembled streams of one TCP connection: which data
/// connections it announces (<see cref="FtpExpectedConnections"/>), and what for. Passwords are never kept.
/// </summary>
/// <remarks>
/// The directions given may be guesses, as long as they stay the same. Behind missing bytes it goes on with the next line. Nothing on the
/// wire makes it throw; what a handler throws passes through. Not thread-safe.
/// </remarks>
/// <typeparam name="THandler">The receiver: a sealed class or a struct that refers to one.</typeparam>
public sealed partial class FtpConnection<THandler> : IStreamObserver
    where THandler : IFtpHandler
{
    private readonly Flow _flow;
    private readonly FtpObserver _observer;
    private readonly THandler _handler;
    private LineReader _commands;
    private LineReader _replies;
    private bool _skipsCommand;
    private bool _skipsReply;
    private bool _hasDirections;
    private bool _clientEnded;
    private bool _serverEnded;

    /// <summary>Creates the observer of one connection.</summary>
    public FtpConnection(Flow flow, THandler handler, FtpObserver observer)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(observer);
        _flow = flow;
        _handler = handler;
        _observer = observer;
        _isInStep = (flow.State & FlowState.SeenSyn) != 0;
        if (_isInStep)
            _outstanding.Enqueue(new Outstanding(FtpCommand.Other, [])); // the greeting answers the connection itself
    }

    /// <summary>True once it is certain that the connection is FTP.</summary>
    public bool IsRecognised { get; private set; }

    /// <summary>True if the connection shows no FTP, has turned to TLS, or has ended: it needs no more data.</summary>
    public bool IsDone { get; private set; }

    /// <summary>True if it is done because TLS begins here (AUTH).</summary>
    public bool TlsBegins { get; private set; }

    /// <summary>True if content shows that client and server are the other way round than the directions given to this object.</summary>
    public bool IsReversed { get; private set; }

    private FtpStatistics Statistics => _observer.Statistics;

    private UInt128 ClientAddress => _flow.ClientIsA != IsReversed ? _flow.Key.AddressA : _flow.Key.AddressZ;

    private UInt128 ServerAddress => _flow.ClientIsA != IsReversed ? _flow.Key.AddressZ : _flow.Key.AddressA;

    private ushort ClientPort => _flow.ClientIsA != IsReversed ? _flow.Key.PortA : _flow.Key.PortZ;

    /// <summary>Bytes of one direction, in order.</summary>
    public void OnData(StreamDirection direction, ReadOnlySpan<byte> data)
    {
        if (IsDone || data.IsEmpty)
            return;
        if (!_hasDirections)
            FindDirections(direction, data);
        bool isClient = IsFromClient(direction);
        ref LineReader lines = ref isClient ? ref _commands : ref _replies;
        ref bool skips = ref isClient ? ref _skipsCommand : ref _skipsReply;
        while (!IsDone && lines.TryRead(ref data, _observer.Limits.MaxLineBytes, _observer.Budget, out ReadOnlySpan<byte> line))
        {
            if (skips)
                skips = false;
            else if (isClient)
                TakeCommand(line);
            else
                TakeReplyLine(line);
            if (data.IsEmpty)
                return;
        }
    }

    /// <summary>Bytes of one direction are missing; its next data stands behind them.</summary>
    public void OnGap(StreamDirection direction, long length)
    {
        if (IsDone || length <= 0)
            return;
        bool isClient = IsFromClient(direction);
        (isClient ? ref _commands : ref _replies).Restart();
        (isClient ? ref _skipsCommand : ref _skipsReply) = true;
        LoseStep();
    }

    /// <summary>No more bytes will come in this direction.</summary>
    public void OnEnd(StreamDirection direction)
    {
        if (IsFromClient(direction))
            _clientEnded = true;
        else
            _serverEnded = true;
        if (_clientEnded && _serverEnded)
            Leave();
    }

    /// <summary>The connection has ended. May be called at any time, and again.</summary>
    public void Close() => Leave();

    private bool IsFromClient(StreamDirection direction) => (direction == StreamDirection.ClientToServer) != IsReversed;

    private void FindDirections(StreamDirection direction, ReadOnlySpan<byte> data)
    {
        _hasDirections = true;
        if ((_flow.State & (FlowState.SeenSyn | FlowState.SeenSynAck)) != 0)
            return;
        if (FtpProbe.Look(data, out StreamDirection sender) != ProbeResult.No)
            IsReversed = sender != direction;
    }

    private void Recognise()
    {
        if (IsRecognised)
            return;
        IsRecognised = true;
        Statistics.Connections++;
        PassEarly();
    }

    private void Leave()
    {
        if (IsDone)
            return;
        IsDone = true;
        EndExchanges();
        _early = null;
        _commands.Release(_observer.Budget);
        _replies.Release(_observer.Budget);
        if (!IsRecognised)
            Statistics.NotFtp++;
    }

    private static string TextOf(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text);
}
