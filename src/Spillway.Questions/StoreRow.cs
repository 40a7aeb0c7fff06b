using SQLitePCL;

namespace Spillway.Questions;

/// <summary>The row at which a query stands. Columns count from 0; a value of another type is converted as SQLite does.</summary>
internal sealed class StoreRow(sqlite3_stmt statement)
{
    /// <summary>Whether a column is NULL.</summary>
    public bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

    /// <summary>A whole number; NULL is 0.</summary>
    public long Number(int column) => raw.sqlite3_column_int64(statement, column);

    /// <summary>A whole number, or null.</summary>
    public long? NumberOrNull(int column) => IsNull(column) ? null : Number(column);

    /// <summary>A number with a fraction; NULL is 0.</summary>
    public double Real(int column) => raw.sqlite3_column_double(statement, column);

    /// <summary>A text; NULL is empty.</summary>
    public string Text(int column) => raw.sqlite3_column_text(statement, column).utf8_to_string() ?? "";

    /// <summary>A text, or null.</summary>
    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);
}
