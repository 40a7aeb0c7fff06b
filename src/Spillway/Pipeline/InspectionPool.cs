using Spillway.Async;
using Spillway.Async.Inspection;

namespace Spillway.Pipeline;

/// <summary>The workers that find out about files, for all lanes of a run.</summary>
internal sealed class InspectionPool
{
    /// <summary>How it is called in figures.</summary>
    public const string Name = "file inspection";

    private const int MostWorkers = 8;

    private readonly AsyncRuntime _async;
    private readonly int _workers;

    /// <summary>Creates the pool; its workers come with its first task.</summary>
    /// <param name="async">The slow path.</param>
    /// <param name="options">What is found out.</param>
    /// <param name="lanes">Lanes of the run, which have the first call on processors.</param>
    public InspectionPool(AsyncRuntime async, InspectionOptions options, int lanes)
    {
        Options = options;
        _async = async;
        _workers = Math.Clamp(Environment.ProcessorCount - lanes, 1, MostWorkers);
    }

    /// <summary>What is found out.</summary>
    public InspectionOptions Options { get; }

    /// <summary>Counts.</summary>
    public InspectionFigures Figures { get; } = new();

    /// <summary>A lane's end of it; null if the system refuses a thread. Any lane's thread.</summary>
    /// <param name="lane">The lane's end of the slow path.</param>
    /// <param name="owner">Hears of the ends of tasks.</param>
    public AsyncClient? TryCreateClient(TaskPort lane, ITaskOwner owner)
    {
        try
        {
            AsyncPool workers = _async.GetOrAddPool(Name, _workers, (_, _) => new FileInspector(Options.Rules, Options.Scan));
            return lane.CreateClient(workers, Name, owner, isJournalled: false);
        }
        catch (IOException)
        {
            return null; // asked again with the next file
        }
    }
}
