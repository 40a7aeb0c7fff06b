using Microsoft.Data.Sqlite;

namespace Spillway.Metrics.Stores;

/// <summary>A prepared statement whose parameters are filled in their order.</summary>
internal sealed class Statement : IDisposable
{
    private readonly SqliteCommand _command;
    private readonly SqliteParameter[] _parameters;

    /// <summary>Prepares a statement.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="sql">SQL whose parameters are ?1, ?2, ...</param>
    /// <param name="parameters">How many there are.</param>
    public Statement(SqliteConnection connection, string sql, int parameters)
    {
        _command = connection.CreateCommand();
        _command.CommandText = sql;
        _parameters = new SqliteParameter[parameters];
        for (int i = 0; i < parameters; i++)
            _parameters[i] = _command.Parameters.Add(new SqliteParameter($"?{i + 1}", null));
        _command.Prepare();
    }

    /// <summary>Sets a parameter; null becomes NULL.</summary>
    public object? this[int index]
    {
        set => _parameters[index].Value = value ?? DBNull.Value;
    }

    public void Execute() => _command.ExecuteNonQuery();

    /// <summary>Runs the statement and returns its first value, a number.</summary>
    public long ExecuteNumber() => (long)_command.ExecuteScalar()!;

    /// <summary>Sets all parameters and runs the statement.</summary>
    public void Execute(params ReadOnlySpan<object?> values)
    {
        for (int i = 0; i < values.Length; i++) this[i] = values[i];
        Execute();
    }

    public void Dispose() => _command.Dispose();
}
