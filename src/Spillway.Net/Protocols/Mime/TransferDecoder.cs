namespace Spillway.Net.Protocols.Mime;

/// <summary>Undoes the transfer encoding of one part after the other.</summary>
internal struct TransferDecoder
{
    private Base64Decoder _base64;
    private QuotedPrintableDecoder _quoted;
    private UuDecoder? _uu;

    /// <summary>Makes it ready for a part.</summary>
    public void Begin(MimeEncoding encoding)
    {
        _base64 = default;
        _quoted = default;
        if (encoding == MimeEncoding.Uuencode)
            (_uu ??= new UuDecoder()).Reset();
    }

    /// <summary>Decodes until the input is used up or the output is nearly full; returns the bytes written.</summary>
    public int Decode(MimeEncoding encoding, ref ReadOnlySpan<byte> input, Span<byte> output, ref long bad) =>
        encoding switch
        {
            MimeEncoding.Base64 => _base64.Decode(ref input, output, ref bad),
            MimeEncoding.QuotedPrintable => _quoted.Decode(ref input, output, ref bad),
            _ => _uu!.Decode(ref input, output),
        };

    /// <summary>Writes what waits for more; returns the bytes written.</summary>
    public int Finish(MimeEncoding encoding, Span<byte> output) =>
        encoding switch
        {
            MimeEncoding.Base64 => _base64.Finish(output),
            MimeEncoding.QuotedPrintable => _quoted.FinishLast(output),
            MimeEncoding.Uuencode => _uu!.Finish(output),
            _ => 0,
        };
}
