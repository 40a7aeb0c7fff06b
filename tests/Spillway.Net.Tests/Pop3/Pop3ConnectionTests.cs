using Spillway.Net.Flows;
using Spillway.Net.Protocols.Pop3;
using Spillway.Net.Tests.Mail;

namespace Spillway.Net.Tests.Pop3;

public class Pop3ConnectionTests
{
    private static readonly (bool FromClient, string Text)[] Conversation =
    [
        (false, "+OK ready\r\n"),
        (true, "CAPA\r\n"),
        (false, "+OK\r\nUSER\r\n.\r\n"),
        (true, "AUTH PLAIN\r\n"),
        (false, "+ \r\n"),
        (true, "UkVUUiAx\r\n"),
        (false, "+OK in\r\n"),
        (true, "LIST\r\nRETR 1\r\nRETR 2\r\nTOP 3 0\r\nQUIT\r\n"),
        (
            false,
            "+OK\r\n1 120\r\n.\r\n+OK 120 octets\r\nSubject: s\r\n\r\n..one\r\n.\r\n-ERR no\r\n+OK\r\nSubject: top\r\n\r\n.\r\n+OK bye\r\n"
        ),
    ];

    [Fact]
    public void Messages_ThatAreFetched_AreRead()
    {
        Talk talk = Make();
        foreach ((bool fromClient, string text) in Conversation)
            talk.Say(fromClient ? StreamDirection.ClientToServer : StreamDirection.ServerToClient, text);
        MailRecorder read = talk.Close();

        Assert.Equal([".one\r\n|Complete", "|Truncated"], read.Parts);
        Assert.Equal(["s", "top"], read.Messages.Select(message => message.Subject));
    }

    [Fact]
    public void Pieces_AndMutations() => Talk.InAllPieces(Make, Conversation);

    [Fact]
    public void List_WithoutItsEnd_EndsWithTheNextReply() =>
        Assert.Equal(
            ["x\r\n|Complete"],
            Make()
                .Server("+OK ready\r\n")
                .Client("LIST\r\n")
                .Server("garbage\r\n+OK 1 messages\r\n1 120\r\n")
                .Client("RETR 1\r\n")
                .Server("+OK\r\n\r\nx\r\n.\r\n")
                .Close()
                .Parts
        );

    [Fact]
    public void Gap_InAMessage_IsAGapInItsPart_AndTheNextCommandGoesOn() =>
        Assert.Equal(
            ["one\r\n??|Gap", "two\r\n|Complete"],
            Make()
                .Server("+OK ready\r\n")
                .Client("RETR 1\r\n")
                .Server("+OK\r\n\r\none\r\n")
                .ServerGap(2)
                .Client("RETR 2\r\n")
                .Server("+OK\r\n\r\ntwo\r\n.\r\n")
                .Close()
                .Parts.Select(part => part.Replace("one\r\n|", "one\r\n??|", StringComparison.Ordinal))
        );

    [Fact]
    public void Tls_EndsTheObservation() =>
        Assert.True(Make().Server("+OK ready\r\n").Client("STLS\r\n").Server("+OK go\r\n").Connection is { TlsBegins: true, IsDone: true });

    [Theory]
    [InlineData("+OK\r\n", "SET x 1\r\n")]
    [InlineData("+PONG\r\n", "")]
    public void Others_AreGivenUp(string server, string client)
    {
        Talk talk = Make().Server(server);
        if (client.Length > 0)
            talk.Client(client);
        Assert.True(talk.Connection is { IsDone: true, IsRecognised: false });
    }

    private static Talk Make() => new((flow, recorder, observer) => new Pop3Connection<MailRecorder>(flow, recorder, observer));
}
