using Spillway.Metrics.Groups;
using Spillway.Metrics.Records;
using Spillway.Metrics.Shards;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using static Spillway.Metrics.Tests.Helpers;

namespace Spillway.Metrics.Tests;

public class ShardEventTests
{
    private static readonly FlowKey Key = FlowKey.Create(0x0A010203, 49152, 0xC6336407, 443, 6, 4, out _);
    private readonly GroupRegistry _registry = RegistryWith(MeterType.Counter);
    private readonly CollectingSink _sink = new();
    private readonly MetricShard _shard;

    public ShardEventTests()
    {
        _shard = new MetricShard(_registry, new MetricOptions { MaxTaggedFlows = 3 }, 0, _sink);
        _shard.AdvanceTo(Noon + 5);
    }

    [Fact]
    public void AddAlert_KeepsAllFields()
    {
        int group = _shard.FindAlertGroup(Utf8(WellKnownGuids.UserAlerts));
        _shard.AddAlert(group, "06A:..."u8, "sid-1"u8, "c"u8, 2, [(byte)'h', (byte)'i', 0xFF, 0x1B], "FIRE"u8);
        _shard.AddAlert(group, default, "sid-2"u8, default, 3, default, default);
        _shard.Complete();

        IReadOnlyList<AlertRecord> alerts = Assert.Single(_sink.Batches).Alerts;
        Assert.Equal(
            new AlertRecord
            {
                TimestampNs = Noon + 5,
                GroupGuid = WellKnownGuids.UserAlerts,
                FlowId = "06A:...",
                Key = "sid-1",
                Classification = "c",
                Priority = 2,
                Message = "hi\\xFF\u001b",
                Status = "FIRE",
            },
            alerts[0]
        );
        Assert.Null(alerts[1].FlowId);
    }

    [Fact]
    public void AddResource_LongLabel_IsCut()
    {
        byte[] label = new byte[100_000];
        Array.Fill(label, (byte)'x');
        _shard.AddResource(_shard.FindResourceGroup(Utf8(WellKnownGuids.FileHashes)), default, "MD5:00"u8, label);
        _shard.Complete();

        Assert.Equal(ResourceRecord.MaxLabelBytes, _sink.Batches[0].Resources[0].Label.Length);
        Assert.Equal(1, _shard.Counters.TruncatedTexts);
    }

    [Fact]
    public void Batch_GivenBack_IsFilledAgain()
    {
        int group = _shard.FindAlertGroup(Utf8(WellKnownGuids.UserAlerts));
        _shard.AddAlert(group, default, "first"u8, default, 3, default, default);
        _shard.AddFlow(new Flow(Key, 1, Noon));
        _shard.HandOverEvents();
        EventBatch first = _sink.Batches[0];
        first.Recycle();
        Assert.Equal((0, 0, 0L), (first.Count, first.Alerts.Count + first.Flows.Count, first.MemoryBytes));

        // The one that is being filled was made before the first came back.
        for (int i = 0; i < 2; i++)
        {
            _shard.AddAlert(group, default, "next"u8, default, 3, default, default);
            _shard.HandOverEvents();
        }

        Assert.Same(first, _sink.Batches[2]);
        Assert.Equal("next", Assert.Single(first.Alerts).Key);
    }

    [Fact]
    public void Tags_StayBelow64BytesAndAreNotRepeated()
    {
        var flow = new Flow(Key, 1, Noon);
        _shard.TagFlow(Key, "[os]linux"u8);
        _shard.TagFlow(Key, "[os]linux"u8);
        _shard.TagFlow(Key, new byte[53].AsSpan()[..0]);
        _shard.TagFlow(Key, Utf8(new string('a', 53)));
        _shard.TagFlow(Key, "b"u8);
        _shard.AddFlow(flow);
        _shard.AddFlow(flow);
        _shard.Complete();

        string tags = _sink.Batches[0].Flows[0].Tags;
        Assert.Equal("[os]linux|" + new string('a', 53), tags);
        Assert.Equal(63, tags.Length);
        Assert.Equal(1, _shard.Counters.DroppedTags);
        Assert.Equal("", _sink.Batches[0].Flows[1].Tags);
    }

