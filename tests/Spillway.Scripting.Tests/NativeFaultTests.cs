using System.Runtime.CompilerServices;

namespace Spillway.Scripting.Tests;

/// <summary>The handler for crashes of native code lets the runtime make exceptions of faults in managed code, as before.</summary>
public sealed class NativeFaultTests
{
    [Fact]
    public void NullInManagedCode_WithTheHandlerInPlace_IsStillAnException()
    {
        NativeFaults.Report();
        int caught = 0;
        var threads = Enumerable
            .Range(0, 4)
            .Select(_ => new Thread(() =>
            {
                for (int i = 0; i < 100; i++)
                {
                    Assert.Throws<NullReferenceException>(() => Read(null!));
                    Assert.Throws<DivideByZeroException>(() => Divide(i, 0));
                    Interlocked.Increment(ref caught);
                }
            }))
            .ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        Assert.Equal(400, caught);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Read(int[] numbers) => numbers.Length;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Divide(int number, int by) => number / by;
}
