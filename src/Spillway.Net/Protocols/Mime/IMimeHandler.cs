namespace Spillway.Net.Protocols.Mime;

/// <summary>
/// Receives what a <c>MimeReader</c> reads, in the order of the message. Given as a type parameter. Spans are borrowed until the call
/// returns; a <see cref="MimePart"/> lives until <see cref="OnPartEnd"/>.
/// </summary>
public interface IMimeHandler
{
    /// <summary>A field of the message's own header, unfolded.</summary>
    /// <param name="name">Its name as sent.</param>
    /// <param name="value">Its value without surrounding blanks.</param>
    void OnField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value);

    /// <summary>A part that is no container begins.</summary>
    void OnPartBegin(MimePart part);

    /// <summary>Content of the part, without its transfer encoding.</summary>
    /// <param name="part">The part.</param>
    /// <param name="offset">Offset of the first byte in the content. Beyond what came before, bytes are missing.</param>
    /// <param name="data">The bytes; never empty.</param>
    void OnPartData(MimePart part, long offset, ReadOnlySpan<byte> data);

    /// <summary>Nothing more comes of the part.</summary>
    void OnPartEnd(MimePart part, MimeEnd end);
}
