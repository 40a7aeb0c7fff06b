namespace Spillway.Async.Tests;

/// <summary>Clients and pools that come and go while the program goes on: nothing is left of them but their figures.</summary>
public sealed class PoolEndTests : IDisposable
{
    private static readonly TaskFunction Function = new(1, default, "x.lua:1");
    private readonly SlowPath _path = new();
    private readonly ManualResetEventSlim _release = new();

    public void Dispose()
    {
        _release.Set();
        _path.Dispose();
        _release.Dispose();
    }

    [Fact]
    public void Close_ThousandsOfClients_LeaveTheirFiguresOnly()
    {
        const int Clients = 3000;
        for (int i = 0; i < Clients; i++)
        {
            AsyncClient client = NewClient(_path.Pool);
            Append(client);
            client.Close();
            client.Close();
        }

        Assert.Equal(0, _path.Drain().Count(delivery => delivery.Error is not null));
        Assert.Equal(1, _path.Pool.ClientCount); // the one of the fixture
        Assert.Equal(
            (Clients, Clients, 0),
            (_path.Pool.GetStatistics().Submitted, _path.Pool.GetStatistics().Succeeded, _path.Pool.GetStatistics().Pending)
        );
        Assert.Equal(new string('x', Clients), _path.Read("log"));
    }

    [Fact]
    public void Close_WithATaskUnderWay_WaitsForItsDelivery()
    {
        AsyncClient client = NewClient(_path.Pool);
        Schedule(client, _ => Wait("result"));
        client.Close();

        Assert.Equal((2, 1), (_path.Pool.ClientCount, _path.Pool.GetStatistics().Pending));
        _release.Set();
        Assert.Equal("result", Assert.Single(_path.Drain()).Result);
        Assert.Equal((1, 1, 0), (_path.Pool.ClientCount, _path.Pool.GetStatistics().Submitted, _path.Pool.GetStatistics().Pending));
    }

    [Fact]
    public void Submit_AfterClose_IsRefused()
    {
        AsyncClient client = NewClient(_path.Pool);
        client.Close();

        Assert.Throws<ObjectDisposedException>(() => Append(client));
        Assert.Throws<ObjectDisposedException>(() => Schedule(client, _ => null));
        Assert.Throws<ObjectDisposedException>(() => client.SubmitHash("x"u8, "md5"u8));
    }

    [Fact]
    public void TryEnd_ThousandsOfPools_LeaveTheirSumOnly()
    {
        const int Pools = 2000;
        for (int i = 0; i < Pools; i++)
        {
            AsyncPool pool = NewPool($"script {i}");
            AsyncClient client = NewClient(pool);
            Append(client);
            client.Close();
            _path.DrainWell();
            Assert.True(_path.Runtime.TryEnd(pool));
        }

        Assert.Same(_path.Pool, Assert.Single(_path.Runtime.Pools));
        Assert.Equal((Pools, Pools, 0), (_path.Runtime.Ended!.Submitted, _path.Runtime.Ended.Succeeded, _path.Runtime.Ended.Pending));
        Assert.Equal(Pools, _path.Runtime.Ended.Wait.Count);
        Assert.True(SpinWait.SpinUntil(() => _path.Runtime.EndingCount == 0, TimeSpan.FromSeconds(60)));
        Assert.Equal($"{Pools} scripts that are gone", _path.Runtime.Ended.Plugin);
        Assert.Equal(0, _path.Runtime.Ended.Workers);
    }

    [Fact]
    public void TryEnd_WithAClientOrATask_DoesNothing()
    {
        AsyncPool pool = NewPool("script");
        AsyncClient client = NewClient(pool);
        Assert.False(_path.Runtime.TryEnd(pool));

        Schedule(client, _ => Wait(null));
        client.Close();
        Assert.False(_path.Runtime.TryEnd(pool));
        Assert.Contains(pool, _path.Runtime.Pools);
        Assert.Null(_path.Runtime.Ended);

        _release.Set();
        _path.DrainWell();
        Assert.True(_path.Runtime.TryEnd(pool));
        Assert.False(_path.Runtime.TryEnd(pool));
    }

    [Fact]
    public void EndWithClients_EndsWithTheLastTaskOfTheLastClient_OrAtOnce()
    {
        AsyncPool pool = NewPool("script"),
            empty = NewPool("empty");
        AsyncClient first = NewClient(pool),
            second = NewClient(pool);
        Append(first);
        Schedule(second, _ => Wait("result"));
        first.Close();
        second.Close();
        pool.EndWithClients();
        empty.EndWithClients();

        Assert.Equal([_path.Pool, pool], _path.Runtime.Pools);
        _release.Set();
        _path.DrainWell();
        Assert.Same(_path.Pool, Assert.Single(_path.Runtime.Pools));
        Assert.Equal(2, _path.Runtime.Ended!.Succeeded);
    }

    [Fact]
    public void TryEnd_ItsNameIsFreeAtOnce_AlsoForAnotherNumberOfWorkers()
    {
        AsyncPool pool = NewPool("script");
        Assert.True(_path.Runtime.TryEnd(pool)); // no thread has ever run

        AsyncPool next = _path.Runtime.GetOrAddPool("script", 3, (_, _) => _path.NewExecutor());
        Append(NewClient(next));
        _path.DrainWell();

        Assert.NotSame(pool, next);
        Assert.Equal(1, next.GetStatistics().Succeeded);
    }

    [Fact]
    public void TryEnd_DisposesTheExecutorsOfItsWorkers_OnTheirThreads()
    {
        SlowPath.DelegateExecutor? executor = null;
        AsyncPool pool = _path.Runtime.GetOrAddPool("script", 1, (_, _) => executor = _path.NewExecutor());
        AsyncClient client = NewClient(pool);
        Schedule(client, _ => null);
        client.Close();
        _path.DrainWell();
        Assert.True(_path.Runtime.TryEnd(pool));

        Assert.True(SpinWait.SpinUntil(() => _path.Runtime.EndingCount == 0, TimeSpan.FromSeconds(60)));
        Assert.Equal(executor!.Thread, executor.DisposedOn);
    }

    [Fact]
    public void Stop_WhilePoolsAreEnding_JoinsThemToo_AndNoFigureIsLost()
    {
        for (int i = 0; i < 20; i++)
        {
            AsyncPool pool = NewPool($"script {i}");
            AsyncClient client = NewClient(pool);
            Append(client);
            client.Close();
            _path.DrainWell();
            Assert.True(_path.Runtime.TryEnd(pool));
        }

        Assert.True(_path.Runtime.Stop(TimeSpan.FromSeconds(30)));
        Assert.Equal(20, _path.Runtime.Ended!.Succeeded);
        Assert.False(_path.Runtime.TryEnd(_path.Pool));
    }

    private string? Wait(string? result)
    {
        _release.Wait();
        return result;
    }

    private AsyncPool NewPool(string name) => _path.Runtime.GetOrAddPool(name, 1, (_, _) => _path.NewExecutor());

    private AsyncClient NewClient(AsyncPool pool) => _path.Lane.CreateClient(pool, "x.lua");

    private void Append(AsyncClient client) => client.SubmitAppend("x"u8, _path.BytesOf("log"));

    private void Schedule(AsyncClient client, Func<AsyncTask, string?> work)
    {
        _path.OnSchedule(-1, work);
        client.SubmitSchedule(
            new ScheduleRequest
            {
                Function = Function,
                Cookie = -1,
                WantsResult = true,
            }
        );
    }
}
