using System.Text;
using Spillway.Net.Protocols.Mime;

namespace Spillway.Net.Tests.Mime;

public class MimeReaderTests
{
    private const string Mixed = "Content-Type: multipart/mixed; boundary=\"b 1\"\r\n\r\n";

    [Fact]
    public void Message_WithoutStructure_IsOnePart()
    {
        MimeRecorder read = Read("Subject: hello\r\n world\r\nTo:a@b.c\r\n\r\nline\r\n--x\r\n");

        Assert.Equal([("Subject", "hello world"), ("To", "a@b.c")], read.Fields);
        RecordedPart part = Assert.Single(read.Parts);
        Assert.Equal("line\r\n--x\r\n", part.Text);
        Assert.Equal(("text/plain", "", 0, MimeEnd.Complete), (part.Part.ContentType, part.Part.Disposition, part.Part.Depth, part.End));
    }

    [Fact]
    public void Multipart_GivesItsPartsWithoutTheBreakBeforeTheBoundary()
    {
        MimeRecorder read = Read(
            Mixed
                + "preamble\r\n--b 1\r\n\r\none\r\n\r\n--b 1  \r\nContent-Type: Image/PNG; name=x.png\r\n"
                + "Content-Disposition: Attachment; filename=y.png\r\n\r\ntwo"
                + "\r\n--b 1--\r\nepilogue\r\n--b 1\r\n\r\nnot a part\r\n"
        );

        Assert.Equal(["one\r\n", "two"], read.Parts.Select(part => part.Text));
        Assert.Equal(("image/png", "attachment", "y.png", 1), Facts(read.Parts[1]));
    }

    [Fact]
    public void Multipart_WithBareLineFeeds_IsTheSame()
    {
        string message = Mixed + "--b 1\r\n\r\none\r\n\r\n--b 1\r\nContent-Type: text/html\r\n\r\n--b 2\r\n--b\r\n--b 1--\r\n";

        Assert.Equal(["one\n", "--b 2\n--b"], Read(message.Replace("\r", "", StringComparison.Ordinal)).Parts.Select(part => part.Text));
        Assert.Equal(["one\r\n", "--b 2\r\n--b"], Read(message).Parts.Select(part => part.Text));
    }

    [Fact]
    public void Nested_ClosesInnerEntitiesWithTheOuterBoundary()
    {
        MimeRecorder read = Read(
            Mixed
                + "--b 1\r\nContent-Type: multipart/alternative; boundary=in\r\n\r\n--in\r\n\r\nplain\r\n--in\r\n"
                + "Content-Type: text/html\r\n\r\nhtml"
                + "\r\n--b 1\r\n\r\nlast\r\n--b 1--"
        );

        Assert.Equal(["plain", "html", "last"], read.Parts.Select(part => part.Text));
        Assert.Equal([2, 2, 1], read.Parts.Select(part => part.Part.Depth));
    }

    [Fact]
    public void MessageInMessage_IsReadAsAMessage()
    {
        MimeRecorder read = Read(
            Mixed
                + "--b 1\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment; filename=a.eml\r\n\r\n"
                + "Subject: inner\r\nContent-Type: text/html\r\n\r\n<p>\r\n--b 1--\r\n"
        );

        Assert.Equal(("text/html", "", "", 2), Facts(Assert.Single(read.Parts)));
        Assert.DoesNotContain(read.Fields, field => field.Name == "Subject");
    }

    [Fact]
    public void Digest_HoldsMessagesUnlessItSaysOtherwise()
    {
        MimeRecorder read = Read(
            "Content-Type: multipart/digest; boundary=d\r\n\r\n--d\r\n\r\nSubject: s\r\n\r\none\r\n--d\r\nContent-Type: text/plain\r\n"
                + "\r\ntwo\r\n--d--\r\n"
        );

        Assert.Equal(["one", "two"], read.Parts.Select(part => part.Text));
        Assert.Equal([2, 1], read.Parts.Select(part => part.Part.Depth));
    }

