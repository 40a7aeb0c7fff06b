using Spillway.Async;
using Spillway.Async.Inspection;

namespace Spillway.Pipeline;

/// <summary>The workers that find out about files, for all lanes of a run.</summary>
internal sealed class InspectionPool
{
    private const string Name = "file inspection";
    private const int MostWorkers = 8;

    /// <summary>Creates the pool; its threads start with its first task.</summary>
    /// <param name="async">The slow path.</param>
    /// <param name="options">What is found out.</param>
    /// <param name="lanes">Lanes of the run, which have the first call on processors.</param>
    /// <exception cref="IOException">The system refuses a thread.</exception>
    public InspectionPool(AsyncRuntime async, InspectionOptions options, int lanes)
    {
        Options = options;
        Workers = async.GetOrAddPool(
            Name,
            Math.Clamp(Environment.ProcessorCount - lanes, 1, MostWorkers),
            (_, _) => new FileInspector(options.Rules, options.Scan)
        );
    }

    /// <summary>What is found out.</summary>
    public InspectionOptions Options { get; }

    /// <summary>The workers.</summary>
    public AsyncPool Workers { get; }

    /// <summary>Counts.</summary>
    public InspectionFigures Figures { get; } = new();

    /// <summary>A lane's end of it.</summary>
    /// <param name="lane">The lane's end of the slow path.</param>
    /// <param name="owner">Hears of the ends of tasks.</param>
    public AsyncClient CreateClient(TaskPort lane, ITaskOwner owner) => lane.CreateClient(Workers, Name, owner, isJournalled: false);
}
