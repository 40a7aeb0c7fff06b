using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Spillway.Metrics.Stores;

/// <summary>
/// Removes what is too old or too much, a small piece at each step, so that it fits between two batches. One plan at a time: everything of
/// one run before one moment. When it is done, <c>runs.kept_from_ns</c> says so; a plan that a kill has cut off is simply made again.
/// </summary>
internal sealed class Retention(SqliteConnection connection, Func<SqliteStoreOptions> options) : IDisposable
{
    private const long HourNs = 3600L * 1_000_000_000;
    private const int PagesPerStep = 512;
    private const int KeysPerStep = 5_000;
    private const int MergePagesPerStep = 256;

    // At the limit a little more is removed than one batch needs, so that plans are few.
    private const double LowWater = 0.95;

    private const double PressedShare = 0.95;

    // A run that has written nothing for so long was killed.
    private static readonly TimeSpan Silence = TimeSpan.FromHours(1);

    private readonly RunRemoval _removal = new(connection);
    private readonly Statement _pages = new(connection, "PRAGMA page_count");
    private readonly Statement _free = new(connection, "PRAGMA freelist_count");
    private readonly Statement _pageSize = new(connection, "PRAGMA page_size");
    private readonly Statement _vacuum = new(
        connection,
        string.Create(CultureInfo.InvariantCulture, $"PRAGMA incremental_vacuum({PagesPerStep})")
    );
    private readonly Statement _kept = new(connection, "UPDATE runs SET kept_from_ns = ?2 WHERE run_id = ?1");
    private readonly Statement _lastKey = new(connection, "SELECT coalesce(max(key_id), 0) FROM keys");

    // A key may be used for so many slices without a note in its row (KeyIds.NotedEvery).
    private const string Forgotten =
        "FROM keys WHERE key_id > ?1 AND key_id <= ?2 AND key_id <> 0 AND last_slice + ?3 < (SELECT "
        + "coalesce(min(slice_id), 0) FROM counter_slices)";

    private readonly Statement _attributes = new(
        connection,
        "DELETE FROM key_attributes WHERE (group_id, key) IN (SELECT group_id, key " + Forgotten + ")"
    );

    private readonly Statement _keys = new(connection, "DELETE " + Forgotten);

    // Removed documents leave marks in the full-text index until its segments are merged: at first with a negative number, which takes all
    // of them in, then by as many pages a step (https://www.sqlite.org/fts5.html#the_merge_command).
    private readonly Statement _merge = new(connection, "INSERT INTO document_index (document_index, rank) VALUES ('merge', ?1)");
    private readonly Statement _totalChanges = new(connection, "SELECT total_changes()");

    private Plan? _plan;
    private bool _isMerging;
    private long _nextKey = long.MaxValue;
    private bool _nothingToRemove;
    private bool _isPressed;
    private long? _pressedMost;

    /// <summary>Called when part of a run is about to go: its id, and the packet time before which.</summary>
    public Action<long, long>? Removing { get; set; }

    /// <summary>True if there is anything to watch over.</summary>
    public bool IsWanted => options().MaxAge is not null || options().MaxBytes is not null || _isPressed;

    /// <summary>The disk is full: a tenth of what there is makes room.</summary>
    public void Press()
    {
        _isPressed = true;
        _nothingToRemove = false;
    }

    /// <summary>Does a step, in a transaction of the caller's; returns how many rows it removed.</summary>
    /// <param name="now">Wall clock.</param>
    /// <param name="more">True if the next step has something to do.</param>
    public int Step(DateTimeOffset now, out bool more)
    {
        more = true;
        if (_plan is { } plan)
        {
            int removed = _removal.Step(plan.Run, plan.UntilNs, plan.IsWhole);
            if (removed > 0)
                return removed;
            _kept.Execute(plan.Run, plan.UntilNs);
            _plan = null;
            _nextKey = 0;
            _isMerging = true;
            _merge.Execute(-MergePagesPerStep);
            return 0;
        }

        if (_isMerging)
        {
            _isMerging = MergeIndex();
            return 0;
        }

        if (_nextKey != long.MaxValue)
            return ForgetKeys();
        _plan = PlanByAge(now) ?? PlanBySize(now);
        if (_plan is { } next)
            Removing?.Invoke(next.Run, next.UntilNs);
        more = _plan is not null;
        return 0;
    }

