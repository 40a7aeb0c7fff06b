using Spillway.Net.Flows;
using Spillway.Net.Protocols;
using Spillway.Net.Protocols.Dns;
using Spillway.Net.Protocols.Ftp;
using Spillway.Net.Protocols.Http;
using Spillway.Net.Protocols.Mail;
using Spillway.Net.Protocols.Mime;
using Spillway.Net.Protocols.Ssh;
using Spillway.Net.Protocols.Tls;

namespace Spillway.Fuzz;

/// <summary>Takes what observers find, and looks at all of it: what is read only when asked for is asked for.</summary>
/// <param name="trace">Notes the events.</param>
internal sealed class Receiver(Trace trace) : IHttpHandler, ITlsHandler, IDnsHandler, ISshHandler, IFtpHandler, IMailHandler, IMimeHandler
{
    private readonly WireTextBuilder _text = new();

    public TlsObserver Tls { get; } = new();

    public void OnRequestHeader(HttpTransaction transaction)
    {
        HttpHeader? header = transaction.Request;
        trace.Note(1, header?.Raw.Length ?? 0);
        header?.TryGetValue("Content-Type"u8, out _);
    }

    public void OnResponseHeader(HttpTransaction transaction) => trace.Note(2, transaction.Response?.Raw.Length ?? 0);

    public void OnBody(HttpTransaction transaction, StreamDirection direction, long offset, ReadOnlySpan<byte> data) =>
        trace.Note(3 + (int)direction, data.Length);

    public void OnMessageEnd(HttpTransaction transaction, StreamDirection direction, long length, HttpBodyEnd end) =>
        trace.Note(8 + (int)end, length);

    public void OnTransactionEnd(HttpTransaction transaction) => trace.Note(7);

    public void OnRecord(TlsSession session, StreamDirection direction, ReadOnlySpan<byte> record) => trace.Note(20, record.Length);

    public void OnClientHello(TlsSession session, in TlsClientHello hello)
    {
        trace.Note(21, hello.ServerName.Length);
        Span<byte> ja4 = stackalloc byte[Ja4.Length];
        Ja4.Write(in hello, ja4);
        TlsFingerprint.WriteJa3Text(in hello, _text.Clear());
        Span<byte> alpn = stackalloc byte[100];
        trace.Note(22, hello.WriteAlpn(alpn));
    }

    public void OnServerHello(TlsSession session, in TlsServerHello hello)
    {
        TlsFingerprint.WriteJa3sText(in hello, _text.Clear());
        trace.Note(23, hello.Alpn.Length);
    }

    public void OnCertificates(TlsSession session, StreamDirection direction, in TlsCertificateChain chain)
    {
        foreach (ReadOnlySpan<byte> certificate in chain)
            trace.Note(24, Tls.Certificates.Get(certificate).Dump.Length);
    }

    public void OnAlert(TlsSession session, StreamDirection direction, byte level, byte description) => trace.Note(25, level);

    public void OnHandshakeEnd(TlsSession session) => trace.Note(26);

    public void OnMessage(Flow flow, in DnsMessage message)
    {
        DnsText.AppendDocument(in message, _text.Clear());
        trace.Note(30 + (int)message.Status, _text.Length);
    }

    public void OnHandshake(Flow flow, SshSide client, SshSide server)
    {
        trace.Note(40, client.Software.Length + client.ProtocolVersion.Length);
        trace.Note(41, client.Methods.Length + client.Hassh.Length);
        trace.Note(42, server.Methods.Length + server.Software.Length);
    }

    public void OnLogin(Flow flow, string user) => trace.Note(50, user.Length);

    public void OnTransferEnd(FtpTransfer transfer) => trace.Note(51);

    public void OnForeignAddress(FtpTransfer transfer) => trace.Note(52);

    public void OnExchange(Flow flow, FtpExchange exchange) => trace.Note(53, exchange.Replies.Count + exchange.Command.Length);

    public void OnMessageBegin(MailMessage message) => trace.Note(60);

    public void OnPartBegin(MailMessage message, MimePart part) => OnPartBegin(part);

    public void OnPartData(MailMessage message, MimePart part, long offset, ReadOnlySpan<byte> data) => OnPartData(part, offset, data);

    public void OnPartEnd(MailMessage message, MimePart part, MimeEnd end) => OnPartEnd(part, end);

    public void OnMessageEnd(MailMessage message, MimeEnd end) => trace.Note(62 + (int)end, message.Subject.Length);

    public void OnField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => trace.Note(70, value.Length);

    public void OnPartBegin(MimePart part) => trace.Note(71 + (int)part.Encoding, part.Name.Length);

    public void OnPartData(MimePart part, long offset, ReadOnlySpan<byte> data) => trace.Note(80, data.Length);

    public void OnPartEnd(MimePart part, MimeEnd end) => trace.Note(81 + (int)end, part.Length);
}
