using Spillway.Async.Figures;
using Spillway.Async.Native;

namespace Spillway.Async.Tests;

public sealed class PoolTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(65)]
    public void GetOrAddPool_WorkersOutOfRange_IsRefusedWithTheValue(int workers)
    {
        using var runtime = new AsyncRuntime(new AsyncOptions());

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => runtime.GetOrAddPool("files.lua", workers, (_, _) => null!));

        Assert.Contains($"files.lua asks for {workers} async workers, but 1 to 64 are possible", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GetOrAddPool_SamePluginAgain_ReturnsTheSamePool()
    {
        using var path = new SlowPath(workers: 2);

        Assert.Same(path.Pool, path.Runtime.GetOrAddPool("plugin", 2, (_, _) => null!));
        Assert.Throws<InvalidOperationException>(() => path.Runtime.GetOrAddPool("plugin", 3, (_, _) => null!));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    public void Workers_StartWithTheFirstTask(int workers)
    {
        using var path = new SlowPath(workers);
        Assert.Equal(0, path.Pool.GetStatistics().Workers);
        path.Schedule(_ => Thread.CurrentThread.Name);

        Assert.Matches("^async plugin [1-9][0-9]?$", Assert.Single(path.DrainWell()).Result);
        Assert.Equal(workers, path.Pool.GetStatistics().Workers);
    }

    [Fact]
    public void Workers_RunAtALowerPriorityThanLanes()
    {
        using var path = new SlowPath(options: new AsyncOptions { WorkerNice = 7 });
        int lane = NiceValue.Current;
        path.Schedule(_ => $"{NiceValue.Current}");

        Assert.Equal($"{Math.Min(lane + 7, 19)}", Assert.Single(path.DrainWell()).Result);
        Assert.Equal(lane, NiceValue.Current);
        Assert.Equal(0, path.Pool.GetStatistics().PriorityFailures);
    }

    [Fact]
    public void Workers_OfAFullPool_HaveTheNiceValueInTheKernelsEyes()
    {
        const int workers = 4;
        using var path = new SlowPath();
        using var looked = new ManualResetEventSlim();
        using var busy = new CountdownEvent(workers);
        AsyncClient client = path.Lane.CreateClient(path.Runtime.GetOrAddPool("nice", workers, (_, _) => path.NewExecutor()), "nice.lua");
        for (int i = 1; i <= workers; i++)
        {
            path.OnSchedule(
                1000 + i,
                _ =>
                {
                    busy.Signal();
                    return looked.Wait(TimeSpan.FromSeconds(30)) ? null : "nobody looked";
                }
            );
            client.SubmitSchedule(
                new ScheduleRequest
                {
                    Function = new TaskFunction(1, default, "nice.lua:1"),
                    Cookie = 1000 + i,
                    WantsResult = true,
                }
            );
        }

        Assert.True(busy.Wait(TimeSpan.FromSeconds(30)));
        int lane = NiceValue.Current;
        List<int> nice = NiceValuesOf("async nice ");
        looked.Set();

        Assert.Equal(Enumerable.Repeat(Math.Min(lane + 10, 19), workers), nice);
        Assert.Empty(path.DrainWell());
        Assert.Equal(lane, NiceValue.Current);
    }

    [Fact]
    public void SlowTasksOfOnePlugin_DoNotDelayAnother()
    {
        using var path = new SlowPath();
        using var release = new ManualResetEventSlim();
        AsyncClient other = path.Lane.CreateClient(path.Runtime.GetOrAddPool("other", 1, (_, _) => path.NewExecutor()), "other.lua");
        path.Schedule(_ => release.Wait(TimeSpan.FromSeconds(20)) ? "released by the other plugin" : "never");
        path.OnDelivery = task =>
        {
            if (task.Client == other)
                release.Set();
        };
        other.SubmitCopy("/no such file"u8, path.BytesOf("b"));

        List<SlowPath.Delivery> deliveries = path.Drain();

        Assert.Contains("no such file", deliveries[0].Error, StringComparison.Ordinal);
        Assert.Equal("released by the other plugin", deliveries[1].Result);
    }

    [Fact]
    public void Executor_IsCreatedUsedAndDisposedOnItsWorker()
    {
        SlowPath.DelegateExecutor? executor = null;
        SlowPath? path = null;
        using (path = new SlowPath(factory: (_, _) => executor = path!.NewExecutor()))
        {
            for (int i = 0; i < 3; i++)
                path.Schedule(_ => $"{Environment.CurrentManagedThreadId}");
            path.DrainWell();
        }

        Assert.All(path.Deliveries, d => Assert.Equal($"{executor!.Thread}", d.Result));
        Assert.Equal(executor!.Thread, executor.DisposedOn);
        Assert.NotEqual(Environment.CurrentManagedThreadId, executor.Thread);
    }

    [Fact]
    public void FileOperationsAlone_NeedNoExecutor()
    {
        using var path = new SlowPath(factory: (_, _) => throw new InvalidOperationException("not needed"));
        path.Append("x", "file");

        Assert.Empty(path.Drain());
    }

    [Fact]
    public void Figures_AfterSomeTasks_CountThemAndTimeThem()
    {
        using var path = new SlowPath();
        for (int i = 0; i < 10; i++)
            path.Schedule(_ => "done");
        path.Copy("missing", "b");
        Assert.Equal(11, path.Client.Pending);
        path.Drain();

        AsyncStatistics statistics = path.Pool.GetStatistics();

        Assert.Equal((11, 11, 10, 1), (statistics.Submitted, statistics.Completed, statistics.Succeeded, statistics.Failed));
        Assert.Equal((0, 0), (statistics.Pending, statistics.Queued));
        Assert.True(statistics.Run.Quantile(0.5) > 0);
        Assert.True(statistics.Wait.Max >= statistics.Wait.Quantile(0.99));
        Assert.Contains("copy", statistics.LastError, StringComparison.Ordinal);
    }

    [Fact]
    public void Pending_CountsUntilTheDeliveryIsOver()
    {
        using var path = new SlowPath();
        var pending = new List<long>();
        path.OnDelivery = _ => pending.Add(path.Client.Pending);
        path.Schedule(_ => "a");
        path.Schedule(_ => "b");

        path.DrainWell();

        Assert.Equal([2, 1], pending);
        Assert.Equal(0, path.Client.Pending);
    }

    [Theory]
    [InlineData(nameof(AsyncOptions.MemoryCap))]
    [InlineData(nameof(AsyncOptions.WorkerNice))]
    [InlineData(nameof(AsyncOptions.FileRetries))]
    [InlineData(nameof(AsyncOptions.RetryDelay))]
    [InlineData(nameof(AsyncOptions.StopGrace))]
    [InlineData(nameof(AsyncOptions.TaskTimeout))]
    public void Options_OutOfRange_AreRefusedByName(string name)
    {
        var options = new AsyncOptions();
        options = name switch
        {
            nameof(AsyncOptions.MemoryCap) => options with { MemoryCap = 1 },
            nameof(AsyncOptions.WorkerNice) => options with { WorkerNice = 20 },
            nameof(AsyncOptions.FileRetries) => options with { FileRetries = -1 },
            nameof(AsyncOptions.RetryDelay) => options with { RetryDelay = TimeSpan.Zero },
            nameof(AsyncOptions.StopGrace) => options with { StopGrace = TimeSpan.Zero },
            _ => options with { TaskTimeout = TimeSpan.FromDays(8) },
        };

        Assert.Contains(
            name,
            Assert.Throws<ArgumentOutOfRangeException>(() => new AsyncRuntime(options)).Message,
            StringComparison.Ordinal
        );
    }

    /// <summary>What the kernel says of this process's threads whose name begins so; a thread may end while one looks.</summary>
    private static List<int> NiceValuesOf(string name)
    {
        const int niceAfterName = 16; // proc(5): field 19, where the name is the second
        var values = new List<int>();
        foreach (string task in Directory.GetDirectories("/proc/self/task"))
        {
            try
            {
                string line = File.ReadAllText(Path.Combine(task, "stat"));
                int end = line.LastIndexOf(')');
                if (line[(line.IndexOf('(', StringComparison.Ordinal) + 1)..end].StartsWith(name, StringComparison.Ordinal))
                    values.Add(int.Parse(line[(end + 2)..].Split(' ')[niceAfterName], System.Globalization.CultureInfo.InvariantCulture));
            }
            catch (IOException)
            {
                // It has ended.
            }
        }

        return values;
    }
}
