using System.Buffers.Text;

namespace Spillway.Net.Protocols;

/// <summary>Builds texts of bytes, one after the other in the same memory. Not thread-safe.</summary>
/// <param name="capacity">Bytes to begin with.</param>
public sealed class WireTextBuilder(int capacity = 1024)
{
    private byte[] _bytes = new byte[capacity];

    /// <summary>Bytes so far.</summary>
    public int Length { get; private set; }

    /// <summary>The text so far; valid until the next change.</summary>
    public ReadOnlySpan<byte> Text => _bytes.AsSpan(0, Length);

    /// <summary>Begins a new text.</summary>
    public WireTextBuilder Clear()
    {
        Length = 0;
        return this;
    }

    /// <summary>Cuts the text to a length.</summary>
    public void Truncate(int length) => Length = Math.Min(Length, length);

    /// <summary>Appends bytes.</summary>
    public void Append(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Reserve(text.Length));
        Length += text.Length;
    }

    /// <summary>Appends one byte.</summary>
    public void Append(byte character)
    {
        Reserve(1)[0] = character;
        Length++;
    }

    /// <summary>Appends a decimal number.</summary>
    public void AppendNumber(uint number)
    {
        Utf8Formatter.TryFormat(number, Reserve(10), out int written);
        Length += written;
    }

    /// <summary>Appends bytes as lower-case hex.</summary>
    public void AppendHex(ReadOnlySpan<byte> bytes)
    {
        Convert.TryToHexStringLower(bytes, Reserve(bytes.Length * 2), out int written);
        Length += written;
    }

    /// <summary>Appends a number as four lower-case hex digits.</summary>
    public void AppendHex(ushort number) => AppendHex([(byte)(number >> 8), (byte)number]);

    /// <summary>Room for at least this many bytes behind the text; <see cref="Advance"/> makes what was written there part of it.</summary>
    public Span<byte> Reserve(int bytes)
    {
        if (_bytes.Length - Length < bytes)
            Array.Resize(ref _bytes, Math.Max(Length + bytes, _bytes.Length * 2));
        return _bytes.AsSpan(Length);
    }

    /// <summary>Takes bytes written into <see cref="Reserve"/>'s room into the text.</summary>
    public void Advance(int bytes) => Length += bytes;
}
