using System.Buffers.Binary;

namespace Spillway.Fuzz;

/// <summary>Changes inputs a little: bits, numbers, pieces moved, doubled, taken out, or taken from another input.</summary>
/// <param name="random">What decides; the same seed gives the same changes.</param>
internal sealed class Mutator(Random random)
{
    private const int LargestInput = 64 << 10;

    private static readonly int[] Numbers = [0, 1, 2, 4, 16, 32, 64, 100, 127, 128, 255, 256, 512, 1000, 4095, 4096, 32767, 32768, 65535];

    public byte[] Mutate(byte[] input, byte[] other)
    {
        List<byte> bytes = [.. input];
        int changes = 1 << random.Next(0, 6);
        for (int i = 0; i < changes; i++)
            Change(bytes, other);
        if (bytes.Count > LargestInput)
            bytes.RemoveRange(LargestInput, bytes.Count - LargestInput);
        return [.. bytes];
    }

    private void Change(List<byte> bytes, byte[] other)
    {
        if (bytes.Count == 0)
        {
            bytes.Add((byte)random.Next(256));
            return;
        }

        int at = random.Next(bytes.Count);
        int length = Math.Min(bytes.Count - at, 1 + random.Next(1 << random.Next(1, 9)));
        switch (random.Next(10))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes[at] = (byte)(bytes[at] + random.Next(-3, 4));
                break;
            case 3:
                WriteNumber(bytes, at);
                break;
            case 4:
                bytes.RemoveRange(at, length);
                break;
            case 5:
                bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                break;
            case 6:
                Move(bytes, at, length);
                break;
            case 7 when other.Length > 0:
                int from = random.Next(other.Length);
                bytes.InsertRange(at, other.AsSpan(from, Math.Min(length, other.Length - from)).ToArray());
                break;
            case 8:
                bytes.InsertRange(at, Enumerable.Repeat(bytes[at], length));
                break;
            default:
                Delimiter(bytes, at);
                break;
        }
    }

    private void WriteNumber(List<byte> bytes, int at)
    {
        Span<byte> number = stackalloc byte[4];
        int value = Numbers[random.Next(Numbers.Length)];
        BinaryPrimitives.WriteInt32BigEndian(number, random.Next(8) == 0 ? -value : value);
        if (random.Next(4) == 0)
            number.Reverse();
        int width = random.Next(1, 5);
        for (int i = 0; i < width && at + i < bytes.Count; i++)
            bytes[at + i] = number[4 - width + i];
    }

    private void Move(List<byte> bytes, int at, int length)
    {
        List<byte> piece = bytes.GetRange(at, length);
        bytes.RemoveRange(at, length);
        bytes.InsertRange(random.Next(bytes.Count + 1), piece);
    }

    private void Delimiter(List<byte> bytes, int at)
    {
        string[] delimiters = ["\r\n", "\n", "\r\n\r\n", " ", ":", "\0", "--", "=", "0", "9999999999", "\"", ".", "\r\n.\r\n"];
        bytes.InsertRange(at, System.Text.Encoding.ASCII.GetBytes(delimiters[random.Next(delimiters.Length)]));
    }
}
