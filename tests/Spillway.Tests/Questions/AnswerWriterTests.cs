using System.Text.Json.Nodes;
using Spillway.Answers;
using Spillway.Questions;
using Spillway.Report;

namespace Spillway.Tests.Questions;

public sealed class AnswerWriterTests
{
    private static readonly AnswerColumn[] Columns =
    [
        new("time", "Time", ValueKind.Time),
        new("name", "Name", ValueKind.Text) { MinWidth = 8 },
        new("value", "Value", ValueKind.Bytes),
        new("lasted", "Lasted", ValueKind.Duration),
        new("raw", "Raw", ValueKind.Text) { Place = ColumnPlace.Data },
        new("short", "Short", ValueKind.Count) { Place = ColumnPlace.Table },
    ];

    private static readonly object?[] Row = [1_700_000_000_500_000_000, "a \"b\", c\r\nd\e[31m", 1_234_567.0, 1_500_000_000L, null, 7L];

    private static readonly string[] Names = ["time", "name", "value", "lasted", "raw"];

    [Fact]
    public void Csv_IsThatOfRfc4180()
    {
        (string text, _) = Write(new Answer(Columns, [Row]), AnswerFormat.Csv);

        Assert.Equal("time,name,value,lasted,raw\r\n2023-11-14T22:13:20.500000Z,\"a \"\"b\"\", c\r\nd\\x1B[31m\",1234567,1.5,\r\n", text);
    }

    [Theory]
    [InlineData("=HYPERLINK(0)", "'=HYPERLINK(0)")]
    [InlineData("+1", "'+1")]
    [InlineData("-1+2", "'-1+2")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("\uFF1D1", "'\uFF1D1")]
    [InlineData("a=b", "a=b")]
    [InlineData("\u202Egpj.exe", "\\u{202E}gpj.exe")]
    [InlineData("\u009B2J", "\\x9B2J")]
    [InlineData("a\rb", "a\\x0Db")]
    public void Csv_TextOffTheWire_IsNeitherAFormulaNorACommand(string text, string expected)
    {
        object?[] row = [.. Row];
        row[1] = text;
        (string csv, _) = Write(new Answer(Columns, [row]), AnswerFormat.Csv);

        Assert.Equal(expected, csv.Split("\r\n")[1].Split(',')[1]);
    }

    [Fact]
    public void Json_TextThatTurnsTheDirection_IsEscapedAndTheSame()
    {
        object?[] row = [.. Row];
        row[1] = "caf\u00E9 \u202Egpj.exe\u2066";
        (string json, _) = Write(new Answer(Columns, [row]), AnswerFormat.Json);

        Assert.DoesNotContain('\u202E', json);
        Assert.DoesNotContain('\u2066', json);
        Assert.Equal(row[1], (string?)JsonNode.Parse(json)!["name"]);
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
        (string text, string notes) = Write(
            new Answer([Columns[1]], Enumerable.Range(0, 5).Select(i => new object?[] { $"row{i}" })) { Limit = 3 },
            AnswerFormat.Table
        );

        Assert.Contains("row2", text, StringComparison.Ordinal);
        Assert.DoesNotContain("row3", text, StringComparison.Ordinal);
        Assert.Contains("the first 3 are shown", notes, StringComparison.Ordinal);
    }

    [Fact]
    public void Table_WithoutRoom_LeavesOutWhatCanBeSpared_AndSaysSo()
    {
        AnswerColumn[] columns =
        [
            new("host", "Host", ValueKind.Text) { MinWidth = 12 },
            new("size", "Size", ValueKind.Bytes) { Spare = 1 },
            new("hash", "Hash", ValueKind.Text) { Spare = 2 },
            new("none", "None", ValueKind.Text) { Spare = 3 },
        ];
        object?[] row = ["www.example.org", 1000L, new string('a', 40), null];

        (string wide, string wideNotes) = Write(new Answer(columns, [row]), AnswerFormat.Table, 70);
        (string narrow, string narrowNotes) = Write(new Answer(columns, [row]), AnswerFormat.Table, 30);

        Assert.Contains(new string('a', 40), wide, StringComparison.Ordinal);
        Assert.Equal("", wideNotes);
        Assert.Equal("  Host             Size\n  www.example.org  1 kB\n", narrow);
        Assert.StartsWith("no room for Hash: ", narrowNotes, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(200)]
    public void Table_OfAnyWidth_WrapsNoLine(int width)
    {
        var answer = new Answer(Columns, [Row, Row])
        {
            Title = "A title that is longer than some terminals are wide",
            Scope = "run 1, and so on",
        };

        string[] lines = Write(answer, AnswerFormat.Table, width).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.All(lines, line => Assert.InRange(line.Length, 0, width));
        Assert.Equal(width > 70 ? 4 : 5, lines.Length); // heading, titles and two rows
    }

    [Fact]
    public void Table_WithTimesOfOneDay_TellsTheDayOnceIfThereIsNoRoom()
    {
        AnswerColumn[] columns = [new("time", "Time", ValueKind.Time), new("text", "Text", ValueKind.Text) { MinWidth = 12 }];
        object?[] row = [1_700_000_000_500_000_000, "some text that is long"];

        Assert.StartsWith(
            "  Time (UTC)               Text",
            Write(new Answer(columns, [row]), AnswerFormat.Table, 60).Text,
            StringComparison.Ordinal
        );
        Assert.Equal(
            "  2023-11-14    Text\n  22:13:20.500  some text...\n",
            Write(new Answer(columns, [row]), AnswerFormat.Table, 28).Text
        );
    }

    [Fact]
    public void Lines_AreOneLineInATable()
    {
        (string text, _) = Write(
            new Answer(
                [new AnswerColumn("label", "Label", ValueKind.Lines) { MinWidth = 8 }],
                [
                    ["a\t5\tIN\r\nb\n"],
                ]
            ),
            AnswerFormat.Table
        );

        Assert.Equal("  Label\n  a 5 IN b\n", text);
    }

    [Fact]
    public void Json_OfAJsonColumn_IsAnObject()
    {
        (string text, _) = Write(
            new Answer(
                [new AnswerColumn("a", "A", ValueKind.Json)],
                [
                    ["{\"SNI\":\"x\"}"],
                    [null],
                ]
            ),
            AnswerFormat.Json
        );

        Assert.Equal("{\"a\":{\"SNI\":\"x\"}}\n{\"a\":null}\n", text);
    }

    [Fact]
    public void Picture_IsOfAllRows_WhateverTheTableIsLimitedTo()
    {
        int seen = 0;
        var answer = new Answer([Columns[1]], Enumerable.Range(0, 100).Select(i => new object?[] { $"row{i}" }))
        {
            Limit = 3,
            Picture = (rows, _, _) =>
            {
                seen = rows.Count;
                return [];
            },
        };

        (string text, string notes) = Write(answer, AnswerFormat.Table);

        Assert.Equal(100, seen);
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

    private static (string Text, string Notes) Write(Answer answer, AnswerFormat format, int width = 70)
    {
        var output = new StringWriter { NewLine = "\n" };
        var notes = new StringWriter { NewLine = "\n" };
        new AnswerWriter(output, notes) { IsUtc = true, Console = ReportConsole.Create(output, width, hasColors: false) }.Write(
            answer,
            format
        );
        return (output.ToString(), notes.ToString());
    }
}
