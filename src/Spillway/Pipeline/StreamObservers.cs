using Spillway.Net.Flows;
using Spillway.Net.Protocols;

namespace Spillway.Pipeline;

/// <summary>Looks at the first bytes of a direction.</summary>
/// <param name="data">The bytes.</param>
/// <param name="sender">Who sends them, if they are of the protocol.</param>
internal delegate ProbeResult StreamProbe(ReadOnlySpan<byte> data, out StreamDirection sender);

/// <summary>A protocol of TCP streams: a line of the set.</summary>
/// <param name="Application">What flows that speak it are called.</param>
/// <param name="Probe">Looks at the first bytes.</param>
/// <param name="Begin">Makes the observer of a flow.</param>
internal sealed record StreamProtocol(FlowApplications Application, StreamProbe Probe, Func<Flow, IStreamObserver> Begin);

/// <summary>
/// The observers of one flow: all that its first bytes may belong to, until one of them is certain, or none is left. Greetings look alike.
/// </summary>
internal sealed class StreamObservers
{
    private readonly List<(FlowApplications Application, IStreamObserver Observer)> _candidates = [];

    /// <summary>Whether one is certain.</summary>
    public bool IsRecognised { get; private set; }

    /// <summary>Whether none needs more of the stream.</summary>
    public bool IsDone => _candidates.Count == 0;

    /// <summary>Whether TLS begins where the observer has ended.</summary>
    public bool TlsBegins { get; private set; }

    /// <summary>Whether client and server are the other way round than the flow has them.</summary>
    public bool IsReversed { get; private set; }

    /// <summary>Adds what the flow may speak.</summary>
    public void Add(FlowApplications application, IStreamObserver observer) => _candidates.Add((application, observer));

    /// <summary>Bytes of one direction.</summary>
    public void OnData(Flow flow, StreamDirection direction, ReadOnlySpan<byte> data)
    {
        for (int i = 0; i < _candidates.Count; i++)
        {
            _candidates[i].Observer.OnData(direction, data);
            if (Review(flow, ref i))
                return;
        }
    }

    /// <summary>Bytes of one direction are missing.</summary>
    public void OnGap(Flow flow, StreamDirection direction, long length)
    {
        for (int i = 0; i < _candidates.Count; i++)
        {
            _candidates[i].Observer.OnGap(direction, length);
            if (Review(flow, ref i))
                return;
        }
    }

    /// <summary>No more bytes will come in one direction.</summary>
    public void OnEnd(StreamDirection direction)
    {
        foreach ((_, IStreamObserver observer) in _candidates)
            observer.OnEnd(direction);
    }

    /// <summary>The flow has ended.</summary>
    public void Close()
    {
        foreach ((_, IStreamObserver observer) in _candidates)
            observer.Close();
        _candidates.Clear();
    }

    // True if the observer that was fed is certain: the others are wrong, then.
    private bool Review(Flow flow, ref int index)
    {
        (FlowApplications application, IStreamObserver observer) = _candidates[index];
        if (observer.IsRecognised)
        {
            if (!IsRecognised)
                Settle(flow, application, observer);
            TlsBegins = observer.TlsBegins;
            if (observer.IsDone)
                _candidates.Clear();
            return true;
        }

        if (observer.IsDone)
            _candidates.RemoveAt(index--);
        return false;
    }

    private void Settle(Flow flow, FlowApplications application, IStreamObserver observer)
    {
        IsRecognised = true;
        IsReversed = observer.IsReversed;
        flow.Applications |= application;
        foreach ((_, IStreamObserver other) in _candidates)
        {
            if (!ReferenceEquals(other, observer))
                other.Close();
        }

        _candidates.Clear();
        _candidates.Add((application, observer));
    }
}
