namespace Spillway.Metrics.Tests;

public class WriterQueueTests
{
    [Fact]
    public void Add_FewLargeItems_AreBoundedByTheirBytes()
    {
        var queue = new WriterQueue(maxItems: 100, maxBytes: 1000);
        Assert.True(queue.TryAdd("a", 600));
        Assert.True(queue.TryAdd("b", 600)); // one goes beyond
        Assert.False(queue.TryAdd("c", 1));
        Assert.Equal(2, queue.Count);
    }

    [Fact]
    public void Add_LargerThanTheLimit_GetsInAlone()
    {
        var queue = new WriterQueue(maxItems: 100, maxBytes: 1000);
        Assert.True(queue.TryAdd("a", 5000));
        Assert.False(queue.TryAdd("b", 1));
    }

    [Fact]
    public void Add_ManySmallItems_AreBoundedByTheirNumber()
    {
        var queue = new WriterQueue(maxItems: 2, maxBytes: 1000);
        Assert.True(queue.TryAdd("a", 0));
        Assert.True(queue.TryAdd("b", 0));
        Assert.False(queue.TryAdd("c", 0));
    }

    [Fact]
    public void Add_WhatIsDue_HasAsMuchAgain()
    {
        var queue = new WriterQueue(maxItems: 100, maxBytes: 1000);
        Assert.True(queue.TryAdd("full", 1000));
        Assert.False(queue.TryAdd("full", 1));
        Assert.True(queue.TryAdd("due", 999, isDue: true));
        Assert.True(queue.TryAdd("due", 1, isDue: true));
        Assert.False(queue.TryAdd("due", 0, isDue: true)); // a writer that stands still does not fill memory
    }

    [Fact]
    public void Add_ManySmallItemsThatAreDue_HaveAsManyAgain()
    {
        var queue = new WriterQueue(maxItems: 2, maxBytes: 1000);
        for (int i = 0; i < 2; i++)
            Assert.True(queue.TryAdd("full", 0));
        Assert.False(queue.TryAdd("full", 0));
        for (int i = 0; i < 2; i++)
            Assert.True(queue.TryAdd("due", 0, isDue: true));
        Assert.False(queue.TryAdd("due", 0, isDue: true));
    }

    [Fact]
    public void TryTake_ItemInWork_CountsUntilTheNextIsAskedFor()
    {
        var queue = new WriterQueue(maxItems: 100, maxBytes: 1000);
        queue.Add("a", 1000);
        Assert.True(queue.TryTake(out object? item, TimeSpan.Zero));
        Assert.Equal("a", item);
        Assert.False(queue.TryAdd("b", 1));

        Assert.False(queue.TryTake(out _, TimeSpan.Zero));
        Assert.True(queue.TryAdd("b", 1));
    }

    [Fact]
    public void Add_NoRoom_WaitsUntilThereIs()
    {
        var queue = new WriterQueue(maxItems: 3, maxBytes: 100);
        const int items = 1000;
        Thread[] lanes =
        [
            .. Enumerable
                .Range(0, 3)
                .Select(lane => new Thread(() =>
                {
                    for (int i = 0; i < items; i++)
                        queue.Add((lane, i), bytes: i % 90);
                })),
        ];
        Array.ForEach(lanes, lane => lane.Start());
        int[] next = new int[lanes.Length];
        while (next.Sum() < lanes.Length * items)
        {
            if (!queue.TryTake(out object? item, Timeout.InfiniteTimeSpan))
                continue;
            (int lane, int i) = ((int, int))item;
            Assert.Equal(next[lane]++, i);
        }

        Array.ForEach(lanes, lane => lane.Join());
    }

    [Fact]
    public void CompleteAdding_WhatWaits_IsStillTaken()
    {
        var queue = new WriterQueue(maxItems: 3, maxBytes: 100);
        queue.Add("a");
        queue.CompleteAdding();
        Assert.False(queue.IsCompleted);
        Assert.True(queue.TryTake(out _, Timeout.InfiniteTimeSpan));
        Assert.False(queue.TryTake(out _, Timeout.InfiniteTimeSpan));
        Assert.True(queue.IsCompleted);
        Assert.Throws<InvalidOperationException>(() => queue.Add("b"));
    }
}
