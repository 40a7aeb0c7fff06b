using System.Buffers;
using System.Buffers.Text;

namespace Spillway.Net.Protocols.Mime;

/// <summary>
/// Undoes base64 (RFC 2045, section 6.8) in whatever pieces it comes. As lenient as mail readers are: what is not of the alphabet is passed
/// over, padding may be missing, and text may go on behind it.
/// </summary>
internal struct Base64Decoder
{
    // Three bytes for four characters; a piece of output always has room for them.
    private const int QuantumBytes = 3;
    private const int QuantumCharacters = 4;

    private static readonly SearchValues<byte> Alphabet = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"u8
    );

    private uint _bits;
    private int _count;

    /// <summary>Decodes until the input is used up or the output may not have room for more.</summary>
    /// <param name="input">What is read is taken off its front.</param>
    /// <param name="output">At least 3 bytes.</param>
    /// <param name="bad">Counts bytes that are neither of the alphabet nor blanks nor padding.</param>
    /// <returns>Bytes written.</returns>
    public int Decode(ref ReadOnlySpan<byte> input, Span<byte> output, ref long bad)
    {
        int written = 0;
        while (!input.IsEmpty && output.Length - written >= QuantumBytes)
        {
            if (_count == 0)
            {
                int run = input.IndexOfAnyExcept(Alphabet);
                run = (run < 0 ? input.Length : run) / QuantumCharacters;
                run = Math.Min(run, (output.Length - written) / QuantumBytes) * QuantumCharacters;
                if (run > 0)
                {
                    Base64.DecodeFromUtf8(input[..run], output[written..], out _, out int decoded);
                    written += decoded;
                    input = input[run..];
                    continue;
                }
            }

            byte character = input[0];
            input = input[1..];
            int value = ValueOf(character);
            if (value >= 0)
                written += Take(value, output[written..]);
            else if (character == (byte)'=')
                written += Finish(output[written..]);
            else if (character is not ((byte)'\r' or (byte)'\n' or (byte)' ' or (byte)'\t'))
                bad++;
        }

        return written;
    }

    /// <summary>Writes what a quantum without its last characters holds: at most 2 bytes.</summary>
    public int Finish(Span<byte> output)
    {
        int length = Math.Max(0, _count - 1);
        uint bits = _bits << (6 * (QuantumCharacters - _count));
        for (int i = 0; i < length; i++)
            output[i] = (byte)(bits >> (16 - (8 * i)));
        (_bits, _count) = (0, 0);
        return length;
    }

    private int Take(int value, Span<byte> output)
    {
        _bits = (_bits << 6) | (uint)value;
        if (++_count < QuantumCharacters)
            return 0;
        output[0] = (byte)(_bits >> 16);
        output[1] = (byte)(_bits >> 8);
        output[2] = (byte)_bits;
        (_bits, _count) = (0, 0);
        return QuantumBytes;
    }

    private static int ValueOf(byte character) =>
        character switch
        {
            >= (byte)'A' and <= (byte)'Z' => character - 'A',
            >= (byte)'a' and <= (byte)'z' => character - 'a' + 26,
            >= (byte)'0' and <= (byte)'9' => character - '0' + 52,
            (byte)'+' => 62,
            (byte)'/' => 63,
            _ => -1,
        };
}
