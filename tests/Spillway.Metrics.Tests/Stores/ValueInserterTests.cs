using Microsoft.Data.Sqlite;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Stores;

namespace Spillway.Metrics.Tests.Stores;

public sealed class ValueInserterTests : IDisposable
{
    private readonly SqliteConnection _connection = new("Data Source=:memory:");
    private readonly ValueInserter _values;

    public ValueInserterTests()
    {
        _connection.Open();
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText =
            "CREATE TABLE counter_values (slice_id, meter, key_id, value, samples, PRIMARY KEY (slice_id, meter, key_id)) WITHOUT ROWID";
        command.ExecuteNonQuery();
        _values = new ValueInserter(_connection);
    }

    public void Dispose()
    {
        _values.Dispose();
        _connection.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(64)]
    [InlineData(100)]
    public void Add_AnyNumberOfValues_WritesEachOnce(int count)
    {
        for (int meter = 0; meter < 2; meter++)
        {
            _values.Begin(slice: 7, meter, meter == 0 ? MeterType.Counter : MeterType.Average);
            for (int i = 0; i < count; i++)
                _values.Add(key: i, value: i + 0.5, samples: meter == 0 ? 0 : i + 1);
            _values.End();
        }

        Assert.Equal(
            Enumerable
                .Range(0, 2 * count)
                .Select(n => (7L, (long)(n / count), (long)(n % count), (n % count) + 0.5, n < count ? (long?)null : (n % count) + 1)),
            Rows()
        );
    }

    [Theory]
    [InlineData(MeterType.Counter, 7)]
    [InlineData(MeterType.RunningCounter, 7)]
    [InlineData(MeterType.Average, 2.5)] // one sample of 4 and three whose mean is 2
    [InlineData(MeterType.Maximum, 4)]
    [InlineData(MeterType.Minimum, 3)]
    [InlineData(MeterType.Gauge, 3)]
    public void Add_TwoKeysOfOneText_BecomeOneValueByTheMetersType(MeterType type, double expected)
    {
        bool isAverage = type == MeterType.Average;
        for (int before = 30; before < 33; before++)
        {
            // At every place beside the end of a batch.
            _values.Begin(before, 0, type);
            for (int i = 0; i < before; i++)
                _values.Add(i, 1, isAverage ? 1 : 0);
            _values.Add(100, 4, isAverage ? 1 : 0);
            _values.Add(100, isAverage ? 2 : 3, isAverage ? 3 : 0);
            _values.Add(101, 1, isAverage ? 1 : 0);
            _values.End();
        }

        Assert.Equal([expected, expected, expected], Rows().Where(row => row.Key == 100).Select(row => row.Value));
        Assert.Equal(30 + 31 + 32 + 6, Rows().Count);
    }

    [Fact]
    public void Begin_AfterAFailure_ForgetsWhatWaited()
    {
        _values.Begin(1, 0, MeterType.Counter);
        _values.Add(1, 1, 0);
        _values.End();
        _values.Begin(1, 0, MeterType.Counter);
        _values.Add(1, 1, 0);
        Assert.Throws<SqliteException>(_values.End); // it is there already
        _values.Begin(2, 0, MeterType.Counter);
        _values.End();

        Assert.Single(Rows());
    }

    private List<(long Slice, long Meter, long Key, double Value, long? Samples)> Rows()
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = "SELECT * FROM counter_values ORDER BY 1, 2, 3";
        using SqliteDataReader reader = command.ExecuteReader();
        List<(long, long, long, double, long?)> rows = [];
        while (reader.Read())
            rows.Add(
                (
                    reader.GetInt64(0),
                    reader.GetInt64(1),
                    reader.GetInt64(2),
                    reader.GetDouble(3),
                    reader.IsDBNull(4) ? null : reader.GetInt64(4)
                )
            );
        return rows;
    }
}
