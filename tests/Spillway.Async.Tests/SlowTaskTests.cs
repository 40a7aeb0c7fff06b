using System.Diagnostics;
using Spillway.Async.Figures;

namespace Spillway.Async.Tests;

/// <summary>Which tasks are slow, and how many of them are told. Tasks are made, not waited for.</summary>
public sealed class SlowTaskTests
{
    private const long Second = 1_000_000_000;

    [Theory]
    [InlineData(10, 1_000_000, Second, true)]
    [InlineData(10, 100_000_000, Second, false)]
    [InlineData(10, 100_000_000, 3 * Second, true)]
    [InlineData(4, 1_000_000, Second, false)]
    public void Look_IsTold_IfTheTaskTookManyTimesTheUsual(int tasksBefore, long usual, long run, bool expected)
    {
        var told = new List<SlowTask>();
        using var path = new SlowPath(options: new AsyncOptions { OnSlowTask = told.Add });
        var figures = new LogHistogram();
        for (int i = 0; i < tasksBefore; i++)
            figures.Record(usual);

        path.Pool.SlowTasks.Look(NamedTask(path, "look-up"), run, figures);

        Assert.Equal(expected, told.Count == 1);
        Assert.All(told, slow => Assert.Equal(("plugin", "'look-up' (test.lua:1)"), (slow.Plugin, slow.Task)));
    }

    [Fact]
    public void Look_ManySlowTasks_AreToldOnceAndCounted()
    {
        var told = new List<SlowTask>();
        using var path = new SlowPath(options: new AsyncOptions { OnSlowTask = told.Add });
        var figures = new LogHistogram();
        for (int i = 0; i < 10; i++)
            figures.Record(1000);
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < 100; i++)
            path.Pool.SlowTasks.Look(NamedTask(path, "slow"), Second, figures);

        // One in ten seconds: should this machine have stood still meanwhile, there may be more.
        int most = 1 + (int)(Stopwatch.GetElapsedTime(start).TotalSeconds / 10);
        Assert.InRange(told.Count, 1, most);
        Assert.Equal(0, told[0].Untold);
    }

    private static AsyncTask NamedTask(SlowPath path, string name)
    {
        AsyncTask task = path.Lane.Rent();
        task.SetSchedule(new ScheduleRequest { Function = new TaskFunction(1, default, "test.lua:1"), Name = name }, 0);
        return task;
    }
}