    [Fact]
    public void TagFlow_EndsTheOtherWayRound_TagsTheSameFlow()
    {
        _shard.TagFlow(FlowKey.CreateAsGiven(Key.AddressZ, Key.PortZ, Key.AddressA, Key.PortA, 6, 4), "x"u8);
        _shard.AddFlow(new Flow(Key, 1, Noon));
        _shard.Complete();

        Assert.Equal("x", _sink.Batches[0].Flows[0].Tags);
    }

    [Fact]
    public void TagFlow_TooManyFlows_IdleOnesMakeRoom()
    {
        for (uint i = 0; i < 5; i++)
            _shard.TagFlow(FlowKey.Create(i, 1000, 9, 80, 6, 4, out _), "t"u8);
        Assert.Equal(2, _shard.Counters.RefusedTags);

        _shard.AdvanceTo(Noon + (2 * 3600 * Second));
        _shard.TagFlow(FlowKey.Create(77, 1000, 9, 80, 6, 4, out _), "t"u8);

        Assert.Equal(2, _shard.Counters.RefusedTags);
        Assert.Equal(3, _shard.Counters.LateTags);
    }

    [Fact]
    public void SetKeyInfo_Repeated_IsToldOncePerChange()
    {
        int group = _shard.FindCounterGroup(Utf8(TestGuid));
        foreach (string label in (string[])["one", "one", "two", "one", "one"])
            _shard.SetKeyInfo(group, "k\0"u8, Utf8(label), default);
        _shard.SetKeyAttribute(group, "k"u8, "n"u8, "v"u8);
        _shard.SetKeyAttribute(group, "k"u8, "n"u8, "v"u8);
        _shard.SetKeyAttribute(group, "k"u8, "n"u8, "w"u8);
        _shard.Complete();

        Assert.Equal(["one", "two", "one"], _sink.Batches[0].KeyLabels.Select(record => record.Label));
        Assert.Equal(["v", "w"], _sink.Batches[0].KeyAttributes.Select(record => record.Value));
        Assert.Equal("k", _sink.Batches[0].KeyLabels[0].Key);
    }

    [Fact]
    public void AddFlowEdges_GivesEightEdgesOncePerWindow()
    {
        for (int i = 0; i < 3; i++)
            _shard.AddFlowEdges(Key, "{b91a8ad4-C6B6-4FBC-E862-FF94BC204A35}"u8, "www.example.org"u8);
        _shard.AdvanceTo(Noon + (60 * Second));
        _shard.AddFlowEdges(Key, "{B91A8AD4-C6B6-4FBC-E862-FF94BC204A35}"u8, "www.example.org"u8);
        _shard.Complete();

        EdgeRecord[] edges = [.. _sink.Batches[0].Edges];
        Assert.Equal(8, edges.Length);
        Assert.All(edges, edge => Assert.True(edge.FromKey == "www.example.org" ^ edge.ToKey == "www.example.org"));
        Assert.Equal(
            ["0A.01.02.03", "C6.33.64.07", "p-01BB", "06"],
            edges.Where(edge => edge.FromKey == "www.example.org").Select(edge => edge.ToKey)
        );
        Assert.Equal(8, _sink.Batches[1].Edges.Count);
    }

    [Fact]
    public void Events_LeaveWithTheNextSecondOfPacketTime()
    {
        int group = _shard.FindAlertGroup(Utf8(WellKnownGuids.UserAlerts));
        _shard.AddAlert(group, default, "a"u8, default, 1, "m"u8, default);
        _shard.AdvanceTo(Noon + Second - 1);
        Assert.Empty(_sink.Batches);

        _shard.AdvanceTo(Noon + Second);
        Assert.Single(_sink.Batches);
        Assert.Empty(_sink.Windows);
    }

    [Fact]
    public void Events_InFloods_LeaveInBatches()
    {
        for (int i = 0; i < 2000; i++)
            _shard.AddFlow(new Flow(Key, i, Noon));
        _shard.Complete();

        Assert.Equal(2000, _sink.Batches.Sum(batch => batch.Flows.Count));
        Assert.All(_sink.Batches, batch => Assert.InRange(batch.Count, 1, 256));
    }
}
