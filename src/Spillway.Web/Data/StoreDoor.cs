using Spillway.Questions;

namespace Spillway.Web.Data;

/// <summary>The way to the store: few questions at a time, so that a hundred browsers do not take all processors from the lanes.</summary>
/// <param name="place">Directory of the run, or its store.</param>
internal sealed class StoreDoor(string place) : IDisposable
{
    /// <summary>Most questions that the store is asked at the same time.</summary>
    public const int MaxQuestions = 4;

    private readonly SemaphoreSlim _room = new(MaxQuestions, MaxQuestions);

    /// <summary>Asks the store, once there is room. The store is closed when this is over.</summary>
    public async Task<T> Ask<T>(Func<QuestionStore, T> ask, CancellationToken end)
    {
        await _room.WaitAsync(end);
        try
        {
            using QuestionStore store = QuestionStore.Open(place);
            return ask(store);
        }
        finally
        {
            _room.Release();
        }
    }

    /// <summary>Something that changes when the store has something new; null without a store.</summary>
    public string? Mark()
    {
        try
        {
            string file = File.Exists(place) ? place : Path.Combine(place, Spillway.Metrics.Stores.SqliteStore.FileName);
            var log = new FileInfo(file + "-wal");
            DateTime at = log.Exists ? log.LastWriteTimeUtc : File.GetLastWriteTimeUtc(file);
            return File.Exists(file) ? at.Ticks.ToString(System.Globalization.CultureInfo.InvariantCulture) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _room.Dispose();
}
