using System.Runtime.Versioning;

[assembly: SupportedOSPlatform("linux")]

namespace Spillway.Async.Tests;

/// <summary>Something that goes on in a thread of its own while the test, which is the lane, does other things.</summary>
internal sealed class Background<T>
{
    private readonly Thread _thread;
    private T? _result;
    private Exception? _error;

    public Background(Func<T> work)
    {
        _thread = new Thread(() =>
        {
            try
            {
                _result = work();
            }
            catch (Exception e)
            {
                _error = e;
            }
        });
        _thread.Start();
    }

    public T Join()
    {
        Assert.True(_thread.Join(TimeSpan.FromSeconds(60)), "the thread did not end");
        return _error is null ? _result! : throw new InvalidOperationException("the thread failed", _error);
    }
}
