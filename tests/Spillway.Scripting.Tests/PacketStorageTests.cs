using System.Globalization;
using Spillway.Net.Flows;

namespace Spillway.Scripting.Tests;

public sealed class PacketStorageTests
{
    private static readonly byte[] Payload = GC.AllocateArray<byte>(3, pinned: true);

    [Theory]
    [InlineData("1", 1)]
    [InlineData("6", 6)]
    [InlineData("0", 0)]
    [InlineData("'2'", 2)]
    [InlineData("-1", -1)]
    [InlineData("7", -1)]
    [InlineData("-2", -1)]
    [InlineData("2.5", -1)]
    [InlineData("0/0", -1)]
    [InlineData("1e300", -1)]
    [InlineData("nil", -1)]
    [InlineData("true", -1)]
    [InlineData("{}", -1)]
    [InlineData("error('no')", -1)]
    public void Filter_Returns_IsTheVote(string result, int expected)
    {
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin(
                $"packet_storage = {{ filter = function() return {result} end, filter_payload = function() return {result} end }}"
            )
        );
        var byFilter = new FlowStorage(StoragePolicy.NoOpinion, harness.Host.StorageVoters);
        var byPayload = new FlowStorage(StoragePolicy.NoOpinion, harness.Host.StorageVoters);
        Flow flow = Begin(harness);

        harness.Host.VoteOnFlow(flow, byFilter);
        harness.Host.VoteOnPayload(flow, byPayload, StreamDirection.ClientToServer, 0, Payload);

        Assert.Equal((StoragePolicy)expected, byFilter.Policy);
        Assert.Equal((StoragePolicy)expected, byPayload.Policy);
        Assert.Equal(result.StartsWith("error", StringComparison.Ordinal) ? 2 : 0, harness.Host.Errors);
    }

    [Fact]
    public void FilterPayload_EachDirection_CountsThemAsFilexDoes()
    {
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin(
                """
                packet_storage = { filter_payload = function(engine, ts, flow, direction, seekpos, buffer)
                  print(ts .. ' ' .. flow:id() .. ' ' .. direction .. ' ' .. seekpos .. ' ' .. buffer:size()) end }
                """
            )
        );
        Flow flow = Begin(harness);
        var state = new FlowStorage(StoragePolicy.Full, harness.Host.StorageVoters);
        harness.Host.VoteOnPayload(flow, state, StreamDirection.ClientToServer, 0, Payload);
        harness.Host.VoteOnPayload(flow, state, StreamDirection.ServerToClient, 17, Payload);

        string start =
            (harness.Lane.NowNs / 1_000_000_000).ToString(CultureInfo.InvariantCulture) + " 06A:0A.01.02.03:p-C000_C6.33.64.07:p-01BB ";
        Assert.Equal($"{start}0 0 3\n{start}1 17 3\n", harness.Output.Printed);
        Assert.Equal(StoragePolicy.Full, state.Policy);
        Assert.True(harness.Host.VotesOnPayload);
    }

    [Fact]
    public void TwoScripts_OfDifferentOpinion_BothVote()
    {
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin("packet_storage = { filter = function() return 0 end }"),
            ScriptHarness.Plugin("packet_storage = { filter = function() return 5 end }")
        );
        var state = new FlowStorage(StoragePolicy.Full, harness.Host.StorageVoters);
        harness.Host.VoteOnFlow(Begin(harness), state);

        Assert.Equal(2, harness.Host.StorageVoters);
        Assert.False(harness.Host.VotesOnPayload);
        Assert.Equal(StoragePolicy.First10KB, state.Policy);
        Assert.Empty(harness.Output.Problems);
    }

    private static Flow Begin(ScriptHarness harness)
    {
        harness.Send(Packets.Syn());
        return harness.LastFlow!;
    }
}
