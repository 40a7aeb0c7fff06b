using Spillway.Net.Capture;

namespace Spillway.Net.Tests.Capture;

public sealed class ArrivalOrderTests
{
    private const long Now = 1_700_000_000_000_000_000;
    private const long Old = Now - ArrivalOrder.WindowNs;
    private const long None = ArrivalOrder.Empty,
        Shut = ArrivalOrder.Closed;

    [Theory]
    [InlineData(1, Now - 1, Now - 2, Now - 1)] // each has one: the earliest, the first of equals
    [InlineData(0, Now - 2, Now - 2, Now - 1)]
    [InlineData(-1, None, Old + 1, None)] // an earlier one may still come
    [InlineData(1, None, Old, None)] // none can
    [InlineData(1, None, 0, None)]
    [InlineData(0, Now, Shut, Shut)] // nobody waits for what is not open
    [InlineData(-1, Now, Shut, None)]
    [InlineData(2, None, Shut, Now + 1)] // a clock that is ahead says nothing
    [InlineData(1, Now + 1, Old, None)]
    [InlineData(-1, None, Shut, None)]
    [InlineData(-1, Shut, Shut, Shut)]
    public void First_OfThreeInterfaces_IsTheEarliestThatNoneCanPrecede(int expected, long one, long two, long three) =>
        Assert.Equal(expected, ArrivalOrder.First([one, two, three], Now));

    [Fact]
    public void First_WhenNobodyWaitsAnyMore_IsTheEarliest() => Assert.Equal(1, ArrivalOrder.First([None, Now, Now + 1], long.MaxValue));
}
