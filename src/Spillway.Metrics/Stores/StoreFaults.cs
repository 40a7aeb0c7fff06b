using Microsoft.Data.Sqlite;

namespace Spillway.Metrics.Stores;

/// <summary>What can go wrong with the store, in a line each: the thing, the reason, the remedy.</summary>
internal static class StoreFaults
{
    public static StoreException OfDirectory(string directory, Exception exception) =>
        new($"cannot write to the output directory '{directory}': {Reason(exception)} Choose another with -o DIR.", exception);

    public static StoreException OfOpening(string path, SqliteException exception) =>
        new(
            exception.SqliteErrorCode switch
            {
                5 or 6 => $"cannot open the store '{path}': {Reason(exception)} End it (fuser '{path}' shows it) or choose "
                    + "another output directory with -o DIR.",
                8 or 14 =>
                    $"cannot open the store '{path}': {Reason(exception)} Make it writable or choose another output directory with -o DIR.",
                13 =>
                    $"cannot open the store '{path}': {Reason(exception)} Free some space or choose another output directory with -o DIR.",
                _ => $"cannot open the store '{path}': {Reason(exception)} Move it away or choose another output directory with -o DIR.",
            },
            exception
        );

    public static StoreException OfWriting(string path, SqliteException exception) =>
        new($"cannot write to '{path}': {Reason(exception)} The run goes on; results from here on may be missing in it.", exception);

    public static StoreException OfFullDisk(string path, SqliteException exception) =>
        new($"cannot write to '{path}': {Reason(exception)} The run goes on, and the oldest results make room.", exception);

    public static StoreException OfRemoving(string path, SqliteException exception) =>
        new(
            $"cannot remove old results from '{path}': {Reason(exception)} The run goes on; the store may become larger than it should.",
            exception
        );

    private static string Reason(Exception exception) =>
        exception switch
        {
            SqliteException { SqliteErrorCode: 5 or 6 } => "another program holds it locked.",
            SqliteException { SqliteErrorCode: 8 } => "it is read-only.",
            SqliteException { SqliteErrorCode: 10 } => "the disk reports an error.",
            SqliteException { SqliteErrorCode: 11 } => "the file is damaged.",
            SqliteException { SqliteErrorCode: 13 } => "the disk is full.",
            SqliteException { SqliteErrorCode: 14 } => "it, or its log, cannot be opened.",
            SqliteException { SqliteErrorCode: 26 } => "it is not an SQLite file.",
            SqliteException sqlite => $"{sqlite.Message.TrimEnd('.')}.",
            UnauthorizedAccessException => "permission denied.",
            _ => $"{exception.Message.TrimEnd('.')}.",
        };
}
