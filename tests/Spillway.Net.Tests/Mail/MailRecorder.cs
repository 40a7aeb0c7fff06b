using System.Text;
using Spillway.Net.Protocols.Mail;
using Spillway.Net.Protocols.Mime;

namespace Spillway.Net.Tests.Mail;

/// <summary>Keeps what an observer of mail passes on, as text.</summary>
internal sealed class MailRecorder : IMailHandler
{
    // A connection may have a message on its way in each direction.
    private readonly Dictionary<MailMessage, MimePart?> _open = [];

    public List<MailMessage> Messages { get; } = [];

    public List<string> Parts { get; } = [];

    public List<string> Log { get; } = [];

    public void OnMessageBegin(MailMessage message)
    {
        _open.Add(message, null);
        Log.Add($"begin {message.Number} {message.Sender} > {string.Join(',', message.Recipients)} {message.IsPartial}");
    }

    public void OnPartBegin(MailMessage message, MimePart part)
    {
        Assert.Null(_open[message]);
        _open[message] = part;
        part.Consumer = new StringBuilder();
    }

    public void OnPartData(MailMessage message, MimePart part, long offset, ReadOnlySpan<byte> data)
    {
        var content = (StringBuilder)part.Consumer!;
        if (offset > content.Length && offset < 1 << 20)
            content.Append('?', (int)offset - content.Length);
        content.Append(Encoding.Latin1.GetString(data));
    }

    public void OnPartEnd(MailMessage message, MimePart part, MimeEnd end)
    {
        Assert.Same(part, _open[message]);
        _open[message] = null;
        Parts.Add($"{part.Consumer}|{end}");
        Log.Add($"part {part.ContentType} {part.Consumer} {end}");
    }

    public void OnMessageEnd(MailMessage message, MimeEnd end)
    {
        Assert.True(_open.Remove(message, out MimePart? open));
        Assert.Null(open);
        Messages.Add(message);
        Log.Add($"end {message.Subject} {message.Length} {end}");
    }

    public override string ToString() => string.Join('\n', Log);
}
