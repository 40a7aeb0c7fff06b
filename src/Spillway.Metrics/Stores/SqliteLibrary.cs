using SQLitePCL;

namespace Spillway.Metrics.Stores;

/// <summary>
/// SQLite as the store uses it: a connection is one thread's at a time, so it needs no lock of its own, which each bound value would take
/// and give back; and nobody asks how much memory it has, for which each piece of memory would take a lock of the whole process.
/// </summary>
internal static class SqliteLibrary
{
    // Refused where somebody has opened a database before; then it works as it does for others, and slower.
    static SqliteLibrary()
    {
        Batteries_V2.Init();
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MULTITHREAD);
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0);
    }

    /// <summary>Sets it up, the first time, before the first connection.</summary>
    public static void SetUp() { }
}
