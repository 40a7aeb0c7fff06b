using System.Text;
using Spillway.Net.Protocols.Mime;

namespace Spillway.Net.Tests.Mime;

/// <summary>Keeps what a reader passes on.</summary>
internal sealed class MimeRecorder : IMimeHandler
{
    private readonly List<byte> _content = [];

    public List<(string Name, string Value)> Fields { get; } = [];

    public List<RecordedPart> Parts { get; } = [];

    public int Open { get; private set; }

    public long ContentBytes { get; private set; }

    public void OnField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
        Fields.Add((Encoding.Latin1.GetString(name), Encoding.Latin1.GetString(value)));

    public void OnPartBegin(MimePart part)
    {
        Assert.Equal(0, Open++);
        _content.Clear();
    }

    public void OnPartData(MimePart part, long offset, ReadOnlySpan<byte> data)
    {
        Assert.False(data.IsEmpty);
        Assert.True(offset >= _content.Count, "content goes back");
        ContentBytes += data.Length;
        if (offset < 1 << 24)
            _content.AddRange(new byte[offset - _content.Count]);
        _content.AddRange(data);
    }

    public void OnPartEnd(MimePart part, MimeEnd end)
    {
        Assert.Equal(1, Open--);
        Parts.Add(new RecordedPart(part, [.. _content], end));
    }

    public override string ToString() =>
        string.Join('\n', Fields.Select(field => $"{field.Name}={field.Value}").Concat(Parts.Select(part => part.ToString())));

    /// <summary>Reads a message in pieces of the lengths that are given; the rest in one.</summary>
    public static MimeRecorder Read(
        ReadOnlySpan<byte> message,
        IEnumerable<int>? pieces = null,
        MimeObserver? observer = null,
        string? boundary = null
    )
    {
        var recorder = new MimeRecorder();
        var reader = new MimeReader<MimeRecorder>(recorder, observer ?? new MimeObserver());
        if (boundary is null)
            reader.Begin();
        else
            Assert.True(reader.TryBeginMultipart(Encoding.Latin1.GetBytes(boundary)));
        foreach (int piece in pieces ?? [])
        {
            reader.Write(message[..Math.Min(piece, message.Length)]);
            message = message[Math.Min(piece, message.Length)..];
        }

        reader.Write(message);
        reader.End(MimeEnd.Complete);
        Assert.Equal(0, recorder.Open);
        return recorder;
    }
}

/// <summary>A part with its content.</summary>
internal sealed record RecordedPart(MimePart Part, byte[] Content, MimeEnd End)
{
    public string Text => Encoding.Latin1.GetString(Content);

    public string Name => Encoding.UTF8.GetString(Part.Name.Span);

    public override string ToString() =>
        $"{Part.Number} {Part.Depth} {Part.ContentType} {Part.Disposition} {Part.FieldName} {Name} {Part.Encoding} {End} "
        + $"{Part.Length} {Convert.ToHexString(System.Security.Cryptography.SHA1.HashData(Content))} {Content.Length}";
}
