using Spillway.Async;
using Spillway.Async.Inspection;
using Spillway.Net.Files;

namespace Spillway.Pipeline;

/// <summary>The workers that find out about files, for all lanes of a run.</summary>
internal sealed class InspectionPool
{
    /// <summary>How it is called in figures.</summary>
    public const string Name = "file inspection";

    private const int MostWorkers = 8;

    private readonly AsyncRuntime _async;
    private readonly RamDirectory _files;
    private readonly bool _isLive;
    private readonly int _workers;

    /// <summary>Creates the pool; its workers come with its first task.</summary>
    /// <param name="async">The slow path.</param>
    /// <param name="options">What is found out.</param>
    /// <param name="files">Where the files lie.</param>
    /// <param name="lanes">Lanes of the run, which have the first call on processors.</param>
    /// <param name="isLive">Whether packets come whether or not they are taken.</param>
    public InspectionPool(AsyncRuntime async, InspectionOptions options, RamDirectory files, int lanes, bool isLive)
    {
        _files = files;
        _isLive = isLive;
        Options = options;
        _async = async;
        _workers = Math.Clamp(Environment.ProcessorCount - lanes, 1, MostWorkers);
    }

    /// <summary>What is found out.</summary>
    public InspectionOptions Options { get; }

    /// <summary>
    /// Whether a file may lie longer for being looked into. Not in a live run while files fill half of the ram directory: a file without a
    /// type is better than one that finds no room.
    /// </summary>
    public bool HasRoom => !_isLive || _files.BytesInUse <= _files.CapacityBytes / 2;

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
