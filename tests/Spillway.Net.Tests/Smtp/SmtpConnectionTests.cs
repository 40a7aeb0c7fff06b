using Spillway.Net.Flows;
using Spillway.Net.Protocols;
using Spillway.Net.Protocols.Mail;
using Spillway.Net.Protocols.Smtp;
using Spillway.Net.Tests.Mail;

namespace Spillway.Net.Tests.Smtp;

public class SmtpConnectionTests
{
    [Fact]
    public void Message_HasItsEnvelopeItsHeaderAndItsParts()
    {
        SmtpTalk talk = new SmtpTalk()
            .Greet()
            .Client("MAIL FROM:<a@x> SIZE=100\r\nRCPT TO:<b@y>\r\nrcpt to: <c@z> NOTIFY=NEVER\r\nDATA\r\n")
            .Server("250 ok\r\n250 ok\r\n550 no\r\n354 go on\r\n")
            .Client("Subject: =?utf-8?q?=C3=BC?=\r\nMessage-ID: <1@x>\r\nFrom: A <a@x>\r\n\r\n..one\r\n.\r\nQUIT\r\n")
            .Server("250 queued\r\n221 bye\r\n");
        MailRecorder read = talk.Close();

        MailMessage message = Assert.Single(read.Messages);
        Assert.Equal(
            ("client.example", "a@x", "b@y,c@z", 2),
            (message.Client, message.Sender, string.Join(',', message.Recipients), message.RecipientCount)
        );
        Assert.Equal(
            ("ü", "<1@x>", "A <a@x>", 1, false),
            (message.Subject, message.MessageId, message.From, message.Parts, message.IsPartial)
        );
        Assert.Equal([".one\r\n|Complete"], read.Parts);
        Assert.Equal(
            (1, 1, 0),
            (talk.Observer.Statistics.Connections, talk.Observer.Statistics.Messages, talk.Observer.Statistics.UnknownCommands)
        );
    }

    [Fact]
    public void Chunks_AreOneMessage()
    {
        MailRecorder read = new SmtpTalk()
            .Greet()
            .Client(
                "MAIL FROM:<>\r\nRCPT TO:<b@y>\r\nBDAT 6\r\n\r\none\nBDAT 8\r\n.\r\ntwo\r\nBDAT 0 LAST\r\nMAIL FROM:<a@x>\r\n"
                    + "BDAT 5 last\r\n\r\nxyzQUIT\r\n"
            )
            .Close();

        Assert.Equal(["one\n.\r\ntwo\r\n|Complete", "xyz|Complete"], read.Parts);
        Assert.Equal(["", "a@x"], read.Messages.Select(message => message.Sender));
    }

    [Fact]
    public void Reset_BetweenMessages_ForgetsTheEnvelope_AndPipelinesAreFollowed()
    {
        MailRecorder read = new SmtpTalk()
            .Greet()
            .Client("MAIL FROM:<wrong@x>\r\nRCPT TO:<wrong@y>\r\nRSET\r\n")
            .Server("250 ok\r\n250 ok\r\n250 ok\r\n")
            .BeginData()
            .Client("\r\none\r\n.\r\n")
            .Client("RSET\r\nMAIL FROM:<c@x>\r\nRCPT TO:<d@y>\r\nDATA\r\n")
            .Server("250 queued\r\n250 ok\r\n250 ok\r\n250 ok\r\n354 go on\r\n")
            .Client("\r\ntwo\r\n.\r\n")
            .Close();

        Assert.Equal(["one\r\n|Complete", "two\r\n|Complete"], read.Parts);
        Assert.Equal(["a@x>b@y", "c@x>d@y"], read.Messages.Select(message => $"{message.Sender}>{string.Join(',', message.Recipients)}"));
    }

    [Fact]
    public void Refused_DataIsFollowedByCommands()
    {
        MailRecorder read = new SmtpTalk()
            .Greet()
            .Client("MAIL FROM:<a@x>\r\nRCPT TO:<b@y>\r\nDATA\r\n")
            .Server("250 ok\r\n550 no\r\n554 no valid recipients\r\n")
            .Client("RSET\r\n")
            .Server("250 ok\r\n")
            .BeginData()
            .Client("\r\none\r\n.\r\n")
            .Close();

        Assert.Equal(["one\r\n|Complete"], read.Parts);
    }

    [Fact]
    public void OneDirection_IsEnough()
    {
        MailRecorder read = new SmtpTalk()
            .Client("EHLO c\r\n")
            .Client("MAIL FROM:<a@x>\r\n")
            .Client("RCPT TO:<b@y>\r\n")
            .Client("DATA\r\n")
            .Client("Subject: s\r\n\r\none\r\n.\r\n")
            .Client("QUIT\r\n")
            .Close();

        Assert.Equal("s", Assert.Single(read.Messages).Subject);
        Assert.Equal(["one\r\n|Complete"], read.Parts);
    }

    [Fact]
    public void StartTls_EndsTheObservation()
    {
        SmtpTalk talk = new SmtpTalk().Greet().Client("STARTTLS\r\n").Server("220 go\r\n").Client("\u0016\u0003\u0001");

        Assert.True(talk.Connection is { IsDone: true, IsRecognised: true, TlsBegins: true });
    }

    [Fact]
    public void StartTls_Refused_GoesOn()
    {
        SmtpTalk talk = new SmtpTalk().Greet().Client("STARTTLS\r\n").Server("454 not now\r\n").BeginData().Client("\r\none\r\n.\r\n");

        Assert.False(talk.Connection.TlsBegins);
        Assert.Equal(["one\r\n|Complete"], talk.Close().Parts);
    }

