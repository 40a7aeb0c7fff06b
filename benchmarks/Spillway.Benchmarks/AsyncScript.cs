using System.Text;
using Spillway.Async;
using Spillway.Metrics;
using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Shards;
using Spillway.Scripting;
using Spillway.Scripting.Loading;

namespace Spillway.Benchmarks;

/// <summary>Runs a script that measures T.async in its onload and results, without a packet path around it; its prints are the figures.</summary>
internal static class AsyncScript
{
    public static void Run(string path, string arguments, int nice)
    {
        using var runtime = new AsyncRuntime(new AsyncOptions { WorkerNice = nice });
        using AsyncLane asyncLane = runtime.CreateLane("benchmark");
        var groups = new GroupRegistry();
        var lane = new ScriptLane(new MetricShard(groups, new MetricOptions(), lane: 0, new DiscardingSink()), asyncLane, _ => null, number: 0);
        var environment = new ScriptEnvironment(new Dictionary<string, string>()) { Arguments = arguments };
        var loader = new ScriptLoader(environment, new ConsoleOutput(), runtime, groups);
        using ScriptHost scripts = loader.Load([(path, true)], lane);
        ScriptHost handler = scripts;
        asyncLane.Drain(ref handler, Timeout.InfiniteTimeSpan);
        runtime.Stop(TimeSpan.FromSeconds(5));
    }

    private sealed class ConsoleOutput : IScriptOutput
    {
        public void Print(string script, ReadOnlySpan<byte> line) => Console.Write(Encoding.UTF8.GetString(line));

        public void Log(string script, ScriptLogLevel level, string message) => Console.Error.WriteLine(message);

        public void Problem(string script, string message) => Console.Error.WriteLine(message);

        public void Error(string script, string callback, string text, long repeats) => Console.Error.WriteLine(text);

        public void LoadFailure(string script, string message) => Console.Error.WriteLine(message);

        public void Fault(string script, Exception exception) => Console.Error.WriteLine(exception);
    }

    private sealed class DiscardingSink : IMetricSink
    {
        public void Post(CounterWindow window)
        {
        }

        public void Post(EventBatch batch)
        {
        }
    }
}
