using Spillway.Net.Packets;
using Spillway.Net.Protocols.Ftp;
using Spillway.Net.Protocols.Imap;
using Spillway.Net.Protocols.Mail;
using Spillway.Net.Protocols.Mime;
using Spillway.Net.Protocols.Pop3;
using Spillway.Net.Protocols.Smtp;
using Spillway.Net.Protocols.Ssh;

namespace Spillway.Fuzz;

internal static class Targets
{
    private const string Mail = "Subject: a\nContent-Type: text/plain; name=\"a.txt\"\n\ntext\n.";

    public static IReadOnlyDictionary<string, Func<Target>> All { get; } =
        new SortedDictionary<string, Func<Target>>(StringComparer.Ordinal)
        {
            ["decoder"] = () => new FrameTarget(_ => true),
            ["defragmentation"] = () => new FrameTarget(info => info.Kind == PacketKind.Fragment),
            ["reassembly"] = () => new FrameTarget(info => info.Protocol == 6),
            ["captures"] = () => new CaptureTarget(),
            ["http"] = () => new HttpTarget(),
            ["tls"] = () => new TlsTarget(),
            ["dns"] = () => new DnsTarget(),
            ["mime"] = () => new MimeTarget(),
            ["services"] = () => new ServiceTarget(),
            ["ssh"] = () =>
                new SetTarget(
                    (flow, receiver) => new SshConnection<Receiver>(flow, receiver, new SshObserver()),
                    22,
                    "SSH-2.0-a\n<SSH-2.0-b c"
                ),
            ["smtp"] = () =>
                new SetTarget(
                    (flow, receiver) => new SmtpConnection<Receiver>(flow, receiver, new SmtpObserver(new MimeObserver())),
                    25,
                    "<220 a ESMTP\nEHLO b\n<250-a\n<250 CHUNKING\nMAIL FROM:<a@b>\n<250 ok\nRCPT TO:<c@d>\n<250 ok\nDATA\n<354 go\n"
                        + Mail
                        + "\n<250 ok\nBDAT 4 LAST\nab\n<250 ok\nSTARTTLS\n<220 go"
                ),
            ["ftp"] = () =>
                new SetTarget(
                    (flow, receiver) => new FtpConnection<Receiver>(flow, receiver, new FtpObserver { TakesExchanges = true }),
                    21,
                    "<220 a\nUSER b\n<331 c\nPASS d\n<230 e\nEPSV\n<229 f (|||4000|)\nRETR g\n<150 h\n<226 i\n"
                        + "PORT 10,1,2,3,4,5\n<200 j\nSTOR k"
                ),
            ["pop3"] = () =>
                new SetTarget(
                    (flow, receiver) => new Pop3Connection<Receiver>(flow, receiver, new MailboxObserver(new MimeObserver())),
                    110,
                    "<+OK a\nUSER b\n<+OK\nPASS c\n<+OK\nRETR 1\n<+OK\n<"
                        + Mail.Replace("\n", "\n<", StringComparison.Ordinal)
                        + "\nQUIT\n<+OK"
                ),
            ["imap"] = () =>
                new SetTarget(
                    (flow, receiver) => new ImapConnection<Receiver>(flow, receiver, new MailboxObserver(new MimeObserver())),
                    143,
                    "<* OK a\na1 LOGIN b c\n<a1 OK\na2 FETCH 1 BODY[]\n<* 1 FETCH (BODY[] {16}\n<Subject: a\n<\n<b)\n<a2 OK"
                ),
        };
}
