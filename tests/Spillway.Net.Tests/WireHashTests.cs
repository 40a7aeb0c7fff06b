using Spillway.Net.Flows;
using Spillway.Net.Ip;
using Spillway.Net.Packets;

namespace Spillway.Net.Tests;

/// <summary>Keys chosen against hashes that are common, and against those that were here before, collide no more than others.</summary>
public class WireHashTests
{
    private const int Keys = 4096;
    private const ulong GoldenRatio = 0x9E3779B97F4A7C15;

    public static TheoryData<string> Choices =>
        ["one prefix", "golden prefix", "halves cancel", "both ends cancel", "products alike", "steps of 2^32", "ends swapped"];

    [Theory]
    [MemberData(nameof(Choices))]
    public void FlowKeyHash_ChosenKeys_AreSpreadInAllBits(string choice)
    {
        var hashes = new List<int>();
        for (ulong i = 1; i <= Keys; i++)
            hashes.Add(Chosen(choice, i).GetHashCode());

        AssertSpread(hashes);
    }

    [Fact]
    public void DatagramKeyHash_AddressesWhoseHalvesCancel_AreSpread()
    {
        // The framework's hash of a 64-bit number is the exclusive or of its halves.
        var hashes = new List<int>();
        for (uint i = 1; i <= Keys; i++)
            hashes.Add(
                DatagramKey.HashOf(new UInt128(1, ((ulong)i << 32) | i), 2, id: 7, version: 6, protocol: 0, vlanPlusOne: 0, depth: 1)
            );

        AssertSpread(hashes);
    }

    [Fact]
    public void NetFlowOriginHash_InterfacesInOneLinearSum_AreSpread()
    {
        // Records of the language combine hashes of their fields by one fixed factor.
        var hashes = new List<int>();
        for (uint i = 1; i <= Keys; i++)
            hashes.Add(new NetFlowOrigin(1, i, unchecked(i * 1521134295u)).GetHashCode());

        AssertSpread(hashes);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public void Of_OneWordNeverChanges_TheOtherStillCounts(ulong first, ulong second)
    {
        var hashes = new List<int>();
        for (ulong i = 0; i < Keys; i++)
            hashes.Add((int)WireHash.Of(first * i, second == 0 && first == 0 ? GoldenRatio + i : second * i));

        AssertSpread(hashes);
    }

    [Fact]
    public void Of_SixWords_EachOfThemCounts()
    {
        var seen = new HashSet<ulong>();
        for (int word = 0; word < 6; word++)
        {
            for (int bit = 0; bit < 64; bit++)
            {
                var words = new ulong[6];
                words[word] = 1UL << bit;
                seen.Add(WireHash.Of(words[0], words[1], words[2], words[3], words[4], words[5]));
            }
        }

        Assert.Equal(6 * 64, seen.Count);
    }

    // Two of 4,096 in 2^32 agree once in 500 runs, five pairs never; of 256 buckets the fullest has 16 and a few.
    private static void AssertSpread(List<int> hashes)
    {
        Assert.InRange(hashes.Distinct().Count(), Keys - 5, Keys);
        Assert.InRange(hashes.GroupBy(hash => hash & 0xFF).Max(bucket => bucket.Count()), 16, 64);
        Assert.InRange(hashes.GroupBy(hash => (uint)hash >> 24).Max(bucket => bucket.Count()), 16, 64);
    }

    private static FlowKey Chosen(string choice, ulong i) =>
        choice switch
        {
            "one prefix" => Key(new UInt128(0x20010DB8UL << 32, i), 1),
            "golden prefix" => Key(new UInt128(GoldenRatio, i), 1),
            "halves cancel" => Key(new UInt128(System.Numerics.BitOperations.RotateRight(i, 29), i), 1),
            "both ends cancel" => Key(new UInt128(0, i), new UInt128(0, i * GoldenRatio)),
            "products alike" => Key(new UInt128(i, 0), new UInt128(0, 1UL << (int)(i % 64))),
            "steps of 2^32" => Key(i << 32, i << 48),
            _ => i % 2 == 0 ? FlowKey.CreateAsGiven(i, 1, 99, 2, 6, 6) : FlowKey.CreateAsGiven(99, 1, i, 2, 6, 6),
        };

    private static FlowKey Key(UInt128 a, UInt128 z) => FlowKey.CreateAsGiven(a, 40000, z, 80, protocol: 6, version: 6);
}
