using System.Text;

namespace Spillway.Async.Tests;

public sealed class ScheduleTests : IDisposable
{
    private readonly SlowPath _path = new();

    public void Dispose() => _path.Dispose();

    [Fact]
    public void Schedule_FunctionReturnsString_DeliversItWithTheData()
    {
        _path.Schedule(task => Encoding.UTF8.GetString(task.Data) + "!", data: "hello");

        SlowPath.Delivery delivery = Assert.Single(_path.DrainWell());

        Assert.Equal("hello", delivery.Data);
        Assert.Equal("hello!", delivery.Result);
    }

    [Fact]
    public void Schedule_FunctionReturnsEmptyString_DeliversIt()
    {
        _path.Schedule(_ => "");

        Assert.Equal("", Assert.Single(_path.DrainWell()).Result);
    }

    [Fact]
    public void Schedule_FunctionReturnsNothing_CompletesWithoutDelivery()
    {
        _path.Schedule(_ => null);

        Assert.Empty(_path.Drain());
        Assert.Equal(0, _path.Client.Pending);
        Assert.Equal(1, _path.Pool.GetStatistics().Succeeded);
    }

    [Fact]
    public void Schedule_ResultNotWanted_CompletesWithoutDelivery()
    {
        _path.Schedule(_ => "unheard", wantsResult: false);

        Assert.Empty(_path.Drain());
    }

    [Fact]
    public void Schedule_BufferChangedAfterTheCall_TaskSeesTheOldBytes()
    {
        using var gate = new ManualResetEventSlim();
        byte[] data = "before"u8.ToArray();
        _path.Schedule(_ =>
        {
            gate.Wait();
            return null;
        });
        _path.Append("", "file");
        _path.Client.SubmitAppend(data, _path.BytesOf("file"));
        "after!"u8.CopyTo(data);
        gate.Set();

        _path.DrainWell();

        Assert.Equal("before", _path.Read("file"));
    }

    [Fact]
    public void Schedule_FromADelivery_IsDrainedToo()
    {
        int generation = 0;
        _path.OnDelivery = _ =>
        {
            if (++generation < 5)
                _path.Schedule(_ => "more");
        };
        _path.Schedule(_ => "first");

        Assert.Equal(5, _path.DrainWell().Count);
    }
}
