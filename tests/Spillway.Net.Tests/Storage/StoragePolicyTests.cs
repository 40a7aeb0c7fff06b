using Spillway.Net.Flows;

namespace Spillway.Net.Tests.Storage;

public sealed class StoragePolicyTests
{
    // Most liberal first: the order is the contract (script API, section 1.12).
    private static readonly StoragePolicy[] Order =
    [
        StoragePolicy.Full,
        StoragePolicy.First10MB,
        StoragePolicy.First1MB,
        StoragePolicy.First100KB,
        StoragePolicy.First10KB,
        StoragePolicy.HeadersOnly,
        StoragePolicy.Ignore,
        StoragePolicy.NoOpinion,
    ];

    [Fact]
    public void MoreLiberal_AnyTwoPolicies_FollowsTheOrder()
    {
        for (int i = 0; i < Order.Length; i++)
        {
            for (int j = 0; j < Order.Length; j++)
                Assert.Equal(Order[Math.Min(i, j)], StoragePolicies.MoreLiberal(Order[i], Order[j]));
        }
    }

    [Theory]
    [InlineData(-1, StoragePolicy.NoOpinion)]
    [InlineData(0, StoragePolicy.Ignore)]
    [InlineData(6, StoragePolicy.First10MB)]
    [InlineData(7, StoragePolicy.NoOpinion)]
    [InlineData(int.MinValue, StoragePolicy.NoOpinion)]
    [InlineData(int.MaxValue, StoragePolicy.NoOpinion)]
    public void FromVote_Number_IsAPolicyOrNoOpinion(int vote, StoragePolicy expected) =>
        Assert.Equal(expected, StoragePolicies.FromVote(vote));

    [Theory]
    [InlineData("none", StoragePolicy.Ignore, null)]
    [InlineData("full", StoragePolicy.Full, null)]
    [InlineData("headers", StoragePolicy.HeadersOnly, null)]
    [InlineData("10k", StoragePolicy.First10KB, 10_240)]
    [InlineData("100k", StoragePolicy.First100KB, 102_400)]
    [InlineData("1m", StoragePolicy.First1MB, 1_048_576)]
    [InlineData("10m", StoragePolicy.First10MB, 10_485_760)]
    public void Find_Name_GivesPolicyWithItsLimit(string name, StoragePolicy expected, int? limit)
    {
        Assert.Equal(expected, StoragePolicies.Find(name));
        Assert.Equal(limit is not null, StoragePolicies.IsLimited(expected, out int bytes));
        if (limit is { } most)
            Assert.Equal(most, bytes);
    }

    [Fact]
    public void Vote_NobodyHasAnOpinion_DefaultCounts()
    {
        var flow = new FlowStorage(StoragePolicy.First100KB, voters: 2);
        flow.Vote(0, StoragePolicy.NoOpinion);
        flow.Vote(1, StoragePolicy.NoOpinion);

        Assert.Equal(StoragePolicy.First100KB, flow.Policy);
    }

    [Fact]
    public void Vote_OpinionAgainstDefault_WinsEvenIfItStoresLess()
    {
        var flow = new FlowStorage(StoragePolicy.Full, voters: 2);
        flow.Vote(1, StoragePolicy.Ignore);

        Assert.Equal(StoragePolicy.Ignore, flow.Policy);
    }

    [Fact]
    public void Vote_ConflictOfScripts_MoreLiberalWins()
    {
        var flow = new FlowStorage(StoragePolicy.Ignore, voters: 3);
        flow.Vote(0, StoragePolicy.HeadersOnly);
        flow.Vote(1, StoragePolicy.First10KB);
        flow.Vote(2, StoragePolicy.Ignore);

        Assert.Equal(StoragePolicy.First10KB, flow.Policy);
    }

    [Fact]
    public void Vote_SameScriptAgain_ReplacesItsVoteOnly()
    {
        var flow = new FlowStorage(StoragePolicy.Ignore, voters: 2);
        flow.Vote(0, StoragePolicy.Full);
        flow.Vote(1, StoragePolicy.First10KB);
        flow.Vote(0, StoragePolicy.NoOpinion);
        Assert.Equal(StoragePolicy.Full, flow.Policy);

        flow.Vote(0, StoragePolicy.HeadersOnly);
        Assert.Equal(StoragePolicy.First10KB, flow.Policy);
    }
}
