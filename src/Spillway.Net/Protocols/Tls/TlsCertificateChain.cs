namespace Spillway.Net.Protocols.Tls;

/// <summary>The certificates of one message in place, DER each, the sender's own first (RFC 5246, 7.4.2).</summary>
public readonly ref struct TlsCertificateChain
{
    private readonly ReadOnlySpan<byte> _list;
    private readonly int _most;

    private TlsCertificateChain(ReadOnlySpan<byte> body, int most)
    {
        var reader = new WireReader(body);
        int announced = reader.ReadUInt24();
        _list = reader.Rest.Length > announced ? reader.Rest[..announced] : reader.Rest;
        _most = most;
        IsMalformed = reader.IsExhausted || announced != reader.Rest.Length;

        var certificates = new WireReader(_list);
        int count = 0;
        while (!certificates.Rest.IsEmpty)
        {
            certificates.ReadVector24();
            if (!certificates.IsExhausted)
                count++;
        }

        IsMalformed |= certificates.IsExhausted;
        Count = Math.Min(count, most);
        LeftOut = count - Count;
    }

    /// <summary>Certificates that are told.</summary>
    public int Count { get; }

    /// <summary>Certificates beyond <see cref="TlsLimits.MaxCertificates"/>.</summary>
    public int LeftOut { get; }

    /// <summary>Lengths do not fit into each other; what is told may be incomplete.</summary>
    public bool IsMalformed { get; }

    /// <summary>Enumerates them.</summary>
    public Enumerator GetEnumerator() => new(_list, _most);

    internal static TlsCertificateChain Parse(ReadOnlySpan<byte> body, int most) => new(body, most);

    /// <summary>Walks the certificates.</summary>
    public ref struct Enumerator
    {
        private WireReader _reader;
        private int _left;

        internal Enumerator(ReadOnlySpan<byte> list, int most)
        {
            _reader = new WireReader(list);
            _left = most;
        }

        /// <summary>The certificate, DER.</summary>
        public ReadOnlySpan<byte> Current { get; private set; }

        /// <summary>Goes on to the next.</summary>
        public bool MoveNext()
        {
            if (_reader.Rest.IsEmpty || _left-- == 0)
                return false;
            Current = _reader.ReadVector24();
            return !_reader.IsExhausted;
        }
    }
}
