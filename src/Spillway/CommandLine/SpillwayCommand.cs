using System.CommandLine;

namespace Spillway.CommandLine;

/// <summary>The root of the command line.</summary>
internal static class SpillwayCommand
{
    /// <summary>Builds the command with all its sub-commands.</summary>
    public static RootCommand Create() => new("""
        Spillway: a network traffic analytics probe.
        Packets go in; Lua scripts written for Trisul's API look at them and act; metrics, alerts and extracted files come out.
        What blocks (commands, files, look-ups) runs beside the packet path by T.async.

        Try it:            spillway demo
        Your own capture:  spillway run -r YOUR.pcap -s YOUR.lua
        """)
    {
        RunCommand.Create(),
        DemoCommand.Create(),
    };
}
