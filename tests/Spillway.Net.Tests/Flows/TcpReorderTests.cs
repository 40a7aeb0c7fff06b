using System.Globalization;

namespace Spillway.Net.Tests.Flows;

/// <summary>
/// Segments of one stream in every shape: each case is "offset:bytes ...", what has been given out then, and what after the end.
/// </summary>
public class TcpReorderTests
{
    [Theory]
    // In order and behind.
    [InlineData("in order", "0:abc 3:def", "abcdef", "abcdef|")]
    [InlineData("exact retransmission", "0:abc 0:abc 3:def", "abcdef", "abcdef|")]
    [InlineData("retransmission that brings more", "0:abc 0:abcdef", "abcdef", "abcdef|")]
    [InlineData("retransmission of a part", "0:abcdef 2:cd 6:g", "abcdefg", "abcdefg|")]
    [InlineData("starts behind, ends ahead", "0:abcd 2:cdef", "abcdef", "abcdef|")]
    [InlineData("starts before the stream", "0:abc -2:xyabcd", "abcd", "abcd|")]
    [InlineData("other bytes for what was given out", "0:GOOD 0:EVIL!", "GOOD!", "GOOD!|")]
    [InlineData("keep-alive probe with a byte", "0:abc 2:x 3:d", "abcd", "abcd|")]
    // One hole.
    [InlineData("two swapped", "3:def 0:abc", "abcdef", "abcdef|")]
    [InlineData("reversed", "6:ghi 3:def 0:abc", "abcdefghi", "abcdefghi|")]
    [InlineData("hole stays", "3:def", "", "[3]def|")]
    [InlineData("hole filled in pieces", "3:def 0:a 1:b 2:c", "abcdef", "abcdef|")]
    [InlineData("hole filled in pieces from behind", "3:def 2:c 1:b 0:a", "abcdef", "abcdef|")]
    [InlineData("hole filled in part", "4:ef 0:ab", "ab", "ab[2]ef|")]
    // Overlap with what is held.
    [InlineData("held twice", "3:def 3:def 0:abc", "abcdef", "abcdef|")]
    [InlineData("front overlap", "3:def 1:bcDE 0:a", "abcdef", "abcdef|")]
    [InlineData("back overlap", "3:def 5:Fgh 0:abc", "abcdefgh", "abcdefgh|")]
    [InlineData("covered", "3:defg 4:EF 0:abc", "abcdefg", "abcdefg|")]
    [InlineData("covers", "4:ef 2:cdEFgh 0:ab", "abcdefgh", "abcdefgh|")]
    [InlineData("covers several", "2:c 4:e 6:g 1:bCdEfGh 0:a", "abcdefgh", "abcdefgh|")]
    [InlineData("covers all, in order", "2:c 4:e 6:g 0:abCdEfGh", "abcdefgh", "abcdefgh|")]
    [InlineData("middle", "2:cd 8:ij 5:fg 0:ab", "abcd", "abcd[1]fg[1]ij|")]
    [InlineData("split by a held one", "3:d 0:abcXef", "abcdef", "abcdef|")]
    [InlineData("joins two", "0:a 2:c 5:f 1:bCdeF", "abcdef", "abcdef|")]
    [InlineData("touches both sides", "2:c 4:e 3:d 0:ab", "abcde", "abcde|")]
    // Several holes.
    [InlineData("two holes, first filled", "2:c 4:e 0:ab", "abc", "abc[1]e|")]
    [InlineData("two holes, second filled", "2:c 4:e 3:d", "", "[2]cde|")]
    [InlineData("one byte each, odd ones missing", "0:a 2:c 4:e 6:g", "a", "a[1]c[1]e[1]g|")]
    public void Process_SegmentsOfAShape_GiveEachByteOnceInOrder(string shape, string segments, string soFar, string atEnd)
    {
        TcpHarness tcp = new TcpHarness().Connect();

        foreach (string segment in segments.Split(' '))
        {
            int colon = segment.IndexOf(':', StringComparison.Ordinal);
            tcp.ClientData(long.Parse(segment[..colon], CultureInfo.InvariantCulture), segment[(colon + 1)..]);
        }

        Assert.True(soFar == tcp.Client, $"{shape}: {tcp.Client}");
        tcp.End();
        Assert.True(atEnd == tcp.Client, $"{shape}: {tcp.Client}");
        Assert.Equal(0, tcp.Statistics.MemoryInUse);
    }

