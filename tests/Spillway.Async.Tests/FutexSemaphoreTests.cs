using Spillway.Async.Queues;

namespace Spillway.Async.Tests;

public sealed class FutexSemaphoreTests
{
    [Fact]
    public void Wait_PermitsGivenBefore_ReturnsForEach()
    {
        var semaphore = new FutexSemaphore();
        semaphore.Release();
        semaphore.Release();

        semaphore.Wait();
        Assert.True(semaphore.Wait(TimeSpan.FromSeconds(30)));
        Assert.False(semaphore.Wait(TimeSpan.Zero));
    }

    [Fact]
    public void Wait_NobodyReleases_EndsWithTheTime() => Assert.False(new FutexSemaphore().Wait(TimeSpan.FromMilliseconds(2)));

    [Fact]
    public void Release_ManyThreads_EveryPermitLetsOneWaitEnd()
    {
        const int threads = 4;
        const int rounds = 20_000;
        var forth = new FutexSemaphore();
        var back = new FutexSemaphore();
        var all = new List<Thread>();
        for (int i = 0; i < threads; i++)
        {
            all.Add(
                new Thread(() =>
                {
                    for (int round = 0; round < rounds; round++)
                    {
                        forth.Wait();
                        back.Release();
                    }
                })
            );
        }

        all.ForEach(thread => thread.Start());
        for (int i = 0; i < threads * rounds; i++)
        {
            forth.Release();
            if (i % 3 == 0)
                Assert.True(back.Wait(TimeSpan.FromSeconds(30)), $"permit {i} was lost");
        }

        Assert.All(all, thread => Assert.True(thread.Join(TimeSpan.FromSeconds(30))));
        for (int i = 0; i < threads * rounds * 2 / 3; i++)
            Assert.True(back.Wait(TimeSpan.Zero));
        Assert.False(back.Wait(TimeSpan.Zero));
    }

    [Fact]
    public void SpinHabit_NeverPaid_RestsButTriesAgain()
    {
        var habit = default(SpinHabit);
        int tries = 0;
        for (int i = 0; i < 1600; i++)
        {
            tries += habit.IsWorthwhile ? 1 : 0;
            habit.Note(paid: false);
        }

        Assert.InRange(tries, 100, 110);
        habit.Note(paid: true);
        Assert.True(habit.IsWorthwhile);
    }
}
