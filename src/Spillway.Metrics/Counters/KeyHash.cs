using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Spillway.Metrics.Counters;

/// <summary>
/// A fast hash for short keys: words are folded by 64 x 64 to 128 bit multiplication, as in wyhash
/// (W. Yi, https://github.com/wangyi-fudan/wyhash). Keys come off the wire, so the secrets differ from run to run:
/// nobody can prepare keys that all collide.
/// </summary>
internal static class KeyHash
{
    private static readonly ulong Secret0 = RandomOdd();
    private static readonly ulong Secret1 = RandomOdd();
    private static readonly ulong Secret2 = RandomOdd();

    public static ulong Compute(ReadOnlySpan<byte> key)
    {
        ref byte data = ref MemoryMarshal.GetReference(key);
        nint length = key.Length;
        ulong seed = Secret0;
        ulong a;
        ulong b;
        if (length <= 16)
        {
            // Two words that may overlap cover 8 to 16 bytes; two half words cover 4 to 7; three bytes cover 1 to 3.
            if (length >= 8)
            {
                a = Read64(ref data, 0);
                b = Read64(ref data, length - 8);
            }
            else if (length >= 4)
            {
                a = Read32(ref data, 0);
                b = Read32(ref data, length - 4);
            }
            else if (length > 0)
            {
                a = ((ulong)data << 16) | ((ulong)Unsafe.Add(ref data, length >> 1) << 8) | Unsafe.Add(ref data, length - 1);
                b = 0;
            }
            else
            {
                a = b = 0;
            }
        }
        else
        {
            nint offset = 0;
            for (; length - offset > 16; offset += 16)
                seed = Fold(Read64(ref data, offset) ^ Secret1, Read64(ref data, offset + 8) ^ seed);
            a = Read64(ref data, length - 16);
            b = Read64(ref data, length - 8);
        }

        return Fold(Secret1 ^ (ulong)length, Fold(a ^ Secret2, b ^ seed));
    }

    /// <summary>Mixes a further word into a hash.</summary>
    public static ulong Combine(ulong hash, ulong word) => Fold(hash ^ Secret1, word ^ Secret2);

    private static ulong Fold(ulong a, ulong b)
    {
        ulong high = Math.BigMul(a, b, out ulong low);
        return high ^ low;
    }

    private static ulong Read64(ref byte data, nint offset) => Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref data, offset));

    private static ulong Read32(ref byte data, nint offset) => Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref data, offset));

    private static ulong RandomOdd()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return MemoryMarshal.Read<ulong>(bytes) | 1;
    }
}
