using Spillway.Net.Flows;
using Spillway.Net.Protocols.Imap;
using Spillway.Net.Tests.Mail;

namespace Spillway.Net.Tests.Imap;

public class ImapConnectionTests
{
    private static readonly (bool FromClient, string Text)[] Conversation =
    [
        (false, "* OK IMAP4rev1 ready\r\n"),
        (true, "a1 LOGIN {5}\r\n"),
        (false, "+ go\r\n"),
        (true, "alice {6+}\r\nsecret\r\n"),
        (false, "a1 OK in\r\n"),
        (true, "a2 FETCH 1:3 (BODY[HEADER] BODY[])\r\n"),
        (
            false,
            "* 1 FETCH (FLAGS () BODY[HEADER] {14}\r\nSubject: s\r\n\r\n BODY[] {17}\r\nSubject: s\r\n\r\none)\r\n"
                + "* 2 FETCH (RFC822 {5}\r\n\r\n{9})\r\na2 OK\r\n"
        ),
        (true, "a3 UID FETCH 9 BODY.PEEK[]<0.6>\r\n"),
        (
            false,
            "* 3 FETCH (UID 9 BODY[]<0> {6}\r\n\r\nabcd)\r\na3 OK\r\n* 3 FETCH (UID 9 BODY[]<6> {6}\r\nefghij)\r\n"
                + "* 3 FETCH (BODY[]<12> {2}\r\nkl)\r\n"
        ),
        (true, "a4 APPEND Sent (\\Seen) {12}\r\n"),
        (false, "+ go\r\n"),
        (true, "X: y\r\n\r\nsent\r\n"),
        (false, "a4 OK\r\n"),
    ];

    [Fact]
    public void Messages_ThatAreFetchedOrAppended_AreRead()
    {
        Talk talk = Make();
        foreach ((bool fromClient, string text) in Conversation)
            talk.Say(fromClient ? StreamDirection.ClientToServer : StreamDirection.ServerToClient, text);
        MailRecorder read = talk.Close();

        Assert.Equal(["one|Complete", "{9}|Complete", "abcdefghijkl|Complete", "sent|Complete"], read.Parts);
        Assert.Equal(StreamDirection.ClientToServer, read.Messages[^1].Direction);
    }

    [Fact]
    public void Pieces_AndMutations() => Talk.InAllPieces(Make, Conversation);

    [Fact]
    public void Gap_WithinALiteral_KeepsStep_AndOverItsEnd_GoesOnWithTheNextCommand() =>
        Assert.Equal(
            ["one??|Gap", "t|Gap", "three|Complete"],
            Greeted()
                .Server("* 1 FETCH (BODY[] {7}\r\n\r\none")
                .ServerGap(2)
                .Server(")\r\n* 2 FETCH (BODY[] {7}\r\n\r\nt")
                .ServerGap(20)
                .Server("* 7 FETCH (BODY[] {3}\r\n\r\nx")
                .Client("a3 FETCH 3 BODY[]\r\n")
                .Server("* 3 FETCH (BODY[] {7}\r\n\r\nthree)\r\n")
                .Close()
                .Parts.Select(part => part.Replace("one|", "one??|", StringComparison.Ordinal))
        );

    [Fact]
    public void Append_ThatIsRefused_IsFollowedByCommands() =>
        Assert.Equal(
            ["one|Complete"],
            Greeted()
                .Client("a2 APPEND Full {9}\r\n")
                .Server("a2 NO full\r\n")
                .Client("a3 FETCH 1 BODY[]\r\n")
                .Server("* 1 FETCH (BODY[] {5}\r\n\r\none)\r\n")
                .Close()
                .Parts.Where(part => !part.StartsWith('|'))
        );

    [Fact]
    public void Tls_EndsTheObservation() =>
        Assert.True(
            Make().Server("* OK ready\r\n").Client("x STARTTLS\r\n").Server("x OK go\r\n").Connection is { TlsBegins: true, IsDone: true }
        );

    [Fact]
    public void Others_AreGivenUp() => Assert.True(Make().Server("* OK\r\n").Client("GET / HTTP/1.1\r\n").Connection is { IsDone: true });

    private static Talk Greeted() => Make().Server("* OK ready\r\n").Client("a1 SELECT INBOX\r\n").Server("a1 OK\r\n");

    private static Talk Make() => new((flow, recorder, observer) => new ImapConnection<MailRecorder>(flow, recorder, observer));
}