    [Theory]
    [InlineData("base64", "aGVs\r\nbG8=", "hello")]
    [InlineData("BASE64", "a G!V\r\nsbG8", "hello")]
    [InlineData("base64", "aGk=aGk=", "hihi")]
    [InlineData("base64", "aGVsbG8x", "hello1")]
    [InlineData("quoted-printable", "a=3D=\r\nb=c3=A4=\nc=zz =4", "a=b\u00c3\u00a4c=zz =4")]
    [InlineData("quoted-printable", "end=", "end")]
    [InlineData("x-uuencode", "junk\r\nbegin 644 a.txt\r\n%:&5L;&\\\r\n`\r\nend\r\nmore", "hello")]
    [InlineData("8bit (as is)", "a=3D", "a=3D")]
    [InlineData("rot13", "uryyb", "uryyb")]
    public void TransferEncoding_IsUndone(string encoding, string body, string expected)
    {
        MimeRecorder read = Read($"Content-Transfer-Encoding: {encoding}\r\n\r\n{body}");

        Assert.Equal(expected, Assert.Single(read.Parts).Text);
    }

    [Fact]
    public void Form_GivesFieldsAndFiles()
    {
        MimeRecorder read = MimeRecorder.Read(
            Encoding.Latin1.GetBytes(
                "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nvalue\r\n"
                    + "--X\r\nContent-Disposition: form-data; name=\"f\"; filename=\"C:\\dir\\r.bin\"\r\n"
                    + "Content-Type: application/octet-stream\r\n\r\n\0\r\n\r\n"
                    + "--X--\r\n"
            ),
            boundary: "X"
        );

        Assert.Equal(["value", "\0\r\n"], read.Parts.Select(part => part.Text));
        Assert.Equal([("a", ""), ("f", "C:\\dir\\r.bin")], read.Parts.Select(part => (part.Part.FieldName, part.Name)));
    }

    [Theory]
    [InlineData("Content-Type: multipart/mixed\r\n\r\n--x\r\n\r\na\r\n--x--\r\n", "--x\r\n\r\na\r\n--x--\r\n")]
    [InlineData("Content-Type: multipart/mixed; boundary=y\r\n\r\n--x\r\n\r\na\r\n--x--\r\n", "--x\r\n\r\na\r\n--x--\r\n")]
    public void Multipart_WithoutItsBoundary_IsOnePart(string message, string expected)
    {
        RecordedPart part = Assert.Single(Read(message).Parts);

        Assert.Equal((expected, "multipart/mixed"), (part.Text, part.Part.ContentType));
    }

    [Fact]
    public void LongPreamble_IsAPart_AndTheBoundaryStillCounts()
    {
        string preamble = string.Concat(Enumerable.Repeat("line of text\r\n", 1000));
        MimeRecorder read = Read(Mixed + preamble + "--b 1\r\n\r\none\r\n--b 1--\r\n");

        Assert.Equal([preamble[..^2], "one"], read.Parts.Select(part => part.Text));
    }

    [Fact]
    public void Header_WithoutAnEmptyLine_EndsWithTheFirstLineThatIsNoField()
    {
        MimeRecorder read = Read("Subject: s\r\nthis is no field\r\nnor this\r\n");

        Assert.Equal("this is no field\r\nnor this\r\n", Assert.Single(read.Parts).Text);
    }

    [Fact]
    public void Header_EndedByABoundary_HasNoContent()
    {
        MimeRecorder read = Read(Mixed + "--b 1\r\nContent-Type: a/b\r\n--b 1\r\n\r\nx\r\n--b 1--");

        Assert.Equal(["", "x"], read.Parts.Select(part => part.Text));
    }

    [Fact]
    public void Parts_ThatAreMoreThanTheirBytesPayFor_ArePassedOver()
    {
        var observer = new MimeObserver();
        string many = string.Concat(Enumerable.Repeat("--b 1\r\n\r\nx\r\n", 200));
        MimeRecorder read = MimeRecorder.Read(Encoding.Latin1.GetBytes(Mixed + many + "--b 1--\r\n"), [20], observer);

        Assert.Equal(200, observer.Statistics.PartsDropped + read.Parts.Count);
        Assert.InRange(read.Parts.Count, 16, 16 + ((Mixed.Length + many.Length) / 128) + 1);

        // So are messages, one after the other, of a reader.
        var recorder = new MimeRecorder();
        var reader = new MimeReader<MimeRecorder>(recorder, observer);
        for (int i = 0; i < 100; i++)
        {
            reader.Begin();
            reader.Write(i < 50 ? "\nx"u8 : Encoding.Latin1.GetBytes("\n" + new string('y', 200)));
            reader.End(MimeEnd.Complete);
        }

        Assert.Equal(16, recorder.Parts.Count(part => part.Text == "x"));
        Assert.Equal(50, recorder.Parts.Count(part => part.Text.Length == 200));
    }

