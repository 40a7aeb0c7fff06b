using System.Runtime.InteropServices;

namespace Spillway.Async.Rings;

/// <summary>Gives a lane's tasks their numbers, whatever way they take. On the lane's thread.</summary>
internal sealed unsafe class RingIds(AsyncRuntime runtime)
{
    private const int IdsAtATime = 1024;

    private readonly double* _ids = (double*)NativeMemory.AllocZeroed(2, sizeof(double));

    ~RingIds() => NativeMemory.Free(_ids);

    /// <summary>The last number given, and the last that may be.</summary>
    public double* Words => _ids;

    /// <summary>The next number.</summary>
    public long Next()
    {
        if (_ids[0] == _ids[1])
            Reserve();
        return (long)++_ids[0];
    }

    /// <summary>More numbers, once those there are have been given.</summary>
    public void Reserve()
    {
        _ids[1] = runtime.ReserveIds(IdsAtATime);
        _ids[0] = _ids[1] - IdsAtATime;
    }
}
