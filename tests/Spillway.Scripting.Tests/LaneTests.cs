using System.Text;
using Spillway.Async;
using Spillway.Metrics;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Shards;
using Spillway.Net.Capture;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Scripting.Loading;

namespace Spillway.Scripting.Tests;

/// <summary>Scripts on several lanes (script API, section 1.3): one plugin, a state for each lane.</summary>
public sealed class LaneTests : IDisposable
{
    private const string Tcp = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}";

    private const string Ipv4 = "{0A2C724B-5B9F-4BA6-9C97-B05080558574}";

    private readonly string _directory = Directory.CreateTempSubdirectory("spillway-lanes-").FullName;
    private readonly AsyncRuntime _async = new(new AsyncOptions());
    private readonly List<TaskPort> _taskPorts = [];
    private readonly List<ScriptContext> _lanes = [];
    private readonly List<Dictionary<FlowKey, Flow>> _flows = [];
    private readonly RecordingOutput _output = new();
    private IReadOnlyList<ScriptHost> _hosts = [];

    public void Dispose()
    {
        _async.Dispose();
        foreach (ScriptHost host in _hosts)
            host.Dispose();
        foreach (TaskPort lane in _taskPorts)
            lane.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    // The second lane's state dumps another function first: with numbers of its own it would run the first lane's.
    [Fact]
    public void Schedule_FunctionsInAnotherOrder_RunsTheLanesOwn()
    {
        Load(
            2,
            $$"""
            local function one() return "one" end
            local function two() return "two" end
            TrisulPlugin = { id = { name = 'order' }, simplecounter = { protocol_guid = "{{Tcp}}", onpacket = function(engine)
              local first, second = one, two
              if engine:instanceid() ~= "F000000" then first, second = two, one end
              for _, f in ipairs { first, second } do
                T.async:schedule { onexecute = f, onresult = function(engine, _, result) print(engine:instanceid() .. ' ' .. result) end }
              end
            end } }
            """
        );

        foreach (int lane in new[] { 0, 1 })
            Send(lane);

        Assert.Empty(_output.Errors);
        Assert.Equal(
            ["F000000 one", "F000000 two", "F000001 one", "F000001 two"],
            _output.Printed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order()
        );
    }

    [Fact]
    public void States_OfOneScript_ShareNothingAndHaveContextsOfTheirOwn()
    {
        Load(
            2,
            $$"""
            T.count = 0
            TrisulPlugin = { id = { name = 'state' }, simplecounter = { protocol_guid = "{{Tcp}}", onpacket = function(engine)
              T.count = T.count + 1
              print(engine:instanceid() .. ' ' .. T.count .. ' ' .. T.contextid)
            end } }
            """
        );

        foreach (int lane in new[] { 0, 0, 1 })
            Send(lane);

        string[][] lines = [.. _output.Printed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' '))];
        Assert.Equal(["F000000 1", "F000000 2", "F000001 1"], lines.Select(line => $"{line[0]} {line[1]}"));
        Assert.Equal(lines[0][2], lines[1][2]);
        Assert.NotEqual(lines[0][2], lines[2][2]);
    }

    [Theory]
    [InlineData("engine:post_message_frontend('hello')")]
    [InlineData("T.host:broadcast('id', 'class', 'hello')")]
    public void Message_FromOneLane_ReachesAllOnceAndTheSender(string send)
    {
        Load(
            3,
            $$"""TrisulPlugin = { id = { name = 'sender' }, simplecounter = { protocol_guid = "{{Tcp}}", onpacket = function(engine) {{send}} end } }""",
            """TrisulPlugin = { id = { name = 'listener' }, onmessage = function(id, text) print(T.contextid) end, flowmonitor = { onflowattribute = function() end } }""",
            """TrisulPlugin = { id = { name = 'channel' }, channellistener = { onchannelmessage = function(id, text) print(T.contextid) end } }"""
        );

        Send(1);
        for (int round = 0; round < 5; round++)
        {
            foreach (ScriptHost host in _hosts)
                host.DoRequests();
        }

        Assert.Empty(_output.Errors);
        string[] heard = _output.Printed.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal((3, 3), (heard.Length, heard.Distinct().Count()));
    }

    // The end of a flow that is another lane's, asked for by its id.
    [Fact]
    public void TerminateFlow_OfAnotherLane_EndsItThere()
    {
        const string id = "06A:0A.01.02.03:p-C000_C6.33.64.07:p-01BB";
        Load(
            2,
            $$"""
            TrisulPlugin = { id = { name = 'far' }, simplecounter = { protocol_guid = "{{Tcp}}", onpacket = function(engine) engine:terminate_flow("{{id}}") end } }
            """
        );
        Assert.True(FlowId.TryParse(Encoding.ASCII.GetBytes(id), out FlowKey key));
        _flows[1].Add(key, new Flow(key, 1, 1_700_000_000_000_000_000));
        var ended = new List<int>();
        foreach (ScriptContext lane in _lanes)
            lane.TerminateFlow = _ => ended.Add(lane.Number);

        Send(0);
        foreach (ScriptHost host in _hosts)
            host.DoRequests();

        Assert.Empty(_output.Errors);
        Assert.Equal([1], ended);
        Assert.All(_hosts, host => Assert.False(host.Lane.HasRequests));
    }

    // What a script says of a flow that is another lane's: tags, meters.
    [Fact]
    public void TagAndUpdateFlow_OfAnotherLane_ReachItThere()
    {
        const string id = "06A:0A.01.02.03:p-C000_C6.33.64.07:p-01BB";
        Assert.True(FlowId.TryParse(Encoding.ASCII.GetBytes(id), out FlowKey key));
        int home = key.LaneAmong(3);
        Load(
            3,
            $$"""
            TrisulPlugin = { id = { name = 'far' }, simplecounter = { protocol_guid = "{{Tcp}}", onpacket = function(engine)
              engine:tag_flow("{{id}}", "far")
              engine:update_flow("{{id}}", 0, 7)
            end } }
            """
        );
        var flow = new Flow(key, 1, 1_700_000_000_000_000_000);
        _flows[home].Add(key, flow);

        foreach (int lane in new[] { 0, 1, 2 }.Where(lane => lane != home))
            Send(lane);
        foreach (ScriptHost host in _hosts)
            host.DoRequests();

        Assert.Empty(_output.Errors);
        Assert.All(_lanes, lane => Assert.Equal(lane.Number == home ? "far" : "", lane.Metrics.PeekTags(key)));
        Assert.Equal(14, flow.BytesAZ);
        Assert.All(_lanes, lane => Assert.False(lane.Imported.Any));
        Assert.All(_hosts, host => Assert.False(host.Lane.HasRequests));
    }

    // A flow that scripts alone know of is one flow, whichever lane tells of it.
    [Fact]
    public void UpdateFlow_WithoutPackets_IsOneFlowForAllLanes()
    {
        const string id = "06A:0A.01.02.03:p-C000_C6.33.64.07:p-01BB";
        Assert.True(FlowId.TryParse(Encoding.ASCII.GetBytes(id), out FlowKey key));
        Load(
            3,
            $$"""
            TrisulPlugin = { id = { name = 'told' }, simplecounter = { protocol_guid = "{{Tcp}}", onpacket = function(engine) engine:update_flow("{{id}}", 0, 7) end } }
            """
        );

        foreach (int lane in new[] { 0, 1, 2 })
            Send(lane);
        foreach (ScriptHost host in _hosts)
            host.DoRequests();

        Assert.Empty(_output.Errors);
        Assert.All(_lanes, lane => Assert.Equal(lane.Number == key.LaneAmong(3) ? 1 : 0, lane.Imported.Created));
    }

    // A source of alerts reads something that is there once.
    [Fact]
    public void Load_SourceOfAlerts_IsOnTheFirstLaneOnly()
    {
        Load(2, "TrisulPlugin = { id = { name = 'alerts' }, inputfilter = { step_alert = function() return nil end } }");

        Assert.Equal([true, false], _hosts.Select(host => host.HasAlertSources));
    }

    [Fact]
    public void FiguresOf_AllLanes_AddsCallsUp()
    {
        Load(
            3,
            $$"""TrisulPlugin = { id = { name = 'count' }, simplecounter = { protocol_guid = "{{Tcp}}", onpacket = function() end } }"""
        );
        foreach (int lane in new[] { 0, 1, 1, 2 })
            Send(lane);

        Assert.Equal(("onpacket", 4), Assert.Single(Assert.Single(ScriptHost.FiguresOf(_hosts)).Callbacks));
    }

    // Protocols of scripts have numbers; a handler and who counts it must mean the same on each lane.
    [Fact]
    public void ProtocolOfAScript_OnEachLane_IsCounted()
    {
        const string own = "{11111111-2222-3333-4444-555555555555}";
        Load(
            2,
            $$"""TrisulPlugin = { id = { name = 'counts' }, simplecounter = { protocol_guid = "{{own}}", onpacket = function(engine) print(engine:instanceid()) end } }""",
            $$"""
            TrisulPlugin = { id = { name = 'handler' }, protocol_handler = {
              control = { guid = "{{own}}", name = "OWN", host_protocol_guid = "{{Ipv4}}", host_protocol_ports = { 6 } },
              parselayer = function(layer) return 20, nil end } }
            """
        );

        foreach (int lane in new[] { 0, 1 })
            Send(lane);

        Assert.Empty(_output.Errors);
        Assert.Equal("F000000\nF000001\n", _output.Printed);
    }

    private void Load(int lanes, params string[] scripts)
    {
        var groups = new GroupRegistry();
        for (int number = 0; number < lanes; number++)
        {
            var flows = new Dictionary<FlowKey, Flow>();
            _flows.Add(flows);
            TaskPort async = _async.CreateLane($"lane {number}");
            _taskPorts.Add(async);
            _lanes.Add(
                new ScriptContext(
                    new MetricShard(groups, new MetricOptions(), number, new RecordingSink()),
                    async,
                    flows.GetValueOrDefault,
                    number
                )
            );
        }

        foreach (ScriptContext lane in _lanes)
            lane.Peers = [.. _lanes.Where(other => other != lane)];
        var files = new List<(string, bool)>();
        for (int i = 0; i < scripts.Length; i++)
        {
            string path = Path.Combine(_directory, $"script{i}.lua");
            File.WriteAllText(path, scripts[i]);
            files.Add((path, true));
        }

        _hosts = new ScriptLoader(new ScriptEnvironment(new Dictionary<string, string>()), _output, _async, groups).Load(files, _lanes);
        Assert.Empty(_output.Problems);
    }

    // A packet at a lane, and all that comes of it.
    private void Send(int lane)
    {
        PacketInfo[] info = GC.AllocateArray<PacketInfo>(1, pinned: true);
        byte[] frame = Packets.Syn();
        byte[] pinned = GC.AllocateArray<byte>(frame.Length, pinned: true);
        frame.CopyTo(pinned, 0);
        PacketDecoder.Decode(new CapturedPacket(pinned, 1_700_000_000_000_000_000, frame.Length, LinkType.Ethernet), ref info[0]);
        ScriptHost host = _hosts[lane];
        host.OnPacket(ref info[0], pinned, flow: null);
        Assert.Equal(0, _taskPorts[lane].Drain(ref host, TimeSpan.FromSeconds(30)));
    }
}
