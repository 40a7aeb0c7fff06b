namespace Spillway.Scripting.Tests;

/// <summary>Libraries by the names that old scripts give them. The C library stands for one that was renamed: it is always there.</summary>
public sealed class FfiLoadTests
{
    [Theory]
    [InlineData("libsqlite3.so.99.1")]
    [InlineData("libsqlite3")]
    [InlineData("sqlite3")]
    [InlineData("/usr/lib/old-place/libsqlite3.so.8")]
    public void OldName_OfAKnownLibrary_LoadsTodays(string name) =>
        Assert.Equal("userdata\n", ScriptHarness.Run($"print(type(require('ffi').load('{name}')))"));

    [Fact]
    public void MissingLibrary_TellsWhatWasTriedAndTheRemedy()
    {
        string printed = ScriptHarness.Run(
            """
            local ffi = require 'ffi'
            print(select(2, pcall(ffi.load, 'libnowhere.so.7')))
            """
        );

        Assert.StartsWith(
            "cannot load library 'libnowhere.so.7': libnowhere.so.7: cannot open shared object file",
            printed,
            StringComparison.Ordinal
        );
        Assert.Contains("(tried libnowhere.so.7); --ffi-alias 'libnowhere.so.7=NAME' names another", printed, StringComparison.Ordinal);
    }

    [Fact]
    public void Alias_BesideTheScript_IsTaken()
    {
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin("onload = function() print(pcall(require('ffi').load, 'libmine.so.1')) end")
        );
        Assert.StartsWith("false", harness.Output.Printed, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(harness.Directory, "ffi-aliases"), "# ours\nlibmine.so.1 = libc.so.6\n");

        harness.Loader.Load([(Path.Combine(harness.Directory, "script.lua"), true)], harness.Lane).Dispose();

        Assert.Contains("\ntrue\t", harness.Output.Printed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nil")]
    [InlineData("{}")]
    [InlineData("''")]
    public void WrongArgument_Raises(string argument) =>
        Assert.StartsWith("false\t", ScriptHarness.Run($"print(pcall(require('ffi').load, {argument}))"), StringComparison.Ordinal);
}
