using Microsoft.Data.Sqlite;
using Spillway.Questions;

namespace Spillway.Tests.Questions;

public sealed class PortRangesTests
{
    [Theory]
    [InlineData("443", "443")]
    [InlineData("1-1023", "1 443 1023")]
    [InlineData("0, 443,8000-65535", "0 443 8080 65535")]
    [InlineData("0-65535", "0 1 443 1023 1024 8080 65535")]
    public void Condition_OnAColumnOfPorts_HoldsForThoseInIt(string text, string expected)
    {
        var query = new Query("SELECT port FROM ports");
        query.Where(PortRanges.TryParse(text)!.Of(query, "port"));
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        // Protocols without ports have words in their place.
        command.CommandText =
            """
                CREATE TEMP TABLE ports (port);
                INSERT INTO ports VALUES ('0'), (1), ('443'), ('1023'), (1024), ('8080'), ('65535'), ('icmp08'), ('-'), (NULL);
                """ + query.Text;
        foreach ((string name, object value) in query.Parameters)
            command.Parameters.AddWithValue(name, value);
        using SqliteDataReader reader = command.ExecuteReader();
        var found = new List<string>();
        while (reader.Read())
            found.Add(reader.GetString(0));

        Assert.Equal(expected, string.Join(' ', found));
    }

    [Theory]
    [InlineData("")]
    [InlineData("http")]
    [InlineData("65536")]
    [InlineData("-1")]
    [InlineData("80-")]
    [InlineData("90-80")]
    [InlineData("80,,81")]
    [InlineData("1-2-3")]
    public void Text_ThatIsNone_HasAComplaint(string text)
    {
        Assert.Null(PortRanges.TryParse(text));
        Assert.StartsWith($"'{text}' is no port", PortRanges.Complaint(text), StringComparison.Ordinal);
    }
}
