using System.Globalization;
using System.Text;
using static Spillway.Benchmarks.Worst.WorstTalk;

namespace Spillway.Benchmarks.Worst;

/// <summary>SMTP and what is in its messages.</summary>
internal static class WorstMail
{
    private const int DeepestLevel = 32;

    private static readonly string Attachment = Text(new string('A', 76) + "\n", 100_000);

    public static WorstCase[] Cases { get; } =
    [
        Of("a letter with 100 kB in base64", () => Mails(20, Usual(), FullSegment)),
        Of("the same, segments of one byte", () => Mails(1, Usual(), 1)),
        Of("letters of no bytes", () => Mails(1, "", FullSegment, perConnection: 5_000)),
        Of("fields of 3 bytes", () => Mails(20, Text("a:\n", 60_000) + "\nx", FullSegment)),
        Of("folded lines of 3 bytes", () => Mails(20, "Subject: a\n" + Text(" a\n", 60_000) + "\nx", FullSegment)),
        Of("encoded words of one letter", () => Mails(20, "Subject: " + Text("=?utf-8?q?a?= ", 16_000) + "\n\nx", FullSegment)),
        Of("a name in 2,000 pieces", () => Mails(20, Pieces(2_000) + "\n\nx", FullSegment)),
        Of("a type of 8,000 parameters", () => Mails(20, "Content-Type: multipart/mixed" + Text(";a", 16_000) + "\n\nx", FullSegment)),
        Of("32 containers within each other", () => Mails(200, Nested("", ""), FullSegment)),
        Of("lines of two dashes in 32 containers", () => Mails(5, Nested("", Text("--\n", 100_000)), FullSegment)),
        Of("lines that nearly are 32 boundaries", () => Mails(5, Nested("", Text("--b\n", 100_000)), FullSegment)),
        Of("lines that nearly are 32 long boundaries", () => Mails(5, Nested(Long, Text("--" + Long + "\n", 100_000)), FullSegment)),
        Of(
            "lines that nearly are 32 long boundaries, segments of one byte",
            () => Mails(1, Nested(Long, Text("--" + Long + "\n", 20_000)), 1)
        ),
        Of(
            "1,000 parts of one byte",
            () => Mails(20, "Content-Type: multipart/mixed; boundary=b\n\n" + Text("--b\n\nx\n", 7_000), FullSegment)
        ),
        Of("100,000 boundaries", () => Mails(2, "Content-Type: multipart/mixed; boundary=b\n\n" + Text("--b\n", 400_000), FullSegment)),
        Of(
            "digests of messages",
            () => Mails(20, "Content-Type: multipart/digest; boundary=b\n\n" + Text("--b\n\na:\n\n", 9_000), FullSegment)
        ),
        Of(
            "quoted-printable of soft breaks",
            () => Mails(5, "Content-Transfer-Encoding: quoted-printable\n\n" + Text("=\n", 100_000), FullSegment)
        ),
        Of(
            "quoted-printable of blanks",
            () => Mails(5, "Content-Transfer-Encoding: quoted-printable\n\n" + Text(" \t", 100_000), FullSegment)
        ),
        Of("base64 of line ends", () => Mails(5, "Content-Transfer-Encoding: base64\n\n" + Text("\n", 100_000), FullSegment)),
        Of("base64 of what is none", () => Mails(5, "Content-Transfer-Encoding: base64\n\n" + Text("=!", 100_000), FullSegment)),
        Of(
            "uuencode of empty lines",
            () => Mails(5, "Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n" + Text("`\n", 100_000), FullSegment)
        ),
        Of("lines of a dot", () => Mails(5, "\n" + Text("..\n", 100_000), FullSegment)),
        Of("empty lines", () => Mails(5, "\n" + Text("\n", 100_000), FullSegment)),
        Of("a line without an end", () => Mails(5, "\n" + new string('a', 200_000), FullSegment)),
        Of("a preamble without an end", () => Mails(5, "Content-Type: multipart/mixed; boundary=b\n\n" + Text("-", 200_000), FullSegment)),
        Of("50,000 recipients", () => Commands("RCPT TO:<a>\n", "250 a\n")),
        Of("commands of 4 bytes", () => Commands("NOOP\n", "250\n")),
        Of("messages of BDAT of one byte", () => Commands("BDAT 1\nx", "250\n")),
    ];

    private static string Long => new('b', 60);

    private static WorstCase Of(string name, Func<WorstTalk> make) => new("mail", name, () => make().Frames);

    private static string Text(string text, int bytes) => Repeat(text, bytes / Bytes(text).Length);

    private static string Usual() =>
        "From: A <a@example.org>\nTo: B <b@example.org>\nSubject: what we talked about\nMIME-Version: 1.0\nMessage-ID: <1@example.org>\n"
        + "Content-Type: multipart/mixed; boundary=\"0000000000001\"\n\n--0000000000001\nContent-Type: text/plain\n\nSee there.\n"
        + "--0000000000001\nContent-Type: image/png\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=a.png\n\n"
        + Attachment
        + "--0000000000001--";

    private static WorstTalk Mails(int connections, string message, int segment, int perConnection = 1)
    {
        var talk = new WorstTalk(25);
        for (int i = 0; i < connections; i++)
        {
            talk.Connect().Answer("220 mx.example.org ESMTP\n").Ask("EHLO client\n").Answer("250 mx.example.org\n");
            for (int mail = 0; mail < perConnection; mail++)
            {
                talk.Ask("MAIL FROM:<a@example.org>\nRCPT TO:<b@example.org>\nDATA\n").Answer("250 ok\n250 ok\n354 go\n");
                talk.Ask(message + "\n.\n", segment).Answer("250 ok\n");
            }

            talk.Close();
        }

        return talk;
    }

    private static WorstTalk Commands(string command, string reply)
    {
        var talk = new WorstTalk(25).Connect().Answer("220 mx ESMTP\n").Ask("EHLO c\n").Answer("250 mx\n");
        talk.Ask("MAIL FROM:<a>\n").Answer("250 ok\n");
        for (int i = 0; i < 500; i++)
            talk.Ask(Repeat(command, 100)).Answer(Repeat(reply, 100));
        return talk.Close();
    }

    private static string Pieces(int count)
    {
        var field = new StringBuilder("Content-Disposition: attachment");
        for (int i = count - 1; i >= 0; i--)
            field.Append(CultureInfo.InvariantCulture, $";\n filename*{i}=a");
        return field.ToString();
    }

    // Boundaries that begin alike.
    private static string Nested(string boundary, string content)
    {
        var message = new StringBuilder();
        for (int level = 0; level < DeepestLevel; level++)
            message.Append(
                CultureInfo.InvariantCulture,
                $"Content-Type: multipart/mixed; boundary=\"{boundary}{(char)('A' + level)}\"\n\n--{boundary}{(char)('A' + level)}\n"
            );
        return message.Append('\n').Append(content).ToString();
    }
}
