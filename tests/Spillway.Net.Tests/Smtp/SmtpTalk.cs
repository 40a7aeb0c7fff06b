using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Net.Protocols.Mime;
using Spillway.Net.Protocols.Smtp;
using Spillway.Net.Tests.Mail;

namespace Spillway.Net.Tests.Smtp;

/// <summary>A connection that a test speaks for both sides of.</summary>
internal sealed class SmtpTalk
{
    public SmtpTalk(FlowState state = FlowState.SeenSyn, SmtpLimits? limits = null)
    {
        Observer = new SmtpObserver(new MimeObserver(), limits);
        FlowKey key = FlowKey.Create(0x0A000001, 40000, 0x0A000002, 25, 6, 4, out _);
        Connection = new SmtpConnection<MailRecorder>(new Flow(key, 1, 0) { State = state }, Recorder, Observer);
    }

    public SmtpObserver Observer { get; }

    public SmtpConnection<MailRecorder> Connection { get; }

    public MailRecorder Recorder { get; } = new();

    public SmtpTalk Client(string text) => Say(StreamDirection.ClientToServer, text);

    public SmtpTalk Server(string text) => Say(StreamDirection.ServerToClient, text);

    public SmtpTalk Say(StreamDirection direction, string text)
    {
        Connection.OnData(direction, Encoding.Latin1.GetBytes(text));
        return this;
    }

    public SmtpTalk ClientGap(long length)
    {
        Connection.OnGap(StreamDirection.ClientToServer, length);
        return this;
    }

    public SmtpTalk ServerGap(long length)
    {
        Connection.OnGap(StreamDirection.ServerToClient, length);
        return this;
    }

    /// <summary>Up to where a client sends a message.</summary>
    public SmtpTalk Greet() =>
        Server("220 mx.example ESMTP\r\n").Client("EHLO client.example\r\n").Server("250-mx.example\r\n250-PIPELINING\r\n250 CHUNKING\r\n");

    /// <summary>Up to the content of a message.</summary>
    public SmtpTalk BeginData() =>
        Client("MAIL FROM:<a@x>\r\n")
            .Server("250 ok\r\n")
            .Client("RCPT TO:<b@y>\r\n")
            .Server("250 ok\r\n")
            .Client("DATA\r\n")
            .Server("354 go on\r\n");

    public MailRecorder Close()
    {
        Connection.Close();
        return Recorder;
    }
}