    /// <summary>
    /// Gives free pages back to the file system, a few at a time; returns true if there are more. Outside of a transaction.
    /// </summary>
    public bool Shrink()
    {
        long free = _free.ExecuteNumber();
        long pages = _pages.ExecuteNumber();
        bool tooLarge = options().MaxBytes is { } most && pages * _pageSize.ExecuteNumber() > most;
        // Free pages are used again: only a file that is too large, or mostly empty, needs to become smaller.
        if (free == 0 || (!tooLarge && free < Math.Max(1024, pages / 4)))
            return false;
        _vacuum.Execute();
        return _free.ExecuteNumber() < free;
    }

    /// <summary>Drops a plan whose step was taken back.</summary>
    public void Forget()
    {
        _plan = null;
        _isMerging = false;
        _nextKey = long.MaxValue;
        _nothingToRemove = false;
    }

    public void Dispose()
    {
        _removal.Dispose();
        foreach (
            Statement statement in (ReadOnlySpan<Statement>)
                [_pages, _free, _pageSize, _vacuum, _kept, _lastKey, _attributes, _keys, _merge, _totalChanges]
        )
            statement.Dispose();
    }

    private bool MergeIndex()
    {
        long before = _totalChanges.ExecuteNumber();
        _merge.Execute(MergePagesPerStep);
        return _totalChanges.ExecuteNumber() - before >= 2;
    }

    private int ForgetKeys()
    {
        long from = _nextKey;
        _attributes.Execute(from, from + KeysPerStep, KeyIds.NotedEvery);
        int removed = _keys.ExecuteChanges(from, from + KeysPerStep, KeyIds.NotedEvery);
        _nextKey = from + KeysPerStep < _lastKey.ExecuteNumber() ? from + KeysPerStep : long.MaxValue;
        return removed;
    }

    private static Plan PlanFor(RunSpan run, long untilNs) => new(run.Id, Math.Min(untilNs, run.LastNs + 1), untilNs > run.LastNs);

    private Plan? PlanByAge(DateTimeOffset now)
    {
        if (options().MaxAge is not { } age)
            return null;
        long ageNs = (long)Math.Min(age.TotalSeconds, 9e9) * 1_000_000_000;
        foreach (RunSpan run in _removal.Runs())
        {
            long untilNs = run.LastNs - ageNs + Math.Max(0, (long)Math.Min((now - run.UpdatedAt).TotalSeconds, 9e9) * 1_000_000_000);
            // By the hour, or there would be a plan for every batch.
            untilNs -= untilNs % HourNs;
            if (untilNs > run.FromNs)
                return PlanFor(run, untilNs);
        }

        return null;
    }

    private Plan? PlanBySize(DateTimeOffset now)
    {
        long used = (_pages.ExecuteNumber() - _free.ExecuteNumber()) * _pageSize.ExecuteNumber();
        if (_isPressed && _pressedMost is null)
            _pressedMost = (long)(used * PressedShare);
        if (Math.Min(options().MaxBytes ?? long.MaxValue, _pressedMost ?? long.MaxValue) is var most && most == long.MaxValue)
            return null;
        if (used <= most * LowWater)
            (_isPressed, _pressedMost) = (false, null);
        if (used < most * LowWater)
            _nothingToRemove = false;
        if (_nothingToRemove || used <= most * LowWater)
            return null;
        foreach (RunSpan run in _removal.Runs())
        {
            // A sixteenth at a time, and never less than a window: the last window of a run that goes on stays.
            long step = Math.Max(run.WindowSeconds * 1_000_000_000L, (run.LastNs - run.FromNs) / 16);
            bool mayRun = !run.HasFinished && now - run.UpdatedAt < Silence;
            if (mayRun && run.FromNs + step > run.LastNs - (run.WindowSeconds * 1_000_000_000L))
                continue;
            // By whole windows: what is removed of a run ends where a window does.
            long windowNs = run.WindowSeconds * 1_000_000_000L,
                untilNs = run.FromNs + step;
            return PlanFor(run, untilNs - (untilNs % windowNs) + (untilNs % windowNs == 0 ? 0 : windowNs));
        }

        _nothingToRemove = true;
        (_isPressed, _pressedMost) = (false, null);
        return null;
    }

    private readonly record struct Plan(long Run, long UntilNs, bool IsWhole);
}
