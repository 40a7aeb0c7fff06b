using System.Buffers.Binary;
using Spillway.Net.Flows;

namespace Spillway.Scripting.Tests;

/// <summary>Habits of published scripts that no page of the API describes.</summary>
public sealed class FieldScriptTests
{
    private const string Tcp = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}";
    private const string Udp = "{14D7AB53-CC51-47E9-8814-9C06AAE60189}";
    private const string NetFlow = "{CEF0774D-F1F3-40A6-8987-168BD69D9901}";

    private static ScriptHarness WithAttribute(string parameters, string body, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var harness = new ScriptHarness(
            ScriptHarness.Plugin($"reassembly_handler = {{ onattribute = function({parameters})\n{body}\nend }}")
        );
        harness.Send(Packets.Syn());
        var flow = new ScriptFlow();
        harness.Host.OnFlowStart(harness.LastFlow!, flow);
        byte[] pinned = GC.AllocateArray<byte>(value.Length, pinned: true);
        value.CopyTo(pinned);
        harness.Host.OnAttribute(harness.LastFlow!, flow, name, pinned);
        return harness;
    }

    [Theory]
    [InlineData("engine, flow, timestamp, nm, valbuff")]
    [InlineData("engine, flowkey, ts, nm, valbuff")]
    [InlineData("e, FlowID, tv, nm, valbuff")]
    public void OnAttribute_ParametersOfTheOlderOrder_GetsTheFlowFirstAndABuffer(string parameters)
    {
        string flow = parameters.Split(", ")[1],
            time = parameters.Split(", ")[2];
        using ScriptHarness harness = WithAttribute(
            parameters,
            $"if nm == 'Host' then print({flow}:portz_readable(), type({time}), valbuff:tostring(0, 3), valbuff:size(), "
                + "valbuff:hval_16(1)) end",
            "Host"u8,
            "abcde"u8
        );

        Assert.Empty(harness.Output.Errors);
        Assert.Equal($"443\tnumber\tabc\t5\t{0x6263}\n", harness.Output.Printed);
    }

    [Fact]
    public void OnAttribute_BufferMethodsOnTheString_Work()
    {
        using ScriptHarness harness = WithAttribute(
            "engine, timestamp, flowkey, name, value",
            """
            if name ~= 'Host' then return end
            print(value:size(), value:length(), value:hval_8(0), value:hval_8(5), value:hval_8(-1), value:hval_24(0), value:hval_32(1), value:hval_32(2))
            print(value:tostring(), value:tostring(2), value:tostring(1, 2), value:tostring(4, 99), value:tostring(9) == '', #value, type(value), value:upper())
            """,
            "Host"u8,
            "abcde"u8
        );

        Assert.Empty(harness.Output.Errors);
        Assert.Equal($"5\t5\t97\t0\t0\t{0x616263}\t{0x62636465}\t0\nabcde\tcde\tbc\te\ttrue\t5\tstring\tABCDE\n", harness.Output.Printed);
    }

    [Fact]
    public void ProtocolId_OfDecodedLayers_IsTheirGuid()
    {
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin(
                $$"""
                simplecounter = { protocol_guid = "{{Tcp}}", onpacket = function(engine, layer)
                  local packet = layer:packet()
                  for i = 0, packet:num_layers() - 1 do print(packet:get_layer(i):protocol_id()) end
                end }
                """
            )
        );
        harness.Send(Packets.Syn());

        Assert.Empty(harness.Output.Errors);
        Assert.Equal(
            $"{{974FB098-DE46-45DB-94DA-8D64A3BBCDE5}}\n{{0A2C724B-5B9F-4BA6-9C97-B05080558574}}\n{Tcp}\n",
            harness.Output.Printed
        );
    }

    [Fact]
    public void NetFlow_WithoutAHandler_IsWhatUdpCarriesOnItsPorts()
    {
        using var harness = new ScriptHarness(NetFlowCounter());
        harness.Send(UdpPacket(2055));
        harness.Send(UdpPacket(9995, source: 2055));
        harness.Send(UdpPacket(53));

        Assert.Empty(harness.Output.Problems);
        Assert.Empty(harness.Output.Errors);
        Assert.Equal("netflow 4 5\nnetflow 4 5\n", harness.Output.Printed);
    }

    [Fact]
    public void NetFlow_BehindAHandlersRedirect_HasTheSameBytes()
    {
        string redirect = ScriptHarness.Plugin(
            $$"""
            protocol_handler = { control = { guid = "{0CED6B98-0D90-475C-D2D7-06A8E9E64B7C}", name = "FLOWDIRECT", host_protocol_guid = "{{Udp}}", host_protocol_ports = { 7000, 2055 } },
              parselayer = function(layer) return 0, "{{NetFlow}}" end }
            """
        );
        using var harness = new ScriptHarness(redirect, NetFlowCounter());
        harness.Send(UdpPacket(7000));
        harness.Send(UdpPacket(2055));

        Assert.Empty(harness.Output.Errors);
        Assert.Equal("netflow 4 5\nnetflow 4 5\n", harness.Output.Printed);
    }

    [Theory]
    [InlineData("0", StoragePolicy.Ignore)]
    [InlineData("1", StoragePolicy.Full)]
    [InlineData("'2'", StoragePolicy.HeadersOnly)]
    [InlineData("3", StoragePolicy.NoOpinion)]
    [InlineData("nil", StoragePolicy.NoOpinion)]
    [InlineData("0/0", StoragePolicy.NoOpinion)]
    public void SetPacketstorePolicy_IsTheWishForThisPacketOnly(string policy, StoragePolicy expected)
    {
        using var harness = new ScriptHarness(Wish($"if layer:testbit(110) then layer:packet():set_packetstore_policy({policy}) end"));
        harness.Send(Packets.Syn());
        Assert.Equal(expected, harness.Lane.PacketPolicy);
        harness.Send(Packets.Tcp(1, 2, 3, 4, 0x10));
        Assert.Equal(StoragePolicy.NoOpinion, harness.Lane.PacketPolicy);
        Assert.Empty(harness.Output.Errors);
    }

    [Fact]
    public void SetPacketstorePolicy_OfSeveralScripts_TheMostLiberalCounts()
    {
        using var harness = new ScriptHarness(
            Wish("layer:packet():set_packetstore_policy(2)"),
            Wish("layer:packet():set_packetstore_policy(1) error('later')"),
            Wish("layer:packet():set_packetstore_policy(0)")
        );
        harness.Send(Packets.Syn());
        Assert.Equal(StoragePolicy.Full, harness.Lane.PacketPolicy);
    }

    [Fact]
    public void UnknownMethods_AreToldByTheObjectsName()
    {
        using var harness = new ScriptHarness(
            Wish(
                """
                for _, object in ipairs { layer, layer:packet(), layer:rawbytes() } do
                  local ok, message = pcall(function() return object:nonesuch() end)
                  print(message:match('^[^:]+:%d+: (.*)$'))
                end
                """
            )
        );
        harness.Send(Packets.Syn());
        Assert.Equal(
            "layer has no method 'nonesuch'\npacket has no method 'nonesuch'\nbuffer has no method 'nonesuch'\n",
            harness.Output.Printed
        );
    }

    [Fact]
    public void Keys_OfFfiIntegers_AreDecimal()
    {
        const string Group = "{2CF4DCFF-77E5-45E9-AA03-8D827CE0813C}";
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin(
                $$"""
                countergroup = { control = { guid = "{{Group}}", name = "G" }, meters = { { 0, T.K.vartype.COUNTER, 10, 0, "m", "m", "m" } } },
                simplecounter = { protocol_guid = "{{Tcp}}", onpacket = function(engine)
                  local ffi = require'ffi'
                  engine:update_counter("{{Group}}", ffi.new('uint64_t', 12345678901), 0, ffi.new('int64_t', 3))
                  engine:update_counter("{{Group}}", -5LL, 0, 4ULL)
                end }
                """
            )
        );
        harness.Send(Packets.Syn());

        Assert.Empty(harness.Output.Errors);
        Assert.Equal(3, harness.Counter(Group, "12345678901", 0));
        Assert.Equal(4, harness.Counter(Group, "-5", 0));
    }

    [Fact]
    public void GlobalsThatTheScriptReplacesOrForbids_AreItsOwnAffair()
    {
        using var harness = new ScriptHarness(
            $$"""
            setmetatable(_G, { __newindex = function(_, name) error("no new global '" .. name .. "'", 2) end, __index = function(_, name) error("no global '" .. name .. "'", 2) end })
            rawset(_G, 'TrisulPlugin', { id = { name = 'strict' }, onmessage = function(id, text) print(text) end,
              simplecounter = { protocol_guid = "{{Tcp}}", onpacket = function(engine) engine:post_message_frontend('strict') end } })
            """,
            $$"""
            local print = print
            pairs, ipairs, select, tostring, tonumber, type, error, pcall, setmetatable, table, string, math, io = nil
            TrisulPlugin = { id = { name = 'poor' }, simplecounter = { protocol_guid = "{{Tcp}}", onpacket = function(engine, layer)
              local flow = layer:packet():flowid()
              engine:add_flow_edges(flow, "{4CD742B1-C1CA-4708-BE78-0FCA2EB01A86}", flow:ipa())
              print(flow:to_s(), T.host:is_homenet(flow:ipa_readable()), layer:rawbytes():hexdump(0, 1))
            end } }
            """
        );
        harness.Send(Packets.Syn());
        harness.Host.DoRequests();

        Assert.Empty(harness.Output.Problems);
        Assert.Empty(harness.Output.Errors);
        Assert.StartsWith(
            "TCP  10.1.2.3        49152 198.51.100.7    443   \ttrue\t00000000   c0",
            harness.Output.Printed,
            StringComparison.Ordinal
        );
        Assert.EndsWith("strict\n", harness.Output.Printed, StringComparison.Ordinal);
    }

    [Fact]
    public void KeyInfo_RowsWithoutKeyOrLabel_AreLeftOut()
    {
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin(
                """
                countergroup = { control = { guid = "{2CF4DCFF-77E5-45E9-AA03-8D827CE0813C}", name = "G" }, meters = { { 0, T.K.vartype.COUNTER, 10, 0, "m", "m", "m" } },
                  keyinfo = { { "a" }, "junk", { "b", "B", "more" }, {} } }
                """
            )
        );
        Assert.Equal(
            ["b=B"],
            harness.Groups.KeyLabelsFrom(0).Where(label => label.Group.Name == "G").Select(label => label.Key + "=" + label.Label)
        );
    }

    [Fact]
    public void GetConfig_OfDbRoot_MakesItsConfigDirectoryWhenAsked()
    {
        string root = Directory.CreateTempSubdirectory("spillway-field-").FullName;
        var environment = new ScriptEnvironment(new Dictionary<string, string> { ["App>DBRoot"] = root })
        {
            MadeOnDemand = new Dictionary<string, string> { ["App>DBRoot"] = "config" },
        };
        Assert.Empty(Directory.GetDirectories(root));
        Assert.Equal(root, environment.GetConfig("App > DBRoot"));
        Assert.Equal([Path.Combine(root, "config")], Directory.GetDirectories(root));
        Directory.Delete(root, recursive: true);
    }

    private static string Wish(string body) =>
        ScriptHarness.Plugin($"simplecounter = {{ protocol_guid = \"{Tcp}\", onpacket = function(engine, layer)\n{body}\nend }}");

    private static string NetFlowCounter() =>
        ScriptHarness.Plugin(
            $"simplecounter = {{ protocol_guid = \"{NetFlow}\", onpacket = function(engine, layer) print('netflow ' .. "
                + "layer:layer_bytes() .. ' ' .. layer:rawbytes():hval_16(0)) end }"
        );

    private static byte[] UdpPacket(ushort destination, ushort source = 12345)
    {
        byte[] frame = new byte[14 + 20 + 8 + 4];
        Span<byte> ip = frame.AsSpan(14);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), 0x0800);
        ip[0] = 0x45;
        ip[3] = 32;
        ip[9] = 17;
        BinaryPrimitives.WriteUInt16BigEndian(ip[20..], source);
        BinaryPrimitives.WriteUInt16BigEndian(ip[22..], destination);
        ip[25] = 12;
        ip[29] = 5;
        return frame;
    }
}
