using System.Text.Json.Nodes;
using Spillway.Questions;
using Spillway.Report;

namespace Spillway.Tests.Questions;

public sealed class AnswerWriterTests
{
    private static readonly AnswerColumn[] Columns =
    [
        new("time", "Time", ValueKind.Time), new("name", "Name", ValueKind.Text) { MinWidth = 8 }, new("value", "Value", ValueKind.Bytes),
        new("lasted", "Lasted", ValueKind.Duration), new("raw", "Raw", ValueKind.Text) { Place = ColumnPlace.Data },
        new("short", "Short", ValueKind.Count) { Place = ColumnPlace.Table },
    ];

    private static readonly object?[] Row = [1_700_000_000_500_000_000, "a \"b\", c\r\nd\e[31m", 1_234_567.0, 1_500_000_000L, null, 7L];

    private static readonly string[] Names = ["time", "name", "value", "lasted", "raw"];

    [Fact]
    public void Csv_IsThatOfRfc4180()
    {
        (string text, _) = Write(new Answer(Columns, [Row]), AnswerFormat.Csv);

        Assert.Equal("time,name,value,lasted,raw\r\n2023-11-14T22:13:20.500000Z,\"a \"\"b\"\", c\r\nd\e[31m\",1234567,1.5,\r\n", text);
    }

    [Fact]
    public void Json_IsAnObjectALine()
    {
        (string text, _) = Write(new Answer(Columns, [Row, Row]), AnswerFormat.Json);

        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        JsonObject row = JsonNode.Parse(lines[0])!.AsObject();
        Assert.Equal(Names, row.Select(pair => pair.Key));
        Assert.Equal("a \"b\", c\r\nd\e[31m", (string?)row["name"]);
        Assert.Equal(1.5, (double)row["lasted"]!);
        Assert.Null(row["raw"]);
        Assert.DoesNotContain('\e', text);
    }

    [Fact]
    public void Table_FitsItsWidth_AndActsOnNothing()
    {
        (string text, _) = Write(new Answer(Columns, [Row]) { Title = "title \e[2J" }, AnswerFormat.Table);

        Assert.DoesNotContain('\e', text);
        Assert.Contains("1.23 MB", text, StringComparison.Ordinal);
        Assert.Contains("2023-11-14 22:13:20.500", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Raw", text, StringComparison.Ordinal);
        Assert.All(text.Split('\n'), line => Assert.InRange(line.Length, 0, 70));
    }

    [Fact]
    public void Table_WithMoreRowsThanAskedFor_SaysSo()
    {
        (string text, string notes) = Write(new Answer([Columns[1]], Enumerable.Range(0, 5).Select(i => new object?[] { $"row{i}" })) { Limit = 3 }, AnswerFormat.Table);

        Assert.Contains("row2", text, StringComparison.Ordinal);
        Assert.DoesNotContain("row3", text, StringComparison.Ordinal);
        Assert.Contains("the first 3 are shown", notes, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Nothing_IsToldBesideTheAnswer(int format)
    {
        (string text, string notes) = Write(new Answer([Columns[1]], []) { WhenEmpty = () => "there is none\e" }, (AnswerFormat)format);

        Assert.Equal((AnswerFormat)format == AnswerFormat.Csv ? "name\r\n" : "", text);
        Assert.Equal("there is none\\x1B\n", notes);
    }

    private static (string Text, string Notes) Write(Answer answer, AnswerFormat format)
    {
        var output = new StringWriter { NewLine = "\n" };
        var notes = new StringWriter { NewLine = "\n" };
        new AnswerWriter(output, notes) { IsUtc = true, Console = ReportConsole.Create(output, 70, hasColors: false) }.Write(answer, format);
        return (output.ToString(), notes.ToString());
    }
}
