using static Spillway.Benchmarks.Worst.WorstTalk;

namespace Spillway.Benchmarks.Worst;

/// <summary>FTP, POP3 and IMAP.</summary>
internal static class WorstLines
{
    private const string Letter =
        "From: A <a@example.org>\nTo: B <b@example.org>\nSubject: what we talked about\nContent-Type: text/plain\n\nSee there.\n";

    public static WorstCase[] Cases { get; } =
    [
        Ftp("a session", () => FtpSessions(50, "PASV\n", "227 Entering Passive Mode (192,0,2,80,200,10).\n", 4)),
        Ftp("commands of 4 bytes, one by one", () => FtpSessions(2, "NOOP\n", "200\n", 5_000)),
        Ftp("commands of 4 bytes, pipelined", () => FtpSessions(2, Repeat("NOOP\n", 60), Repeat("200\n", 60), 200)),
        Ftp("commands beyond what may wait", () => FtpSessions(2, Repeat("NOOP\n", 200), Repeat("200\n", 200), 200)),
        Ftp("addresses", () => FtpSessions(2, Repeat("PORT 192,0,2,1,1,1\n", 60), Repeat("200\n", 60), 200)),
        Ftp("addresses of replies that are none", () => FtpSessions(2, "PASV\n", "227 " + Repeat("1,", 2_000) + "\n", 50)),
        Ftp("a reply without an end", () => FtpSessions(2, "STAT\n", "211-\n" + Repeat("a\n", 100_000), 1)),
        Ftp("folders", () => FtpSessions(2, Repeat("CWD a\n", 60), Repeat("250\n", 60), 500)),
        Ftp("a line without an end, segments of one byte", () => FtpSessions(1, new string('a', 20_000), "", 1, segment: 1)),
        Pop("letters", () => Pop3(20, "RETR 1\n", "+OK\n" + Letter + Repeat("some words of a letter, and more\n", 300) + ".\n", 10)),
        Pop("commands of 4 bytes, pipelined", () => Pop3(2, Repeat("STAT\n", 60), Repeat("+OK\n", 60), 500)),
        Pop("commands beyond what may wait", () => Pop3(2, Repeat("STAT\n", 400), Repeat("+OK\n", 400), 100)),
        Pop("letters of no bytes", () => Pop3(2, Repeat("RETR 1\n", 60), Repeat("+OK\n.\n", 60), 200)),
        Pop("a list of lines of one byte", () => Pop3(2, "LIST\n", "+OK\n" + Repeat("1\n", 100_000) + ".\n", 1)),
        Imap(
            "letters",
            () => ImapSessions(20, "a FETCH 1 BODY[]\n", Fetched(Letter + Repeat("some words of a letter, and more\n", 300)), 10)
        ),
        Imap("letters of one byte", () => ImapSessions(2, "a FETCH 1:* BODY[]\n", Repeat("* 1 FETCH (BODY[] {1}\nx)\n", 100), 200)),
        Imap(
            "literals of no bytes",
            () => ImapSessions(2, "a FETCH 1:* BODY[]\n", "* 1 FETCH (" + Repeat("BODY[] {0}\n ", 10_000) + ")\n", 5)
        ),
        Imap("lines of 4 bytes", () => ImapSessions(2, "a NOOP\n", Repeat("* OK\n", 1_000), 50)),
        Imap(
            "brackets within each other",
            () => ImapSessions(2, "a FETCH 1 BODYSTRUCTURE\n", "* 1 FETCH " + Repeat("(", 60_000) + "\n", 5)
        ),
        Imap(
            "quoted text without an end",
            () => ImapSessions(2, "a FETCH 1 ENVELOPE\n", "* 1 FETCH (ENVELOPE (\"" + Repeat("\\\"", 30_000) + "\n", 5)
        ),
        Imap("a line without an end, segments of one byte", () => ImapSessions(1, new string('a', 20_000), "", 1, segment: 1)),
    ];

    private static WorstCase Ftp(string name, Func<WorstTalk> make) => new("ftp", name, () => make().Frames);

    private static WorstCase Pop(string name, Func<WorstTalk> make) => new("pop3", name, () => make().Frames);

    private static WorstCase Imap(string name, Func<WorstTalk> make) => new("imap", name, () => make().Frames);

    private static string Fetched(string letter) => $"* 1 FETCH (BODY[] {{{Bytes(letter).Length}}}\n{letter})\na OK\n";

    private static WorstTalk FtpSessions(int sessions, string commands, string replies, int rounds, int segment = FullSegment) =>
        Sessions(
            21,
            sessions,
            talk =>
                talk.Answer("220 FTP server ready.\n")
                    .Ask("USER anonymous\n")
                    .Answer("331 Please specify the password.\n")
                    .Ask("PASS a@example.org\n")
                    .Answer("230 Login successful.\n"),
            commands,
            replies,
            rounds,
            segment
        );

    private static WorstTalk Pop3(int sessions, string commands, string replies, int rounds) =>
        Sessions(
            110,
            sessions,
            talk => talk.Answer("+OK ready\n").Ask("USER a\n").Answer("+OK\n").Ask("PASS b\n").Answer("+OK\n"),
            commands,
            replies,
            rounds,
            FullSegment
        );

    private static WorstTalk ImapSessions(int sessions, string commands, string replies, int rounds, int segment = FullSegment) =>
        Sessions(
            143,
            sessions,
            talk => talk.Answer("* OK IMAP4rev1\n").Ask("a LOGIN b c\n").Answer("a OK\n"),
            commands,
            replies,
            rounds,
            segment
        );

    private static WorstTalk Sessions(
        ushort port,
        int sessions,
        Func<WorstTalk, WorstTalk> logIn,
        string commands,
        string replies,
        int rounds,
        int segment
    )
    {
        var talk = new WorstTalk(port);
        for (int i = 0; i < sessions; i++)
        {
            logIn(talk.Connect());
            for (int round = 0; round < rounds; round++)
                talk.Ask(commands, segment).Answer(replies, segment);
            talk.Close();
        }

        return talk;
    }
}
