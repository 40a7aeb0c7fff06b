using Spillway.Net.Capture;
using Spillway.Net.Tests.Packets;

namespace Spillway.Net.Tests.Capture;

public sealed class PacketsBetweenTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(2, 4, "2 4 3", 3, 1, 9)]
    [InlineData(long.MinValue, 1, "1", 5, 2, 9)]
    [InlineData(5, long.MaxValue, "9 5", 4, 1, 4)]
    [InlineData(6, 8, "", 6, 1, 9)]
    public void Read_TakesPacketsOfTheRange_WhateverTheirOrder(long from, long to, string taken, long leftOut, long first, long last)
    {
        using PacketSource source = PacketSource.Open(Save(2, 9, 4, 1, 3, 5));
        using var range = new PacketsBetween(source, from, to);

        Assert.Equal(taken, string.Join(' ', Times(range)));
        Assert.Equal((leftOut, first, last), (range.LeftOut, range.FirstLeftOutNs, range.LastLeftOutNs));
        Assert.Equal((CaptureEnd.EndOfFile, 6 - leftOut), (range.End, range.Packets));
    }

    [Fact]
    public void Read_WithACountOfPackets_CountsThoseOfTheRange()
    {
        using PacketSource source = PacketSource.Open(Save(1, 2, 3, 4, 5));
        using var range = new PacketsBetween(source, 3, 5);
        using var first = new FirstPackets(range, 2);

        Assert.Equal("3 4", string.Join(' ', Times(first)));
    }

    private static List<long> Times(PacketSource source)
    {
        var times = new List<long>();
        while (source.Read(out CapturedPacket packet) == SourceEvent.Packet)
            times.Add(packet.TimestampNs);
        return times;
    }

    private string Save(params long[] times)
    {
        string path = _folder.Write([]);
        using CaptureWriter writer = CaptureWriter.Create(path, LinkType.Ethernet);
        foreach (long time in times)
            writer.Write(time, Frame.Usual("x"u8.ToArray()));
        return path;
    }
}
