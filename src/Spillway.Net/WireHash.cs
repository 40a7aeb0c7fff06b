using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Spillway.Net;

/// <summary>
/// Keyed hashes of words that came off the wire. Who sends the traffic chooses the words, so no choice may make many of them collide.
/// Any thread.
/// </summary>
/// <remarks>
/// Each word is added to a secret of its own and the sums are multiplied in pairs, over 128 bits: NH of UMAC (J. Black, S. Halevi, H.
/// Krawczyk, T. Krovetz, P. Rogaway, "UMAC: fast and secure message authentication", CRYPTO '99) with words of 64 bits, as in VMAC. Two
/// inputs chosen without the secrets have the same sum with a probability of 2^-64; a factor that is zero, which would cancel its partner,
/// takes the same luck.
/// The secrets are drawn once per process from the system's generator: hashes differ from run to run, so no order may depend on them.
/// </remarks>
public static class WireHash
{
    private static readonly ulong K0 = Draw(),
        K1 = Draw(),
        K2 = Draw(),
        K3 = Draw(),
        K4 = Draw(),
        K5 = Draw(),
        K6 = Draw(),
        K7 = Draw();

    /// <summary>The hash of two words; both halves of it are as good as the whole.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(ulong a, ulong b)
    {
        ulong high = Math.BigMul(a + K0, b + K1, out ulong low);
        return Finish(high, low);
    }

    /// <summary>The hash of six words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(ulong a, ulong b, ulong c, ulong d, ulong e, ulong f)
    {
        // Sums over 128 bits; the three products do not wait for each other.
        ulong high = Math.BigMul(a + K0, b + K1, out ulong low);
        ulong high2 = Math.BigMul(c + K2, d + K3, out ulong low2);
        ulong high3 = Math.BigMul(e + K4, f + K5, out ulong low3);
        low += low2;
        high += high2 + (low < low2 ? 1UL : 0);
        low += low3;
        high += high3 + (low < low3 ? 1UL : 0);
        return Finish(high, low);
    }

    // Neighbours in the input are neighbours in the sum: a table with linear probing wants them apart, in the upper bits and in the lower
    // ones.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Finish(ulong high, ulong low)
    {
        high = Math.BigMul(high ^ K6, low ^ K7, out low);
        ulong hash = high ^ low;
        hash = (hash ^ (hash >> 32)) * 0x9E3779B97F4A7C15;
        return hash ^ (hash >> 29);
    }

    private static ulong Draw() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
}
