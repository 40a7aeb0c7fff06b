namespace Spillway.Scripting.Tests;

public class LoadingTests
{
    [Theory]
    [InlineData("x = = 1", "script.lua:1: unexpected symbol near '='")]
    [InlineData("error('at load')", "at load")]
    [InlineData("y = 1", "has no TrisulPlugin table: it is not a plugin script")]
    [InlineData("TrisulPlugin = {}", "TrisulPlugin.id.name is missing")]
    [InlineData("TrisulPlugin = { id = {} }", "TrisulPlugin.id.name is missing")]
    [InlineData(
        "TrisulPlugin = { id = { name = 'x' }, request_async_workers = 100 }",
        "request_async_workers = 100: it must be a whole number from 1 to 64"
    )]
    [InlineData("TrisulPlugin = { id = { name = 'x' }, request_async_workers = 'two' }", "request_async_workers = a string (two)")]
    [InlineData("TrisulPlugin = { id = { name = 'x' }, onload = function() error('in onload') end }", "in onload")]
    public void Script_Broken_IsToldWithItsReasonAndTheOthersRun(string script, string expected)
    {
        using var harness = new ScriptHarness(script, ScriptHarness.Plugin("onload = function() print('the other runs') end"));

        Assert.Contains(harness.Output.Problems, problem => problem.Contains(expected, StringComparison.Ordinal));
        Assert.Equal(1, harness.Loader.Failures);
        Assert.Equal("the other runs\n", harness.Output.Printed);
    }

    [Fact]
    public void OnLoad_ReturnsFalse_IsUnloadedAndNoFailure()
    {
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin("onload = function() return false end, onunload = function() print('unloaded') end")
        );

        Assert.Equal(0, harness.Loader.Failures);
        Assert.Empty(harness.Output.Problems);
        Assert.Equal("unloaded\n", harness.Output.Printed);
    }

    [Theory]
    [InlineData(
        "simple_couter = { onpacket = function() end }",
        "line 2: there is no block type 'simple_couter': the block is not run; did you mean simple_counter?"
    )]
    [InlineData(
        "simplecounter = { protocol_guid = '{77E462AB-2E42-42EC-9A58-C1A6821D6B31}',\nonpaket = function() end }",
        "line 3: simplecounter.onpaket is not looked at; did you mean onpacket?"
    )]
    [InlineData("onlaod = function() end", "line 2: TrisulPlugin.onlaod is not looked at; did you mean onload?")]
    public void Name_Misspelt_IsToldByARunToo(string body, string expected)
    {
        using var harness = new ScriptHarness(ScriptHarness.Plugin(body));
        Assert.Equal(expected, Assert.Single(harness.Output.Problems));
        Assert.Equal(0, harness.Loader.Failures);
    }

    [Fact]
    public void OnLoad_OfOneBlockReturnsFalse_IsInTheFiguresWithTheBlock()
    {
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin(
                """
                simplecounter = { protocol_guid = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}", onload = function() return false end, onpacket = function() end },
                reassembly_handler = { onpayload = function() end },
                """
            ),
            ScriptHarness.Plugin("onload = function() return false end")
        );

        IReadOnlyList<ScriptFigures> figures = harness.Host.GetFigures();
        Assert.Equal(["script.lua", "script1.lua"], figures.Select(script => script.Name));
        Assert.Equal(["simplecounter"], figures[0].Declined);
        Assert.Equal([""], figures[1].Declined);
    }

    [Fact]
    public void Blocks_OfOneFile_HaveStatesOfTheirOwn()
    {
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin(
                """
                onload = function() T.n = (T.n or 0) + 1 print('load ' .. T.n) end,
                simplecounter = { protocol_guid = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}", onpacket = function() end },
                reassembly_handler = { onpayload = function() end },
                """
            )
        );
        Assert.Equal("load 1\nload 1\n", harness.Output.Printed);
    }

    [Fact]
    public void Groups_Declared_AreKnown()
    {
        using var harness = new ScriptHarness(
            """
            TrisulPlugin = { id = { name = 'x' },
              countergroup = { control = { guid = "{835467C5-759F-4755-BD86-C45FE5FD3259}", name = "Smoke" },
                meters = { { 0, T.K.vartype.RATE_COUNTER, 10, 5, "Volume", "bytes", "Bps" }, { 2, T.K.vartype.GAUGE, 10, "Level", "six", "u" } } },
              alertgroup = { control = { guid = "{FB2AD334-A8E3-40C8-8190-ABB9132F707C}", name = "Smoke alerts" } },
              resourcegroup = { control = { guid = "{C1A2FE60-696F-4FA3-98D4-E2A6A77664E6}", name = "Smoke log" } } }
            """
        );
        Metrics.Groups.CounterGroup group = harness.Groups.FindCounterGroup("{835467c5-759f-4755-bd86-c45fe5fd3259}")!;
        Assert.Equal("Smoke", group.Name);
        Assert.Equal(
            "Smoke alerts",
            harness.Groups.FindNamedGroup(Metrics.Groups.GroupKind.Alert, "{FB2AD334-A8E3-40C8-8190-ABB9132F707C}")!.Name
        );
        Assert.Equal(
            "Smoke log",
            harness.Groups.FindNamedGroup(Metrics.Groups.GroupKind.Resource, "{C1A2FE60-696F-4FA3-98D4-E2A6A77664E6}")!.Name
        );
    }

    [Fact]
    public void ShebangLine_IsSkippedAndLinesStayRight()
    {
        using var harness = new ScriptHarness(
            "#!/usr/bin/env spillway\nTrisulPlugin = { id = { name = 'x' }, onload = function()\nerror('here') end }"
        );
        Assert.Contains("script.lua:3: here", Assert.Single(harness.Output.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Script_ReplacesT_CallbacksStillWork()
    {
        using var harness = new ScriptHarness(
            """
            TrisulPlugin = { id = { name = 'x' }, onload = function() T = {} end,
              simplecounter = { protocol_guid = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}", onpacket = function(engine, layer) print(layer:flowkey()) end } }
            """
        );
        harness.Send(Packets.Syn());
        Assert.Empty(harness.Output.Errors);
        Assert.Equal("06A:0A.01.02.03:p-C000_C6.33.64.07:p-01BB\n", harness.Output.Printed);
    }
}
