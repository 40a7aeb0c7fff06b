using System.Buffers.Binary;
using Spillway.Scripting.Protocols;

namespace Spillway.Scripting.Tests;

/// <summary>protocol_handler: layers of scripts' own (script API, section 1.12).</summary>
public class ProtocolHandlerTests
{
    private const string Udp = "{14D7AB53-CC51-47E9-8814-9C06AAE60189}";
    private const string Ethernet = "{974FB098-DE46-45DB-94DA-8D64A3BBCDE5}";
    private const string Ipv4 = "{0A2C724B-5B9F-4BA6-9C97-B05080558574}";
    private const string First = "{05CBAD8F-B36B-48FA-90A1-E4E146B704A6}";
    private const string Second = "{B0E3E4D5-3C2D-4A5B-8E6F-1A2B3C4D5E6F}";

    private static string Handler(string guid, string body, string host = Udp, string ports = "7777") =>
        $$"""
            TrisulPlugin = { id = { name = 'h' }, protocol_handler = {
              control = { guid = "{{guid}}", name = "H", host_protocol_guid = "{{host}}", host_protocol_ports = { {{ports}} } },
              parselayer = function(layer) {{body}} end } }
            """;

    private static string NextOnly(string guid, string body) =>
        $$"""
            TrisulPlugin = { id = { name = 'n' }, protocol_handler = { control = { guid = "{{guid}}", name = "N" }, parselayer = function(layer) {{body}} end } }
            """;

    // What a script sees of the packet: its layers, and where its own begins.
    private static string Counter(string guid) =>
        $$"""
            TrisulPlugin = { id = { name = 'c' }, simplecounter = { protocol_guid = "{{guid}}", onpacket = function(engine, layer)
              local p = layer:packet()
              print(layer:protocol_id(), layer:layer_bytes(), layer:getbyte(0), p:num_layers(), p:find_layer("{{guid.ToLowerInvariant()}}"):layer_bytes(), layer:flowkey())
            end } }
            """;

