using Spillway.Net.Protocols.Mime;

namespace Spillway.Net.Protocols.Mail;

/// <summary>Reads the messages of one direction of a connection, one after the other. Belongs to one thread.</summary>
internal sealed class MailReader<THandler>
    where THandler : IMailHandler
{
    private readonly MimeReader<Sink> _mime;
    private readonly THandler _handler;
    private MailMessage? _message;
    private bool _hasGap;

    public MailReader(THandler handler, MimeObserver observer)
    {
        _handler = handler;
        _mime = new MimeReader<Sink>(new Sink(this), observer);
    }

    /// <summary>Whether a message has begun and not ended.</summary>
    public bool IsInMessage => _message is not null;

    /// <summary>Whether bytes of the message are missing.</summary>
    public bool HasGap => _hasGap && IsInMessage;

    /// <summary>Whether any of the message has come, missing bytes included.</summary>
    public bool HasContent => _message is { Length: > 0 };

    /// <summary>Begins a message. One that has not ended is truncated.</summary>
    public void Begin(MailMessage message)
    {
        End(MimeEnd.Truncated);
        (_message, _hasGap) = (message, false);
        _handler.OnMessageBegin(message);
        _mime.Begin();
    }

    /// <summary>The next bytes of the message.</summary>
    public void Write(ReadOnlySpan<byte> data)
    {
        if (_message is not { } message)
            return;
        message.Length += data.Length;
        _mime.Write(data);
    }

    /// <summary>Bytes of the message are missing; it may even have ended in them.</summary>
    public void Gap(long length)
    {
        if (_message is not { } message)
            return;
        _hasGap = true;
        message.Length += Math.Min(length, int.MaxValue);
        _mime.Gap(length);
    }

    /// <summary>The message has ended. May be called at any time.</summary>
    public void End(MimeEnd end)
    {
        if (_message is not { } message)
            return;
        _mime.End(end);
        message.Parts = _mime.Parts;
        _message = null;
        _handler.OnMessageEnd(message, _hasGap ? MimeEnd.Gap : end);
    }

    private readonly struct Sink(MailReader<THandler> reader) : IMimeHandler
    {
        public void OnField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => reader._message!.TakeField(name, value);

        public void OnPartBegin(MimePart part)
        {
            reader._message!.Parts = part.Number;
            reader._handler.OnPartBegin(reader._message, part);
        }

        public void OnPartData(MimePart part, long offset, ReadOnlySpan<byte> data) =>
            reader._handler.OnPartData(reader._message!, part, offset, data);

        public void OnPartEnd(MimePart part, MimeEnd end) => reader._handler.OnPartEnd(reader._message!, part, end);
    }
}
