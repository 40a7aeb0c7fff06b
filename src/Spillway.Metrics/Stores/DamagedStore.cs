using System.Buffers.Binary;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Spillway.Metrics.Stores;

/// <summary>
/// A store of ours that SQLite cannot read any more. A probe that nobody watches must not stop learning for it: the file is put aside,
/// where
/// <c>sqlite3 FILE .recover</c> may still save much of it, and a new one is begun. Other programs' files are never touched.
/// </summary>
internal static class DamagedStore
{
    private const int ApplicationIdOffset = 68;

    /// <summary>True if the error says that the file is damaged: SQLITE_CORRUPT or SQLITE_NOTADB.</summary>
    public static bool IsDamage(SqliteException exception) => exception.SqliteErrorCode is 11 or 26;

    /// <summary>True if the header has the application id of our stores (SQLite file format, 1.3).</summary>
    public static bool IsOurs(string path)
    {
        try
        {
            Span<byte> header = stackalloc byte[ApplicationIdOffset + sizeof(int)];
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            return file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length
                && BinaryPrimitives.ReadInt32BigEndian(header[ApplicationIdOffset..]) == StoreSchema.ApplicationId;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Renames the file and its log, and returns a line that tells of it.</summary>
    /// <exception cref="StoreException">It cannot be renamed.</exception>
    public static string MoveAside(string path, DateTimeOffset now)
    {
        string aside = path + now.UtcDateTime.ToString("'.damaged-'yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        try
        {
            // The log goes with its file, or SQLite would replay it into the new one.
            foreach (string suffix in (ReadOnlySpan<string>)["-wal", "-shm", ""])
            {
                if (File.Exists(path + suffix))
                    File.Move(path + suffix, aside + suffix);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(
                $"the store '{path}' is damaged, and cannot be put aside: {exception.Message.TrimEnd('.')}. "
                    + "Move it away or choose another output directory with -o DIR.",
                exception
            );
        }

        return $"the store was damaged: it is '{aside}' now, a new one has been begun, and sqlite3 FILE .recover may save the "
            + "older results.";
    }
}