    [Fact]
    public void Credentials_AreNeitherKeptNorTakenForCommands()
    {
        SmtpTalk talk = new SmtpTalk()
            .Greet()
            .Client("AUTH LOGIN\r\n")
            .Server("334 VXNlcm5hbWU6\r\n")
            .Client("dXNlcg==\r\n")
            .Server("334 UGFzc3dvcmQ6\r\n")
            .Client("c2VjcmV0\r\n")
            .Server("235 ok\r\n")
            .BeginData()
            .Client("\r\none\r\n.\r\n");

        Assert.Equal(0, talk.Observer.Statistics.UnknownCommands);
        Assert.Equal(["one\r\n|Complete"], talk.Close().Parts);
    }

    [Fact]
    public void Gap_InAMessage_IsAGapInItsPart()
    {
        MailRecorder read = new SmtpTalk().Greet().BeginData().Client("\r\none\r\n").ClientGap(4).Client("two\r\n.\r\nQUIT\r\n").Close();

        Assert.Equal(["one\r\n????two\r\n|Gap"], read.Parts);
    }

    [Fact]
    public void Gap_OverTheEndOfAMessage_EndsItWithTheReply()
    {
        MailRecorder read = new SmtpTalk()
            .Greet()
            .BeginData()
            .Client("\r\none\r\n")
            .ClientGap(4)
            .Server("250 queued\r\n")
            .BeginData()
            .Client("\r\ntwo\r\n.\r\n")
            .Close();

        Assert.Equal(["one\r\n|Gap", "two\r\n|Complete"], read.Parts);
    }

    [Fact]
    public void Gap_AmongCommands_IsOverOnceTheServerHasReplied()
    {
        SmtpTalk talk = new SmtpTalk().Greet().Client("MAIL FROM:<a@x>\r\n").ClientGap(12).Client("x>\r\nDATA\r\n");
        Assert.Empty(talk.Recorder.Log);

        talk.Server("250 ok\r\n250 ok\r\n354 go on\r\n")
            .Client("\r\none\r\n.\r\n")
            .Server("250 queued\r\n")
            .BeginData()
            .Client("\r\ntwo\r\n.\r\n");
        MailRecorder read = talk.Close();

        Assert.Equal(["one\r\n|Complete", "two\r\n|Complete"], read.Parts);
        Assert.Equal([true, false], read.Messages.Select(message => message.IsPartial));
    }

    [Fact]
    public void Midstream_BeginsWhereTheServerAsksForAMessage_AndGuessesNothing()
    {
        MailRecorder read = new SmtpTalk(FlowState.Init).Server("354 go on\r\n").Client("\r\none\r\n.\r\n").Close();
        Assert.Equal(["one\r\n|Complete"], read.Parts);

        SmtpTalk inside = new SmtpTalk(FlowState.Init).Client("text of a message\r\nMAIL FROM:<a@x>\r\n");
        Assert.True(inside.Connection is { IsDone: true, IsRecognised: false });
    }

    [Fact]
    public void Directions_ThatAreTheOtherWayRound_AreFound()
    {
        SmtpTalk talk = new SmtpTalk(FlowState.Init)
            .Say(StreamDirection.ClientToServer, "220 mx ESMTP\r\n")
            .Say(StreamDirection.ServerToClient, "HELO c\r\nMAIL FROM:<a@x>\r\n");

        Assert.True(talk.Connection is { IsReversed: true, IsRecognised: true });
    }

    [Theory]
    [InlineData("220 ftp ready\r\n", "USER a\r\n")]
    [InlineData("+OK pop\r\n", "")]
    [InlineData("", "GET / HTTP/1.1\r\n")]
    [InlineData("SSH-2.0-x\r\n", "")]
    public void Others_AreGivenUpWithTheirFirstLines(string server, string client)
    {
        SmtpTalk talk = new();
        if (server.Length > 0)
            talk.Server(server);
        if (client.Length > 0)
            talk.Client(client);

        Assert.True(talk.Connection is { IsDone: true, IsRecognised: false });
    }

    [Theory]
    [InlineData("220 mx.example ESMTP\r\n", ProbeResult.Yes)]
    [InlineData("220-welcome\r\n", ProbeResult.Maybe)]
    [InlineData("EHLO x\r\n", ProbeResult.Yes)]
    [InlineData("HELP\r\n", ProbeResult.No)]
    [InlineData("HTTP/1.1 200 OK\r\n", ProbeResult.No)]
    public void Probe_SaysNoMaybeOrYes(string first, ProbeResult expected) =>
        Assert.Equal(expected, SmtpProbe.Look(System.Text.Encoding.ASCII.GetBytes(first), out _));

    [Fact]
    public void Recipients_BeyondTheLimit_AreCounted()
    {
        SmtpTalk talk = new SmtpTalk(limits: new SmtpLimits { MaxRecipients = 2 })
            .Greet()
            .Client("MAIL FROM:<a@x>\r\nRCPT TO:<1>\r\nRCPT TO:<2>\r\nRCPT TO:<3>\r\nBDAT 2 LAST\r\n\r\n");

        MailMessage message = Assert.Single(talk.Close().Messages);
        Assert.Equal((2, 3, 1), (message.Recipients.Count, message.RecipientCount, talk.Observer.Statistics.RecipientsDropped));
    }
}
