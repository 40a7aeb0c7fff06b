using Spillway.Net.Flows;
using Spillway.Net.Protocols.Dns;
using Spillway.Net.Protocols.Tls;

namespace Spillway.Pipeline;

/// <summary>The observers of one TCP flow besides HTTP. A part of <see cref="FlowConsumer"/>, used in place.</summary>
internal struct FlowProtocols
{
    /// <summary>TLS; null until a segment looks like its beginning.</summary>
    public TlsConnection<StreamProtocols.Handler>? Tls { get; set; }

    /// <summary>Bytes within which TLS must begin; 0 where it is not looked for.</summary>
    public int TlsProbeLeft { get; set; }

    /// <summary>DNS, on its port.</summary>
    public DnsConnection<StreamProtocols.Handler>? Dns { get; set; }

    /// <summary>Whether any of them needs more of the stream.</summary>
    public readonly bool IsWanted => Tls is { IsDone: false } || (Tls is null && TlsProbeLeft > 0) || Dns is { IsDone: false };

    /// <summary>No more bytes will come in one direction.</summary>
    public readonly void OnEnd(StreamDirection direction)
    {
        Tls?.OnEnd(direction);
        Dns?.OnEnd(direction);
    }

    /// <summary>Ends the observers.</summary>
    public readonly void Close()
    {
        Tls?.Close();
        Dns?.Close();
    }
}
