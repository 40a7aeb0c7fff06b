using Spillway.Async;
using Spillway.Metrics;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Shards;
using Spillway.Scripting;
using Spillway.Scripting.Loading;

namespace Spillway.Benchmarks;

/// <summary>
/// Runs a script that measures T.async in its onload and results, without a packet path around it; its prints are the figures.
/// </summary>
internal static class AsyncScript
{
    public static void Run(string path, string arguments, int nice, bool usesRings)
    {
        using var runtime = new AsyncRuntime(new AsyncOptions { WorkerNice = nice, UsesRings = usesRings });
        using TaskPort taskPort = runtime.CreateLane("benchmark");
        var groups = new GroupRegistry();
        var lane = new ScriptContext(
            new MetricShard(groups, new MetricOptions(), lane: 0, new DiscardingSink()),
            taskPort,
            _ => null,
            number: 0
        );
        var environment = new ScriptEnvironment(new Dictionary<string, string>()) { Arguments = arguments };
        var loader = new ScriptLoader(environment, new ConsoleOutput(), runtime, groups);
        using ScriptHost scripts = loader.Load([(path, true)], lane);
        ScriptHost handler = scripts;
        taskPort.Drain(ref handler, Timeout.InfiniteTimeSpan);
        runtime.Stop(TimeSpan.FromSeconds(5));
    }
}
