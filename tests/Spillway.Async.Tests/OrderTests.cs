using System.Collections.Concurrent;
using System.Text;

namespace Spillway.Async.Tests;

public sealed class OrderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void Cat_ManyChunksToManyFiles_AreNeverSwapped(int workers)
    {
        using var path = new SlowPath(workers);
        const int Files = 7;
        const int Chunks = 60;
        for (int chunk = 0; chunk < Chunks; chunk++)
        {
            for (int file = 0; file < Files; file++)
            {
                path.FileWith($"chunk{file}.{chunk}", $"{chunk} ");
                path.Cat($"chunk{file}.{chunk}", $"whole{file}");
                path.Remove($"chunk{file}.{chunk}");
            }
        }

        path.DrainWell();

        string expected = string.Concat(Enumerable.Range(0, Chunks).Select(n => $"{n} "));
        for (int file = 0; file < Files; file++)
            Assert.Equal(expected, path.Read($"whole{file}"));
        Assert.Equal(Files, Directory.GetFiles(path.Root).Length);
    }

    [Fact]
    public void InOrder_ResultsOfSeveralPlugins_ComeAsTheirTasksWereSubmitted()
    {
        using var path = new SlowPath(workers: 8, new AsyncOptions { InOrder = true });
        AsyncPool otherPool = path.Runtime.GetOrAddPool("other", 3, (_, _) => path.NewExecutor());
        AsyncClient other = path.Lane.CreateClient(otherPool, "other.lua");
        using var othersAreDone = new ManualResetEventSlim();
        path.Schedule(_ =>
        {
            othersAreDone.Wait(TimeSpan.FromSeconds(30));
            return "a";
        });
        for (int i = 0; i < 3; i++)
        {
            int number = i;
            path.OnSchedule(
                1000 + i,
                _ =>
                {
                    if (number == 2)
                        othersAreDone.Set();
                    return $"b{number}";
                }
            );
            other.SubmitSchedule(
                new ScheduleRequest
                {
                    Function = new TaskFunction(1, default, "other.lua:1"),
                    Cookie = 1000 + i,
                    WantsResult = true,
                }
            );
        }

        path.Schedule(_ => "c");

        Assert.Equal(["a", "b0", "b1", "b2", "c"], path.DrainWell().Select(delivery => delivery.Result));
        Assert.Equal((1, 1), (path.Pool.WorkerCount, otherPool.WorkerCount));
    }

    [Fact]
    public void InOrder_MoreResultsThanMemoryHolds_AllCome()
    {
        using var path = new SlowPath(options: new AsyncOptions { InOrder = true, MemoryCap = 64 << 10 });
        string large = new('x', 10_000);
        for (int i = 0; i < 100; i++)
            path.Schedule(_ => large);

        Assert.Equal(100, path.DrainWell().Count);
    }

    [Fact]
    public void FileOperations_RandomOnesOfFewFiles_LeaveWhatASingleWorkerLeaves()
    {
        int seed = Random.Shared.Next();
        Assert.Equal(RunRandomOperations(1, seed), RunRandomOperations(8, seed));
    }

    [Fact]
    public void CopyThenRemove_SameSource_CopiesFirst()
    {
        using var path = new SlowPath(workers: 8);
        Directory.CreateDirectory(path.PathOf("x"));
        for (int i = 0; i < 200; i++)
        {
            path.FileWith($"s{i}", $"{i}");
            path.Copy($"s{i}", $"d{i}");
            path.Client.SubmitRemove(path.BytesOf($"x/../s{i}"));
        }

        path.DrainWell();

        Assert.All(Enumerable.Range(0, 200), i => Assert.Equal($"{i}", path.Read($"d{i}")));
        Assert.Equal(200, Directory.GetFiles(path.Root).Length);
    }

    [Fact]
    public void OneWorker_CopyThenSchedule_FindsTheCopy()
    {
        using var path = new SlowPath();
        path.FileWith("a", "content");
        path.Copy("a", "b");
        path.Schedule(_ => path.Read("b"));

        Assert.Equal("content", Assert.Single(path.DrainWell()).Result);
    }

    [Fact]
    public void OneWorker_AllKindsOfTasks_RunInSubmissionOrder()
    {
        using var path = new SlowPath();
        var seen = new List<string>();
        for (int i = 0; i < 50; i++)
        {
            path.Append($"{i} ", "log");
            int number = i;
            path.Schedule(_ =>
            {
                seen.Add($"{number}:{path.Read("log").Trim().Split(' ').Length}");
                return null;
            });
        }

        path.DrainWell();

        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i}:{i + 1}"), seen);
    }

    [Fact]
    public void ManyWorkers_Schedules_StartInSubmissionOrder()
    {
        // Each task waits until its predecessor has started: out of order, all workers would soon wait for one not yet taken.
        using var path = new SlowPath(workers: 4);
        const int Count = 500;
        using var started = new SemaphoreSlim(0);
        int next = 0;
        for (int i = 0; i < Count; i++)
        {
            int number = i;
            path.Schedule(_ =>
            {
                SpinWait.SpinUntil(() => Volatile.Read(ref next) == number);
                Interlocked.Increment(ref next);
                return null;
            });
        }

        path.DrainWell();

        Assert.Equal(Count, next);
    }

    [Fact]
    public void ManyWorkers_UnrelatedTasks_RunAtTheSameTime()
    {
        using var path = new SlowPath(workers: 4);
        using var all = new Barrier(4);
        for (int i = 0; i < 4; i++)
            path.Schedule(_ => all.SignalAndWait(TimeSpan.FromSeconds(20)) ? "met" : "alone");

        Assert.All(path.DrainWell(), d => Assert.Equal("met", d.Result));
    }

    [Fact]
    public void EqualKeys_RunOneAtATimeInOrder()
    {
        using var path = new SlowPath(workers: 8);
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        int[] inside = new int[5];
        var order = new ConcurrentQueue<int>[5];
        bool overlapped = false;
        for (int key = 0; key < 5; key++)
            order[key] = new ConcurrentQueue<int>();
        for (int i = 0; i < 1000; i++)
        {
            int number = i;
            int key = random.Next(5);
            int spin = random.Next(200);
            path.Schedule(
                _ =>
                {
                    if (Interlocked.Increment(ref inside[key]) != 1)
                        overlapped = true;
                    Thread.SpinWait(spin);
                    order[key].Enqueue(number);
                    Interlocked.Decrement(ref inside[key]);
                    return null;
                },
                key: $"key {key}"
            );
        }

        path.DrainWell();

        Assert.False(overlapped, $"seed {seed}");
        Assert.All(order, numbers => Assert.Equal(numbers.Order(), numbers));
        Assert.Equal(1000, order.Sum(numbers => numbers.Count));
    }

    [Fact]
    public void KeyThatIsAPath_IsOrderedWithFileOperationsOnIt()
    {
        using var path = new SlowPath(workers: 8);
        for (int i = 0; i < 100; i++)
        {
            string expected = $"{i}";
            path.Append(expected, $"f{i}");
            path.Schedule(_ => path.Read($"f{expected}") == expected ? null : "too early", key: path.PathOf($"x/./..//f{i}"));
            path.Remove($"f{i}");
        }

        Assert.Empty(path.DrainWell());
        Assert.Empty(Directory.GetFiles(path.Root));
    }

    [Fact]
    public void KeyHeldByASlowTask_OthersGoOn()
    {
        using var path = new SlowPath(workers: 2);
        using var release = new ManualResetEventSlim();
        path.Schedule(_ => release.Wait(TimeSpan.FromSeconds(20)) ? "slow" : "never released", key: "k");
        path.Schedule(_ => "behind", key: "k");
        path.Schedule(_ =>
        {
            release.Set();
            return "free";
        });

        Assert.Equal(
            ["free", "slow", "behind"],
            path.DrainWell().Select(d => d.Result).OrderBy(r => r == "behind").ThenBy(r => r == "slow")
        );
        Assert.True(path.Deliveries.FindIndex(d => d.Result == "slow") < path.Deliveries.FindIndex(d => d.Result == "behind"));
    }

    private static string RunRandomOperations(int workers, int seed)
    {
        using var path = new SlowPath(workers);
        var random = new Random(seed);
        string[] names = ["a", "b", "c", "d"];
        for (int i = 0; i < 400; i++)
        {
            string from = names[random.Next(names.Length)];
            string to = names[random.Next(names.Length)];
            switch (random.Next(6))
            {
                case 0:
                    path.Copy(from, to);
                    break;
                case 1 when i % 4 == 0:
                    path.Cat(from, to);
                    break;
                case 2:
                    path.Remove(to);
                    break;
                case 3:
                    path.WriteAt($"<{i}>", to, random.Next(50));
                    break;
                default:
                    path.Append($"{i},", to);
                    break;
            }
        }

        path.Drain();
        var state = new StringBuilder($"seed {seed}\n");
        foreach (string file in Directory.GetFiles(path.Root).Order(StringComparer.Ordinal))
            state.Append(Path.GetFileName(file)).Append('=').AppendLine(File.ReadAllText(file));
        return state.ToString();
    }
}
