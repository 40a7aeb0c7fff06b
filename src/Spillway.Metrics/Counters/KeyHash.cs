using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Spillway.Metrics.Counters;

/// <summary>
/// A fast hash for short keys: words are folded by 64 x 64 to 128 bit multiplication, as in wyhash
/// (W. Yi, https://github.com/wangyi-fudan/wyhash). Keys come off the wire, so each factor has a secret of its own, drawn in each run:
/// nobody can prepare keys that all collide, nor a factor of zero that would cancel the other.
/// </summary>
public static class KeyHash
{
    private static readonly ulong Secret0 = RandomOdd();
    private static readonly ulong Secret1 = RandomOdd();
    private static readonly ulong Secret2 = RandomOdd();

    /// <summary>The hash of a key.</summary>
    public static ulong Compute(ReadOnlySpan<byte> key)
    {
        ulong seed = Secret0;
        ulong a;
        ulong b;
        if (key.Length > 16)
        {
            ReadOnlySpan<byte> rest = key;
            for (; rest.Length > 16; rest = rest[16..])
                seed = Fold(Read64(rest) ^ Secret1, Read64(rest[8..]) ^ seed);
            a = Read64(key[^16..]);
            b = Read64(key[^8..]);
        }
        else if (key.Length >= 8)
        {
            // Two words that may overlap cover 8 to 16 bytes, two half words 4 to 7, three bytes 1 to 3.
            a = Read64(key);
            b = Read64(key[^8..]);
        }
        else if (key.Length >= 4)
        {
            a = BinaryPrimitives.ReadUInt32LittleEndian(key);
            b = BinaryPrimitives.ReadUInt32LittleEndian(key[^4..]);
        }
        else
        {
            a = key.IsEmpty ? 0 : ((ulong)key[0] << 16) | ((ulong)key[key.Length >> 1] << 8) | key[^1];
            b = 0;
        }

        return Fold(Secret1 ^ (ulong)key.Length, Fold(a ^ Secret2, b ^ seed));
    }

    /// <summary>Mixes a further word into a hash.</summary>
    public static ulong Combine(ulong hash, ulong word) => Fold(hash ^ Secret1, word ^ Secret2);

    private static ulong Fold(ulong a, ulong b)
    {
        ulong high = Math.BigMul(a, b, out ulong low);
        return high ^ low;
    }

    private static ulong Read64(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt64LittleEndian(bytes);

    private static ulong RandomOdd()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return Read64(bytes) | 1;
    }
}