    private static byte[] UdpPacket(ushort destination, ReadOnlySpan<byte> payload, ushort source = 12345)
    {
        byte[] frame = new byte[14 + 20 + 8 + payload.Length];
        Span<byte> ip = frame.AsSpan(14);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), 0x0800);
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(28 + payload.Length));
        ip[8] = 64;
        ip[9] = 17;
        BinaryPrimitives.WriteUInt32BigEndian(ip[12..], 0x0A010203);
        BinaryPrimitives.WriteUInt32BigEndian(ip[16..], 0xC6336407);
        BinaryPrimitives.WriteUInt16BigEndian(ip[20..], source);
        BinaryPrimitives.WriteUInt16BigEndian(ip[22..], destination);
        BinaryPrimitives.WriteUInt16BigEndian(ip[24..], (ushort)(8 + payload.Length));
        payload.CopyTo(ip[28..]);
        return frame;
    }

    private const string Flow = "11A:0A.01.02.03:p-3039_C6.33.64.07:p-1E61";

    [Fact]
    public void ParseLayer_TakesAll_CountersOfTheNewProtocolRunWhicheverIsLoadedFirst()
    {
        string handler = Handler(
            First,
            "if layer:layer_bytes() < 2 or layer:getbyte(0) ~= 0x54 then return nil end return layer:layer_bytes(), nil"
        );
        foreach (string[] scripts in new[] { new[] { handler, Counter(First) }, [Counter(First.ToLowerInvariant()), handler] })
        {
            using var harness = new ScriptHarness(scripts);
            harness.Send(UdpPacket(7777, "T!ab"u8));
            harness.Send(UdpPacket(7777, "Uxab"u8));
            harness.Send(UdpPacket(7778, "T!ab"u8));
            harness.Send(UdpPacket(7777, ""u8));

            Assert.Empty(harness.Output.Problems);
            Assert.Empty(harness.Output.Errors);
            Assert.Equal($"{First}\t4\t84\t4\t4\t{Flow}\n", harness.Output.Printed);
        }
    }

    [Theory]
    [InlineData("return 100000", 4)]
    [InlineData("return 3.0", 3)]
    [InlineData("return '2'", 2)]
    [InlineData("return -5", 0)]
    [InlineData("return 0/0", 0)]
    public void ParseLayer_ResultOutOfRange_IsClamped(string body, int bytes)
    {
        using var harness = new ScriptHarness(Handler(First, body), Counter(First));
        harness.Send(UdpPacket(7777, "abcd"u8));

        Assert.Empty(harness.Output.Errors);
        string first = bytes == 0 ? "0" : "97";
        Assert.Equal($"{First}\t{bytes}\t{first}\t4\t{bytes}\t{Flow}\n", harness.Output.Printed);
    }

    [Theory]
    [InlineData("return true", "parselayer returned a boolean")]
    [InlineData("return {}", "parselayer returned a table")]
    [InlineData("error('broken')", "broken")]
    public void ParseLayer_RaisesOrReturnsNonsense_IsToldAndAddsNoLayer(string body, string expected)
    {
        using var harness = new ScriptHarness(Handler(First, body), Counter(First));
        harness.Send(UdpPacket(7777, "abcd"u8));

        Assert.Contains(expected, Assert.Single(harness.Output.Errors), StringComparison.Ordinal);
        Assert.Empty(harness.Output.Printed);
    }

    [Fact]
    public void ParseLayer_NamesTheNext_RestGoesToItsHandler()
    {
        using var harness = new ScriptHarness(
            Handler(First, $"return 1, '{Second.ToLowerInvariant()}'"),
            NextOnly(Second, "return layer:layer_bytes()"),
            Counter(Second)
        );
        harness.Send(UdpPacket(7777, "abcd"u8));
        Assert.Equal($"{Second}\t3\t98\t5\t3\t{Flow}\n", harness.Output.Printed);
    }

    [Fact]
    public void ParseLayer_RedirectsWithoutTaking_NextSeesTheSameBytes()
    {
        using var harness = new ScriptHarness(
            Handler(First, $"return 0, '{Second}'"),
            NextOnly(Second, "return layer:layer_bytes(), nil"),
            Counter(Second)
        );
        harness.Send(UdpPacket(7777, "abcd"u8));
        Assert.Equal($"{Second}\t4\t97\t5\t4\t{Flow}\n", harness.Output.Printed);
    }

    [Fact]
    public void ParseLayer_RedirectsForEver_IsCutAndCounted()
    {
        using var harness = new ScriptHarness(
            Handler(First, $"T.n = (T.n or 0) + 1 if T.n > 20 then error('endless') end return 0, '{First}'")
        );
        harness.Send(UdpPacket(7777, "abcd"u8));

        Assert.Empty(harness.Output.Errors);
        Assert.Equal(1, harness.Host.ProtocolsCut);
        Assert.Equal(ProtocolChain.MaxSteps, harness.Host.GetFigures()[0].Callbacks.Single(pair => pair.Callback == "parselayer").Calls);
    }

    [Fact]
    public void ParseLayer_NamesAProtocolOfTheDecoder_ItsLayersFollow()
    {
        byte[] inner = UdpPacket(7778, "xyz"u8)[14..];
        using var harness = new ScriptHarness(
            Handler(First, $"return 2, '{Ipv4}'"),
            Handler(Second, "return layer:layer_bytes()", ports: "7778"),
            Counter(Second)
        );
        harness.Send(UdpPacket(7777, [1, 2, .. inner]));

        // Ethernet, IP, UDP, the tunnel, IP, UDP, and what the second handler adds; the flow is the outer one.
        Assert.Equal($"{Second}\t3\t120\t7\t3\t{Flow}\n", harness.Output.Printed);
    }

    [Fact]
    public void ParseLayer_OnEtherTypesAndIpProtocols_IsSelected()
    {
        byte[] lldp = new byte[20];
        BinaryPrimitives.WriteUInt16BigEndian(lldp.AsSpan(12), 0x88CC);
        byte[] tagged = [.. lldp.AsSpan(0, 12), 0x81, 0, 0, 5, 0x88, 0xCC, 9, 9];
        byte[] igmp = UdpPacket(1, "1234"u8);
        igmp[14 + 9] = 2;
        using var harness = new ScriptHarness(
            Handler(First, "print('lldp', layer:layer_bytes()) return nil", Ethernet, "0x88CC"),
            Handler(Second, "print('igmp', layer:layer_bytes()) return nil", Ipv4.ToLowerInvariant(), "2")
        );
        harness.Send(lldp);
        harness.Send(tagged);
        harness.Send(igmp);
        Assert.Equal("lldp\t6\nlldp\t2\nigmp\t12\n", harness.Output.Printed);
    }

    [Fact]
    public void ParseLayer_PortsOfEitherEnd_AndTwoHandlersOfOnePort_FirstThatKnowsHasIt()
    {
        using var harness = new ScriptHarness(
            Handler(First, "return nil"),
            Handler(Second, "return layer:layer_bytes()"),
            Counter(First),
            Counter(Second)
        );
        harness.Send(UdpPacket(9, "ab"u8, source: 7777));
        Assert.StartsWith($"{Second}\t2\t97\t4", harness.Output.Printed, StringComparison.Ordinal);
        Assert.DoesNotContain(First, harness.Output.Printed, StringComparison.Ordinal);
    }

    [Fact]
    public void ParseLayer_LinkPadding_IsNoPayload()
    {
        using var harness = new ScriptHarness(Handler(First, "return layer:layer_bytes()"), Counter(First));
        byte[] padded = new byte[60];
        UdpPacket(7777, "abc"u8).CopyTo(padded, 0);
        harness.Send(padded);
        Assert.Contains("\t3\t97\t4", harness.Output.Printed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("control = { guid = 'x' }, parselayer = function() end", "protocol_handler.control.guid is no GUID: 'x'")]
    [InlineData(
        "control = { guid = '{05CBAD8F-B36B-48FA-90A1-E4E146B704A6}', host_protocol_guid = 'UDP', host_protocol_ports = { 1 } }",
        "host_protocol_guid is no GUID: 'UDP'"
    )]
    [InlineData(
        "control = { guid = '{05CBAD8F-B36B-48FA-90A1-E4E146B704A6}', host_protocol_guid = "
            + "'{14D7AB53-CC51-47E9-8814-9C06AAE60189}', host_protocol_ports = { 70000 } }",
        "'70000' is no number from 0 to 65535"
    )]
    public void Control_WithFlaws_IsTold(string block, string expected)
    {
        using var harness = new ScriptHarness(ScriptHarness.Plugin($"protocol_handler = {{ {block} }}"));
        Assert.Contains(harness.Output.Problems, problem => problem.Contains(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("\"{11111111-2222-3333-4444-555555555555}\"", "is defined by no script that was loaded")]
    [InlineData("\"TCP\"", "is no GUID of a protocol: 'TCP'")]
    public void SimpleCounter_OfAnUnknownProtocol_IsTold(string guid, string expected)
    {
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin($"simplecounter = {{ protocol_guid = {guid}, onpacket = function() end }}")
        );
        Assert.Contains(expected, Assert.Single(harness.Output.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void RandomBytes_ThroughHandlersThatTakeAnything_StayWithinThePacket()
    {
        const int seed = 20_261_122;
        var random = new Random(seed);
        string body = $$"""
            local n = layer:layer_bytes()
            T.k = ((T.k or 7) * 16807) % 2147483647
            for i = 0, n - 1, 7 do layer:getbyte(i) end
            if #layer:rawbytes():tostring() ~= n then error('size') end
            local next = ({ '{{First}}', '{{Ipv4}}', '{{Ethernet}}', '{{Udp}}', '{77E462AB-2E42-42EC-9A58-C1A6821D6B31}' })[T.k % 6 + 1]
            return T.k % (n + 3) - 1, next
            """;
        using var harness = new ScriptHarness(
            Handler(First, body, Ethernet, "0x88CC, 0x0800, 0x86DD"),
            Handler(Second, body, Ipv4, "2, 6, 17"),
            Handler("{00000000-0000-0000-0000-000000000009}", body),
            Counter(First)
        );
        for (int i = 0; i < 2000; i++)
        {
            byte[] packet = i % 2 == 0 ? UdpPacket(7777, default) : new byte[random.Next(14, 200)];
            if (i % 2 == 1)
                random.NextBytes(packet);
            byte[] longer = [.. packet, .. new byte[random.Next(0, 100)]];
            random.NextBytes(longer.AsSpan(packet.Length));
            BinaryPrimitives.WriteUInt16BigEndian(
                longer.AsSpan(12),
                random.Next(3) switch
                {
                    0 => 0x88CC,
                    1 => 0x86DD,
                    _ => 0x0800,
                }
            );
            harness.Send(longer);
        }

        Assert.True(harness.Output.Errors.Count == 0, $"seed {seed}: {string.Join('\n', harness.Output.Errors.Take(3))}");
    }
}
