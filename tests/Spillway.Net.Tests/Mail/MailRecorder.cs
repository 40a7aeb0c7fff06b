using System.Text;
using Spillway.Net.Protocols.Mail;
using Spillway.Net.Protocols.Mime;

namespace Spillway.Net.Tests.Mail;

/// <summary>Keeps what an observer of mail passes on, as text.</summary>
internal sealed class MailRecorder : IMailHandler
{
    private readonly StringBuilder _content = new();
    private int _open;

    public List<MailMessage> Messages { get; } = [];

    public List<string> Parts { get; } = [];

    public List<string> Log { get; } = [];

    public void OnMessageBegin(MailMessage message)
    {
        Assert.Equal(0, _open++);
        Log.Add($"begin {message.Number} {message.Sender} > {string.Join(',', message.Recipients)} {message.IsPartial}");
    }

    public void OnPartBegin(MailMessage message, MimePart part)
    {
        Assert.Equal(1, _open++);
        _content.Clear();
    }

    public void OnPartData(MailMessage message, MimePart part, long offset, ReadOnlySpan<byte> data)
    {
        if (offset > _content.Length && offset < 1 << 20)
            _content.Append('?', (int)offset - _content.Length);
        _content.Append(Encoding.Latin1.GetString(data));
    }

    public void OnPartEnd(MailMessage message, MimePart part, MimeEnd end)
    {
        Assert.Equal(2, _open--);
        Parts.Add($"{_content}|{end}");
        Log.Add($"part {part.ContentType} {_content} {end}");
    }

    public void OnMessageEnd(MailMessage message, MimeEnd end)
    {
        Assert.Equal(1, _open--);
        Messages.Add(message);
        Log.Add($"end {message.Subject} {message.Length} {end}");
    }

    public override string ToString() => string.Join('\n', Log);
}
