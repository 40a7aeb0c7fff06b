using System.Runtime.ExceptionServices;

namespace Spillway.Life;

/// <summary>
/// The right to open interfaces while the rest of the process has given it up. It stays with one thread, which does nothing else: Linux
/// keeps capabilities by thread, and threads that this one does not start have none.
/// </summary>
internal sealed class CaptureRights : IDisposable
{
    private readonly SemaphoreSlim _wanted = new(0);
    private readonly SemaphoreSlim _done = new(0);
    private Thread? _thread;
    private Action? _action;
    private ExceptionDispatchInfo? _fault;

    /// <summary>Becomes a user on all threads; one thread keeps the right to open interfaces.</summary>
    /// <exception cref="IOException">The system refuses.</exception>
    public void GiveUp(RunUser user)
    {
        _action = () => user.Become(keepsCapture: true);
        _thread = new Thread(Work) { Name = "capture rights", IsBackground = true };
        _thread.Start();
        WaitForIt();
    }

    /// <summary>Does what needs the right to open interfaces, and returns when it is done. One caller at a time.</summary>
    public void Do(Action action)
    {
        if (_thread is null)
        {
            action();
            return;
        }

        _action = action;
        WaitForIt();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _action = null;
        _wanted.Release();
        _thread?.Join();
        _wanted.Dispose();
        _done.Dispose();
    }

    private void WaitForIt()
    {
        _wanted.Release();
        _done.Wait();
        ExceptionDispatchInfo? fault = _fault;
        _fault = null;
        fault?.Throw();
    }

    private void Work()
    {
        while (true)
        {
            _wanted.Wait();
            if (_action is not { } action)
                return;
            try
            {
                action();
            }
            catch (Exception fault)
            {
                _fault = ExceptionDispatchInfo.Capture(fault);
            }

            _done.Release();
        }
    }
}
