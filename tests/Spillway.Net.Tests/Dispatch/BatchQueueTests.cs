using Spillway.Net.Capture;
using Spillway.Net.Tests.Packets;

namespace Spillway.Net.Tests.Dispatch;

public class BatchQueueTests
{
    private static readonly byte[] Frame1 = Frame.Usual("one"u8.ToArray());

    [Fact]
    public void Take_Published_GivesThePacketsInOrderAndTheBatchBack()
    {
        var queue = new BatchQueue(batches: 3);
        for (int round = 0; round < 10; round++)
        {
            Fill(queue.Filling, packets: 2, firstNs: round * 10);
            queue.Publish(waits: false);

            PacketBatch batch = queue.Take(TimeSpan.Zero)!;
            Assert.Equal(2, batch.Count);
            Assert.Equal(BatchRecordKind.Packet, batch.Get(1, out CapturedPacket packet));
            Assert.Equal((round * 10) + 1, packet.TimestampNs);
            Assert.Equal(Frame1, packet.Data);
        }

        Assert.Equal(0, queue.Dropped);
    }

    [Fact]
    public void Publish_AllOnTheirWay_DropsAndCountsPackets()
    {
        var queue = new BatchQueue(batches: 3);
        for (int i = 0; i < 3; i++)
        {
            Fill(queue.Filling, packets: 5);
            queue.Filling.AddTime(1, 2);
            queue.Publish(waits: false);
        }

        Assert.Equal(5, queue.Dropped); // the third: two wait, and one is to be filled
        Assert.Equal(6, queue.Take(TimeSpan.Zero)!.Count);
        Assert.Equal(6, queue.Take(TimeSpan.Zero)!.Count);
        Assert.Null(queue.Take(TimeSpan.Zero));
    }

    [Fact]
    public async Task Publish_ThatWaits_GoesOnWhenHalfIsTaken()
    {
        var queue = new BatchQueue(batches: 4);
        Task filling = Task.Run(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                Fill(queue.Filling, packets: 1, firstNs: i);
                queue.Publish(waits: true);
            }

            queue.Complete();
        });
        var times = new List<long>();
        while (!queue.IsAtEnd)
        {
            if (queue.Take(TimeSpan.FromSeconds(1)) is not { } batch)
                continue;
            batch.Get(0, out CapturedPacket packet);
            times.Add(packet.TimestampNs);
        }

        await filling;
        Assert.Equal(Enumerable.Range(0, 100).Select(i => (long)i), times);
    }

    [Fact]
    public async Task Abandon_WhileTheOtherWaits_LetsItGo()
    {
        var queue = new BatchQueue(batches: 3);
        Task filling = Task.Run(() =>
        {
            for (int i = 0; i < 5; i++)
            {
                Fill(queue.Filling, packets: 1);
                queue.Publish(waits: true);
            }
        });

        queue.Abandon();
        await filling;

        Assert.Null(queue.Take(TimeSpan.FromHours(1)));
    }

    [Fact]
    public void Add_PacketLargerThanABatch_IsTakenAlone()
    {
        var batch = new PacketBatch();
        byte[] large = Frame.Bytes(1 << 20);
        Assert.True(batch.HasRoom(1, large.Length));
        batch.Add(new CapturedPacket(large, 1, large.Length, LinkType.Ethernet));

        batch.Get(0, out CapturedPacket packet);
        Assert.True(packet.Data.SequenceEqual(large));
        Assert.False(batch.HasRoom(1, (1 << 20) + 1));
    }

    [Fact]
    public void HasRoom_RecordsAreUsedUp_IsFalse()
    {
        var batch = new PacketBatch();
        Fill(batch, PacketBatch.MaxRecords - 1);
        Assert.True(batch.HasRoom(1, 0));
        Assert.False(batch.HasRoom(2, 0));
        batch.Clear();
        Assert.True(batch.HasRoom(2, 0));
    }

    private static void Fill(PacketBatch batch, int packets, long firstNs = 0)
    {
        for (int i = 0; i < packets; i++)
        {
            Assert.True(batch.HasRoom(1, Frame1.Length));
            batch.Add(new CapturedPacket(Frame1, firstNs + i, Frame1.Length, LinkType.Ethernet));
        }
    }
}
