namespace Spillway.Scripting.Tests;

/// <summary>How blocks are found in a file (script API, sections 1.5, 1.6 and 1.11).</summary>
public class BlockLoadingTests
{
    private const string Tcp = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}";

    [Fact]
    public void Alias_OfABlock_IsTaken()
    {
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin($$"""simple_counter = { protocol_guid = "{{Tcp}}", onpacket = function() print('seen') end }""")
        );
        harness.Send(Packets.Syn());
        Assert.Equal("seen\n", harness.Output.Printed);
        Assert.Empty(harness.Output.Problems);
    }

    [Fact]
    public void TwoBlocksOfOneType_FirstIsTakenAndItIsTold()
    {
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin(
                $$"""
                simple_counter = { protocol_guid = "{{Tcp}}", onpacket = function() print('alias') end },
                simplecounter = { protocol_guid = "{{Tcp}}", onpacket = function() print('name') end }
                """
            )
        );
        harness.Send(Packets.Syn());
        Assert.Equal("name\n", harness.Output.Printed);
        Assert.Contains(
            "two blocks of one type: 'simplecounter' stands under the name 'simple_counter' too",
            Assert.Single(harness.Output.Problems),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void AttachFunction_RunsBeforeOnload_AndKnowsT()
    {
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin(
                $$"""
                onload = function() print('onload', T.attached) end,
                simplecounter = { protocol_guid = function() T.attached = true print('attach', T.enginetype, T.monitor_group_name, T.monitor_group_guid) return "{{Tcp}}" end,
                  onpacket = function() print('packet') end }
                """
            )
        );
        harness.Send(Packets.Syn());
        Assert.Empty(harness.Output.Problems);
        Assert.StartsWith("attach\tfrontend\tnil\tnil\n", harness.Output.Printed, StringComparison.Ordinal);
        Assert.EndsWith("onload\ttrue\npacket\n", harness.Output.Printed, StringComparison.Ordinal);
    }

    [Fact]
    public void UnknownFieldsAndRenamedBlocks_AreNobodysConcern()
    {
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin(
                $$"""
                isimplecounter = { protocol_guid = "nonsense", onpacket = function() error('off') end }, helper = function() return 42 end, list = { 1, 2 },
                simplecounter = { protocol_guid = "{{Tcp}}", onpacket = function() print(TrisulPlugin.helper(), #TrisulPlugin.list) end, own = 'mine' }
                """
            )
        );
        harness.Send(Packets.Syn());
        Assert.Empty(harness.Output.Problems);
        Assert.Equal("42\t2\n", harness.Output.Printed);
    }
}
