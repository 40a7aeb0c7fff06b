using Microsoft.Data.Sqlite;

namespace Spillway.EndToEnd.Running;

/// <summary>Questions to a run's spillway.db, as a user would ask them.</summary>
public static class Store
{
    /// <summary>Rows as texts, columns joined by <c>|</c>.</summary>
    public static IReadOnlyList<string> Ask(Workspace workspace, string query, string? directory = null)
    {
        using var connection = new SqliteConnection(
            $"Data Source={Path.Combine(directory ?? workspace.Output, "spillway.db")};Mode=ReadOnly;Pooling=False"
        );
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // the tests' own constants
        command.CommandText = query;
#pragma warning restore CA2100
        using SqliteDataReader reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
            rows.Add(
                string.Join(
                    '|',
                    Enumerable
                        .Range(0, reader.FieldCount)
                        .Select(column => Convert.ToString(reader.GetValue(column), System.Globalization.CultureInfo.InvariantCulture))
                )
            );
        return rows;
    }
}
