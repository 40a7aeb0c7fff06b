using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Spillway.Benchmarks;
using Spillway.Benchmarks.Wire;
using Spillway.Benchmarks.Worst;

// stages FILE: what each stage of the packet path costs on a capture. Anything else goes to BenchmarkDotNet (--list flat, --filter
// '*Decode*').
if (args is ["stages", var capture, ..])
{
    StageCosts.Print(capture, rounds: args.Length > 2 ? int.Parse(args[2], provider: null) : 5);
    return;
}

// async-script FILE ARGS [NICE [slow]]: a script that measures T.async (benchmarks/async-peers runs it beside its peers).
if (args is ["async-script", var script, var arguments, ..])
{
    int nice = args.Length > 3 ? int.Parse(args[3], provider: null) : 10;
    AsyncScript.Run(script, arguments, nice, usesRings: args.Length <= 4 || args[4] != "slow");
    return;
}

// async-memory [TASKS]: what a long queue costs.
if (args is ["async-memory", ..])
{
    AsyncMemory.Print(args.Length > 1 ? int.Parse(args[1], provider: null) : 1_000_000);
    return;
}

// lane-pause SCRIPT [RESULTS [ROUNDS]]: how long results hold packets up when very many wait (benchmarks/async/pause.lua).
if (args is ["lane-pause", var pause, ..])
{
    LanePause.Print(pause, Number(1, 10_000), Number(2, 1500));
    return;
}

// lane-share SCRIPT [ROUNDS]: packets per second while every processor has a worker that computes (benchmarks/async/burn.lua).
if (args is ["lane-share", var burn, ..])
{
    LaneShare.Print(burn, Number(1, 15));
    return;
}

// meters: what counting traffic costs, from the packet to the store; meters FILE...: what databases (.mmdb) add to it.
if (args is ["meters", _, ..])
{
    GeoCosts.Print(args[1..]);
    return;
}

if (args is ["meters"])
{
    MeterCosts.Print();
    return;
}

// store [ROWS [DIR]]: what the store costs, for each row and for each question.
if (args is ["store", ..])
{
    StoreCosts.Print(Number(0, 10_000_000), keep: args.Length > 2 ? args[2] : null);
    return;
}

// worst [PART OF A NAME [ROUNDS]]: what traffic that is made to cost much costs for each byte, beside usual traffic of its protocol.
if (args is ["worst", ..])
{
    WorstCosts.Print(args.Length > 1 ? args[1] : "", Number(1, 5));
    return;
}

// pairing [RESPONSES]: how many responses get the right URL, a wrong one or none, by loss and by delay of one direction.
if (args is ["pairing", ..])
{
    PairingCosts.Print(Number(0, 3000));
    return;
}

// many-flows FILE [FLOWS] [--answered]: a capture of that many connections at a time, of their clients alone or with the servers' SYN-ACKs.
if (args is ["many-flows", var manyFlows, ..])
{
    string? flows = args.Skip(2).FirstOrDefault(each => each != "--answered");
    ManyFlows.Write(manyFlows, flows is null ? 1_000_000 : int.Parse(flows, provider: null), args.Contains("--answered"));
    return;
}

// flow-memory [FLOWS]: what an open TCP flow costs, by how far its connection has come.
if (args is ["flow-memory", ..])
{
    FlowMemory.Print(args.Length > 1 ? int.Parse(args[1], provider: null) : 200_000);
    return;
}

// intel [ENTRIES [FILE]]: what a long list of known-bad things costs, to read and for each packet, also of a capture.
if (args is ["intel", ..])
{
    IntelCosts.Print(Number(0, 1_000_000), capture: args.Length > 2 ? args[2] : null);
    return;
}

// send TARGET FILE PPS SECONDS [AT_ONCE]: a capture into an interface at a steady rate (benchmarks/live, soak and attack).
if (args is ["send", var target, var sent, var rate, var duration, ..])
{
    WireSend.Run(target, sent, double.Parse(rate, provider: null), double.Parse(duration, provider: null), Number(4, 0));
    return;
}

// In this process: no project is generated and built, so that the figures are those of the build that was tested.
IConfig config = DefaultConfig
    .Instance.AddJob(Job.ShortRun.WithIterationCount(10).WithToolchain(InProcessEmitToolchain.Instance))
    .AddDiagnoser(MemoryDiagnoser.Default)
    .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "spillway-benchmarks"));
BenchmarkSwitcher.FromAssembly(typeof(LanePause).Assembly).Run(args, config);

int Number(int option, int usual) => args.Length > option + 1 ? int.Parse(args[option + 1], provider: null) : usual;
