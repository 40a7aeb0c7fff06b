using System.Text;
using Spillway.Async.Dispatch;
using Spillway.Async.Figures;
using Spillway.Async.Queues;

namespace Spillway.Async.Tests;

public sealed class PartsTests
{
    [Theory]
    [InlineData("/a/b", "/a/b")]
    [InlineData("//a///b/", "/a/b")]
    [InlineData("/a/./b/../c", "/a/c")]
    [InlineData("/../../a", "/a")]
    [InlineData("/", "/")]
    [InlineData("x/y", "/work/x/y")]
    [InlineData("./x", "/work/x")]
    [InlineData("../x", "/x")]
    [InlineData("../../..", "/")]
    [InlineData("", "/work")]
    [InlineData("..x/.y/...", "/work/..x/.y/...")]
    public void PathKey_Spelling_IsNormalized(string path, string expected)
    {
        var key = new PathKey("/work"u8.ToArray());

        Assert.Equal(expected, Encoding.UTF8.GetString(key.Normalize(Encoding.UTF8.GetBytes(path))));
    }

    [Fact]
    public void LogHistogram_ManyDurations_QuantilesAreExactToAnEighth()
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        var histogram = new LogHistogram();
        long[] values = [.. Enumerable.Range(0, 10_000).Select(_ => (long)Math.Exp(random.NextDouble() * 40))];
        foreach (long value in values)
            histogram.Record(value);
        Array.Sort(values);

        foreach (double quantile in new[] { 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1 })
        {
            long exact = values[(int)Math.Ceiling(quantile * values.Length) - 1];
            Assert.InRange(histogram.Quantile(quantile), exact, exact + (exact / 8));
        }

        Assert.True(histogram.Max == values[^1], $"seed {seed}");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(long.MaxValue)]
    public void LogHistogram_OneDuration_IsEveryQuantile(long value)
    {
        var histogram = new LogHistogram();
        histogram.Record(value);

        Assert.Equal((value, value, value), (histogram.Quantile(0), histogram.Quantile(0.5), histogram.Quantile(1)));
    }

    [Fact]
    public void LogHistogram_Empty_IsZero() => Assert.Equal(0, new LogHistogram().Quantile(0.5));

    [Fact]
    public void TaskQueue_ManyProducers_KeepsEachOnesOrderAndLosesNothing()
    {
        const int Producers = 3;
        const int Each = 50_000;
        var queue = new TaskQueue();
        var threads = new Background<bool>[Producers];
        for (int producer = 0; producer < Producers; producer++)
        {
            int number = producer;
            threads[producer] = new Background<bool>(() =>
            {
                for (int i = 1; i <= Each; i++)
                    queue.Enqueue(new AsyncTask { Id = i, StartedAt = number });
                return true;
            });
        }

        long[] last = new long[Producers];
        for (int taken = 0; taken < Producers * Each; )
        {
            if (queue.TryDequeue() is not { } task)
                continue;
            taken++;
            Assert.Equal(++last[task.StartedAt], task.Id);
        }

        Assert.All(threads, thread => thread.Join());
        Assert.True(queue.IsEmpty);
        Assert.Null(queue.TryDequeue());
    }

    [Fact]
    public void TaskQueue_OneAtATime_IsEmptyInBetween()
    {
        var queue = new TaskQueue();
        var task = new AsyncTask();
        for (int i = 0; i < 10; i++)
        {
            Assert.True(queue.IsEmpty);
            queue.Enqueue(task);
            Assert.False(queue.IsEmpty);
            Assert.Same(task, queue.TryDequeue());
        }
    }
}