    [Theory]
    [InlineData("from the end")]
    [InlineData("odd ones first")]
    [InlineData("by chance")]
    public void Process_HundredsOfSegmentsInDisorder_GiveEachByteOnceInOrder(string order)
    {
        const int segments = 900;
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        int[] places = [.. Enumerable.Range(0, segments)];
        if (order == "from the end")
            Array.Reverse(places);
        else if (order == "odd ones first")
            places = [.. places.OrderBy(i => 1 - (i % 2)).ThenBy(i => i % 4 == 1 ? i : -i)];
        else
            random.Shuffle(places);
        TcpHarness tcp = new TcpHarness().Connect();
        foreach (int place in places.Where(place => place is not (100 or 500)))
            tcp.ClientData(place * 3L, $"{place, 3}");
        tcp.ClientData(300, "100").End();

        string whole = string.Concat(Enumerable.Range(0, segments).Select(i => $"{i, 3}"));
        Assert.True(whole[..1500] + "[3]" + whole[1503..] + "|" == tcp.Client, $"seed {seed}");
        Assert.Equal(0, tcp.Statistics.MemoryInUse);
        Assert.Equal(0, tcp.Statistics.GivenUpByLimit);
    }

    [Fact]
    public void Process_OverlapWithOtherBytes_IsCountedAsConflict()
    {
        TcpHarness tcp = new TcpHarness().Connect().ClientData(3, "def").ClientData(3, "dXf").ClientData(3, "def");

        Assert.Equal(2, tcp.Statistics.Overlaps);
        Assert.Equal(1, tcp.Statistics.ConflictingOverlaps);
        tcp.ClientData(0, "abcDEF");
        Assert.Equal(2, tcp.Statistics.ConflictingOverlaps);
        Assert.Equal("abcdef", tcp.Client);
    }

    [Fact]
    public void Process_OverlapWithOtherBytes_TellsBothContentsOfThePlace()
    {
        var seen = new List<string>();
        TcpHarness tcp = new TcpHarness().Connect();
        tcp.Statistics.OnConflict = (_, fromA, offset, first, later) =>
            seen.Add($"{fromA} {offset} {System.Text.Encoding.ASCII.GetString(first)} {System.Text.Encoding.ASCII.GetString(later)}");
        tcp.ClientData(3, "def").ClientData(4, "eXgh").ClientData(0, "abc");

        Assert.Equal(["True 4 ef eX"], seen);
        Assert.Equal("abcdefgh", tcp.Client);
    }

    [Fact]
    public void Process_SequenceWrap_GoesOnWithOffsetsBeyondFourGigabytes()
    {
        var tcp = new TcpHarness { ClientIsn = uint.MaxValue - 4 };
        tcp.Connect().ClientData(2, "cdefgh").ClientData(0, "ab").ClientData(8, "ij");

        Assert.Equal("abcdefghij", tcp.Client);
    }

    [Fact]
    public void Process_LongRunAfterAHole_NeedsFewBuffers()
    {
        TcpHarness tcp = new TcpHarness().Connect();
        for (int i = 1; i < 1000; i++)
            tcp.ClientData(i * 1460, new string((char)('a' + (i % 26)), 1460));

        // 1.46 MB in 16 KiB buffers, but for the first.
        Assert.InRange(tcp.Statistics.MemoryInUse, 999 * 1460, (999 * 1460) + (2 * 16384));
        tcp.ClientData(0, new string('a', 1460));
        Assert.Equal(1000 * 1460, tcp.Client.Length);
        Assert.Equal(0, tcp.Statistics.MemoryInUse);
    }

    [Fact]
    public void Process_SnapLengthCutSegments_TellTheMissingTails()
    {
        TcpHarness tcp = new TcpHarness().Connect();
        tcp.Send(true, 1001, 5001, Net.Packets.TcpFlags.Ack, "abcd"u8, wireLength: 10);
        Assert.Equal("abcd[6]", tcp.Client);
        tcp.Send(true, 1021, 5001, Net.Packets.TcpFlags.Ack, "uv"u8, wireLength: 5);
        tcp.Send(true, 1011, 5001, Net.Packets.TcpFlags.Ack, "klmnopqrst"u8);
        tcp.ClientData(25, "z");

        Assert.Equal("abcd[6]klmnopqrstuv[3]z", tcp.Client);
        Assert.Equal(2, tcp.Statistics.Gaps);
    }
}
