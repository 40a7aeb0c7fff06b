namespace Spillway.Async.Lanes;

/// <summary>
/// A lane's side of the memory accounts: where there is room for its tasks, and what its results gave back. It settles with the runtime's
/// accounts in chunks, since they are shared. On the lane's thread.
/// </summary>
internal sealed class LaneAccounts(AsyncRuntime runtime)
{
    private readonly MemoryBudget _tasks = runtime.Budget;
    private readonly MemoryBudget _results = runtime.ResultBudget;
    private readonly bool _drops = runtime.Options.LoadPolicy == AsyncLoadPolicy.Drop;
    private long _credit;
    private long _delivered;

    /// <summary>Times that a submission had to wait because memory and disk were full.</summary>
    public long Waits { get; set; }

    /// <summary>Above the cap tasks are stored; if the disk does not take them, memory goes up to here.</summary>
    private long MemoryLimit => _tasks.Cap + (_tasks.Cap / 2);

    /// <summary>
    /// Finds out where there is room for a task, and charges it if that is memory. False if there is none and the policy is to drop it.
    /// Waits only if the disk is full too.
    /// </summary>
    public bool TryAdmit(AsyncTask task, AsyncPool pool, out Admission admission)
    {
        admission = Admission.Queued;
        if (!pool.Spill.IsActive && (_credit >= task.Charge || _tasks.Held + _results.Held <= _tasks.Cap))
        {
            Charge(task, ahead: _tasks.Chunk);
            return true;
        }

        admission = Admission.Stored;
        if (pool.Spill.IsOpen)
            return true;
        admission = pool.Spill.IsActive ? Admission.Held : Admission.Queued;
        if (_credit < task.Charge && _tasks.Held > MemoryLimit && !WaitForRoom(pool, ref admission))
            return false;
        if (admission != Admission.Stored)
            Charge(task);
        return true;
    }

    /// <summary>
    /// Charges a task's bytes to what the lane has taken from the account; if need be, takes that and <paramref name="ahead"/> more.
    /// </summary>
    public void Charge(AsyncTask task, int ahead = 0)
    {
        if (_credit < task.Charge)
        {
            long wanted = task.Charge - _credit + ahead;
            _credit += wanted;
            _tasks.Take(wanted);
        }

        _credit -= task.Charge;
    }

    /// <summary>Takes a charge back.</summary>
    public void Refund(AsyncTask task) => _credit += task.Charge;

    /// <summary>A result was delivered, so its memory is free.</summary>
    public void ReturnResult(AsyncTask task)
    {
        _delivered += task.ResultCharge;
        if (_delivered < _results.Chunk)
            return;
        _results.Return(_delivered);
        _delivered = 0;
    }

    /// <summary>Gives everything back.</summary>
    public void Settle()
    {
        if (_credit > 0)
            _tasks.Return(_credit);
        _credit = 0;
        _results.Return(_delivered);
        _delivered = 0;
    }

    /// <summary>Neither memory nor disk has room: waits for either, or refuses. A new admission is what there was room for.</summary>
    private bool WaitForRoom(AsyncPool pool, ref Admission admission)
    {
        if (_drops)
            return false;
        Waits++;
        while (!_tasks.WaitBelow(MemoryLimit, TimeSpan.FromMilliseconds(1), pool.StopSignal) && !pool.StopSignal.IsSet && !runtime.IsEnding)
        {
            if (pool.Spill.IsOpen)
            {
                admission = Admission.Stored;
                return true;
            }
        }

        admission = pool.Spill.IsActive ? Admission.Held : Admission.Queued;
        return true;
    }
}
