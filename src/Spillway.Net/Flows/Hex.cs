namespace Spillway.Net.Flows;

/// <summary>Hexadecimal digits as ASCII bytes.</summary>
internal static class Hex
{
    public static void Write(byte value, Span<byte> destination)
    {
        destination[1] = Digit(value);
        destination[0] = Digit((byte)(value >> 4));
    }

    public static void Write(ushort value, Span<byte> destination)
    {
        Write((byte)value, destination[2..]);
        Write((byte)(value >> 8), destination);
    }

    public static void Write(ulong value, Span<byte> destination)
    {
        for (int at = 14; at >= 0; at -= 2)
        {
            Write((byte)value, destination[at..]);
            value >>= 8;
        }
    }

    /// <summary>Reads up to 16 digits of either case. False if there are none, too many, or other characters.</summary>
    public static bool TryRead(ReadOnlySpan<byte> digits, out ulong value)
    {
        value = 0;
        if (digits.Length is 0 or > 16)
            return false;
        foreach (byte digit in digits)
        {
            int number = digit switch
            {
                >= (byte)'0' and <= (byte)'9' => digit - '0',
                >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
                >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
                _ => -1,
            };
            if (number < 0)
            {
                value = 0;
                return false;
            }

            value = (value << 4) | (uint)number;
        }

        return true;
    }

    private static byte Digit(byte value) => "0123456789ABCDEF"u8[value & 0x0f];
}
