using System.Runtime.InteropServices;

namespace Spillway.Async.Rings;

/// <summary>What one client has in a ring. On the lane's thread; other threads may read the counts.</summary>
internal sealed unsafe class RingAccount
{
    private readonly RingShare* _share = (RingShare*)NativeMemory.AllocZeroed((nuint)sizeof(RingShare));

    public RingAccount(int client, bool isLeased)
    {
        _share->Client = client;
        IsLeased = isLeased;
    }

    ~RingAccount() => NativeMemory.Free(_share);

    /// <summary>Where Lua finds it.</summary>
    public nint Address => (nint)_share;

    /// <summary>Tasks put.</summary>
    public long Submitted => (long)Volatile.Read(ref _share->Submitted);

    /// <summary>Tasks that are not over.</summary>
    public long Pending => (long)(Volatile.Read(ref _share->Submitted) - Volatile.Read(ref _share->Completed));

    /// <summary>Results that something was called for.</summary>
    public long Calls => (long)_share->Calls;

    /// <summary>Whether tasks that are submitted now need a lease.</summary>
    public bool IsLeased
    {
        set => _share->Leased = value ? 1 : 0;
    }

    /// <summary>One task is over.</summary>
    public void Complete()
    {
        _share->Completed++;
        _share->Delivering = 0;
    }

    /// <summary>The script is left: if a result was being delivered, that one has raised and is over.</summary>
    public void EndDelivery()
    {
        if (_share->Delivering != 0)
            Complete();
    }
}
