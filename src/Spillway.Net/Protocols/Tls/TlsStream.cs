namespace Spillway.Net.Protocols.Tls;

/// <summary>Where a stream stands.</summary>
internal enum TlsStreamState : byte
{
    /// <summary>No hello yet.</summary>
    Probing,

    /// <summary>Records in the clear.</summary>
    Records,

    /// <summary>Encrypted, out of step, or ended: its bytes are not looked at any more.</summary>
    Asleep,
}

/// <summary>One direction of a TLS connection.</summary>
internal sealed class TlsStream
{
    public TlsStreamState State;

    /// <summary>The beginning of a record, or in <see cref="TlsStreamState.Probing"/> of what may be one.</summary>
    public WireBuffer Record;

    /// <summary>The beginning of a handshake message that goes on in the next record.</summary>
    public WireBuffer Message;

    /// <summary>Hellos so far.</summary>
    public int Hellos;

    /// <summary>Handshake bytes so far.</summary>
    public long HandshakeBytes;

    /// <summary>A ChangeCipherSpec has passed that need not be the end of clear records (TLS 1.3's is for show).</summary>
    public bool CipherChanged;
}