    [Fact]
    public void Fields_OfALongForm_DoNotCountAsParts()
    {
        string fields = string.Concat(
            Enumerable.Range(0, 500).Select(i => $"--X\r\nContent-Disposition: form-data; name={i}\r\n\r\n{i}\r\n")
        );
        string file = "--X\r\nContent-Disposition: form-data; name=f; filename=a\r\n\r\nfile\r\n";
        MimeRecorder read = MimeRecorder.Read(Encoding.Latin1.GetBytes(fields + file + "--X--\r\n"), boundary: "X");

        Assert.Equal(501, read.Parts.Count);
        Assert.Equal(("a", "file"), (read.Parts[^1].Name, read.Parts[^1].Text));
    }

    [Fact]
    public void Limits_AreCounted_AndWhatIsBehindThemIsStillRead()
    {
        var observer = new MimeObserver(
            new MimeLimits
            {
                MaxParts = 1,
                MaxDepth = 1,
                MaxHeaderBytes = 256,
            }
        );
        string deep = "Content-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\n\r\nx\r\n--in--";
        string message =
            Mixed + "--b 1\r\n" + deep + "\r\n--b 1\r\nX: " + new string('x', 300) + "\r\nContent-Type: a/b\r\n\r\nsecond\r\n--b 1--\r\n";
        MimeRecorder read = MimeRecorder.Read(Encoding.Latin1.GetBytes(message), observer: observer);

        Assert.Equal("--in\r\n\r\nx\r\n--in--", Assert.Single(read.Parts).Text);
        MimeStatistics counts = observer.Statistics;
        Assert.Equal((1, 1, 1), (counts.TooDeep, counts.PartsDropped, counts.HeadersTooLong));
    }

    [Fact]
    public void Gap_InContentAsSent_KeepsItsPlace()
    {
        MimeRecorder read = ReadWithGap(Mixed + "--b 1\r\n\r\nabc", 10, "xyz\r\n--b 1\r\n\r\nnext\r\n--b 1--\r\n");

        Assert.Equal((MimeEnd.Gap, 16), (read.Parts[0].End, read.Parts[0].Part.Length));
        Assert.Equal(("next", MimeEnd.Complete), (read.Parts[1].Text, read.Parts[1].End));
    }

    [Fact]
    public void Gap_InEncodedContent_EndsIt()
    {
        const string Base64 = "\r\nContent-Transfer-Encoding: base64\r\n\r\n";
        MimeRecorder read = ReadWithGap(Mixed + "--b 1" + Base64 + "aGVsbG8h", 8, "aGVsbG8h\r\n--b 1" + Base64 + "aGk=\r\n--b 1--\r\n");

        Assert.Equal(("hello!", MimeEnd.Gap), (read.Parts[0].Text, read.Parts[0].End));
        Assert.Equal(("hi", MimeEnd.Complete), (read.Parts[1].Text, read.Parts[1].End));
    }

    [Fact]
    public void Gap_InAHeader_IsPassedOverUpToTheNextBoundary()
    {
        MimeRecorder read = ReadWithGap(Mixed + "--b 1\r\nContent-Ty", 30, "in/html\r\n\r\nx\r\n--b 1\r\n\r\nnext\r\n--b 1--\r\n");

        Assert.Equal("next", Assert.Single(read.Parts).Text);
    }

    [Fact]
    public void End_InThePartAtHand_IsTruncated()
    {
        var recorder = new MimeRecorder();
        var reader = new MimeReader<MimeRecorder>(recorder, new MimeObserver());
        reader.Begin();
        reader.Write(Encoding.Latin1.GetBytes(Mixed + "--b 1\r\n\r\none\r\n--b 1\r\n\r\ntwo\r\n--b"));
        reader.End(MimeEnd.Truncated);

        Assert.Equal([("one", MimeEnd.Complete), ("two\r\n--b", MimeEnd.Truncated)], recorder.Parts.Select(part => (part.Text, part.End)));
    }

    private static (string, string, string, int) Facts(RecordedPart part) =>
        (part.Part.ContentType, part.Part.Disposition, part.Name, part.Part.Depth);

    private static MimeRecorder Read(string message) => MimeRecorder.Read(Encoding.Latin1.GetBytes(message));

    private static MimeRecorder ReadWithGap(string before, long gap, string after)
    {
        var recorder = new MimeRecorder();
        var reader = new MimeReader<MimeRecorder>(recorder, new MimeObserver());
        reader.Begin();
        reader.Write(Encoding.Latin1.GetBytes(before));
        reader.Gap(gap);
        reader.Write(Encoding.Latin1.GetBytes(after));
        reader.End(MimeEnd.Complete);
        return recorder;
    }
}
