using Spillway.Tests.Shared;

namespace Spillway.Scripting.Tests;

public class SimpleCounterTests
{
    private const string Guid = "{835467C5-759F-4755-BD86-C45FE5FD3259}";

    private const string Group = """
        countergroup = {
          control = { guid = "{835467C5-759F-4755-BD86-C45FE5FD3259}", name = "Smoke", description = "d", bucketsize = 60 },
          meters = {
            { 0, T.K.vartype.RATE_COUNTER, 10, 5, "Volume", "bytes", "Bps" },
            { 1, T.K.vartype.COUNTER, 10, "Packets", "packets", "Pkts" },
            { 2, T.K.vartype.GAUGE, 10, 0, "Level", "level", "u" },
          },
          keyinfo = { { "small", "Small packets" } },
        },
        """;

    private static string Counter(string onpacket, string protocol = "{77e462ab-2e42-42ec-9a58-c1a6821d6b31}") =>
        ScriptHarness.Plugin(
            $$"""
            {{Group}}
            simplecounter = { protocol_guid = "{{protocol}}", onpacket = function(engine, layer)
            {{onpacket}}
            end }
            """
        );

    [Fact]
    public void OnPacket_SynOfTheReference_PrintsTheReferenceLine()
    {
        using var harness = new ScriptHarness(
            Counter(
                """
                local pkt, tcp = layer:packet(), layer:rawbytes()
                if layer:testbit(110) and not layer:testbit(107) then
                  local ip = pkt:find_layer("{0a2c724b-5b9f-4ba6-9c97-b05080558574}")
                  local src = string.format("%02X.%02X.%02X.%02X", ip:getbyte(12), ip:getbyte(13), ip:getbyte(14), ip:getbyte(15))
                  print("SMOKE syn from " .. src .. " to port " .. tcp:hval_16(2) .. " words " .. T.util.bitval32(tcp:hval_8(12), 7, 4)
                    .. " flow " .. layer:flowkey())
                end
                """
            )
        );

        harness.Send(Packets.Syn());

        Assert.Empty(harness.Output.Errors);
        Assert.Equal(
            "SMOKE syn from 0A.01.02.03 to port 443 words 5 flow 06A:0A.01.02.03:p-C000_C6.33.64.07:p-01BB\n",
            harness.Output.Printed
        );
    }

    [Fact]
    public void UpdateCounter_AllForms_AddUp()
    {
        using var harness = new ScriptHarness(
            Counter(
                $$"""
                local g = "{{Guid.ToLowerInvariant()}}"
                engine:update_counter_bytes(g, "small", 0)
                engine:update_counter(g, "small", 1, "2")
                engine:update_counter_raw(g, 7, 1, 3)
                engine:update_counter(g, nil, 1, 1)
                engine:update_counter(g, "small", 1, 0/0)
                engine:update_counter("{00000000-0000-0000-0000-000000000001}", "small", 1, 1)
                engine:update_counter(nil, "small", 1, 1)
                """
            )
        );

        harness.Send(Packets.Syn(), wireLength: 100);
        harness.Send(Packets.Syn(), wireLength: 100);

        Assert.Empty(harness.Output.Errors);
        Assert.Equal(4, harness.Counter(Guid, "small", 1));
        Assert.Equal(6, harness.Sink.Value(Guid, "7", 1));
    }

    [Fact]
    public void UpdateCounter_WithAValueThatIsNoNumber_LeavesTheMeterAsItWas()
    {
        using var harness = new ScriptHarness(
            Counter(
                $$"""
                engine:update_counter("{{Guid}}", "level", 2, 7)
                for _, value in ipairs { "n/a", "", true, {} } do engine:update_counter("{{Guid}}", "level", 2, value) end
                engine:update_counter("{{Guid}}", "level", 2, nil)
                engine:update_counter("{{Guid}}", "none", 2, "n/a")
                """
            )
        );

        harness.Send(Packets.Syn());

        Assert.Empty(harness.Output.Errors);
        Assert.Equal(7, harness.Counter(Guid, "level", 2));
        Assert.Null(harness.Sink.Value(Guid, "none", 2));
        Assert.Equal(6, harness.Metrics.Counters.IgnoredValues);
    }

    [Fact]
    public void OnPacket_OtherProtocol_IsNotCalled()
    {
        using var harness = new ScriptHarness(Counter("print('called')", "{14D7AB53-CC51-47E9-8814-9C06AAE60189}"));
        harness.Send(Packets.Syn());
        Assert.Empty(harness.Output.Printed);
    }

    [Fact]
    public void Views_UsedAfterTheCallback_RaiseAClearError()
    {
        using var harness = new ScriptHarness(
            Counter(
                """
                if T.kept then print(T.kept:size()) else T.kept = layer:rawbytes() end
                """
            )
        );
        harness.Send(Packets.Syn());
        harness.Send(Packets.Syn());

        string error = Assert.Single(harness.Output.Errors);
        Assert.Contains("Buffer used after its callback", error, StringComparison.Ordinal);
        Assert.Contains("script.lua:", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Buffer_OutOfRange_ReadsAsZeroAndClamps()
    {
        using var harness = new ScriptHarness(
            Counter(
                """
                local b = layer:rawbytes()
                print(b:size(), b:hval_8(20), b:hval_16(19), b:hval_24(18), b:hval_32(17), b:hval_8(-1), #b:tostring(18, 100), #b:tostring(30), b:tostring(0, 2):byte(1, 2))
                print(layer:getbyte(99), layer:testbit(1000), layer:packet():get_layer(9), layer:packet():find_layer("{none}"))
                """
            )
        );
        harness.Send(Packets.Syn());

        Assert.Empty(harness.Output.Errors);
        Assert.Equal("20\t0\t0\t0\t0\t0\t2\t0\t192\t0\n0\tfalse\tnil\tnil\n", harness.Output.Printed);
    }

    [Fact]
    public void OnPacket_RaisesOnEveryPacket_IsCountedInFullAndToldSparingly()
    {
        using var harness = new ScriptHarness(Counter("error('on purpose')"));
        for (int i = 0; i < 1000; i++)
            harness.Send(Packets.Syn());

        Assert.Equal(1000, harness.Host.Errors);
        Assert.Equal(4, harness.Output.Errors.Count); // the 1st, 10th, 100th and 1000th
        Assert.Contains("on purpose", harness.Output.Errors[0], StringComparison.Ordinal);
    }

    [Fact]
    public void OnPacket_Steady_AllocatesNothing()
    {
        using var harness = new ScriptHarness(
            Counter(
                $$"""
                local b = layer:rawbytes()
                engine:update_counter("{{Guid}}", b:hval_8(13) == 2 and "syn" or "other", 1, b:hval_16(0))
                """
            )
        );
        byte[] packet = GC.AllocateArray<byte>(54, pinned: true);
        Packets.Syn().CopyTo(packet, 0);
        var info = GC.AllocateArray<Net.Packets.PacketInfo>(1, pinned: true);
        var captured = new Net.Capture.CapturedPacket(packet, harness.Lane.NowNs, packet.Length, Net.Capture.LinkType.Ethernet);
        Net.Packets.PacketDecoder.Decode(in captured, ref info[0]);
        for (int i = 0; i < 1000; i++)
            harness.Host.OnPacket(ref info[0], packet, null);

        long allocated = Allocations.InSteadyState(
            () =>
            {
                for (int i = 0; i < 10_000; i++)
                    harness.Host.OnPacket(ref info[0], packet, null);
            },
            out _
        );

        Assert.Equal(0, allocated);
        Assert.Empty(harness.Output.Errors);
    }
}
