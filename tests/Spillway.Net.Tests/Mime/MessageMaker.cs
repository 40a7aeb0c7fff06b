using System.Text;
using MimeKit;

namespace Spillway.Net.Tests.Mime;

/// <summary>Makes random messages with another library, and says what that library reads in them.</summary>
internal static class MessageMaker
{
    private static readonly string[] Names =
    [
        "a.txt",
        "two words.pdf",
        "semi;colon.doc",
        "quote\".bin",
        "übergroß — €.png",
        "Привет мир, это длинное имя файла для проверки продолжений параметра.docx",
        new('n', 180),
        "",
    ];

    /// <summary>Bytes of a message.</summary>
    public static byte[] Make(Random random)
    {
        using var message = new MimeMessage();
        message.From.Add(new MailboxAddress("Sender Ä", "sender@example.com"));
        message.To.Add(new MailboxAddress("", "recipient@example.org"));
        message.Subject = "Subject " + new string('x', random.Next(200)) + (random.Next(2) == 0 ? " ü€" : "");
        message.Body = MakeEntity(random, depth: 0);
        FormatOptions format = FormatOptions.Default.Clone();
        format.NewLineFormat = random.Next(3) == 0 ? NewLineFormat.Unix : NewLineFormat.Dos;
        format.ParameterEncodingMethod = random.Next(2) == 0 ? ParameterEncodingMethod.Rfc2047 : ParameterEncodingMethod.Rfc2231;
        using var stream = new MemoryStream();
        message.WriteTo(format, stream);
        return stream.ToArray();
    }

    /// <summary>The parts of a message: type, name and content.</summary>
    public static List<string> Read(byte[] message)
    {
        using var stream = new MemoryStream(message);
        using MimeMessage read = MimeMessage.Load(stream);
        var parts = new List<string>();
        AddParts(read.Body, parts);
        return parts;
    }

    private static void AddParts(MimeEntity? entity, List<string> parts)
    {
        switch (entity)
        {
            case Multipart multipart:
                foreach (MimeEntity one in multipart)
                    AddParts(one, parts);
                break;
            case MessagePart { Message: { } inner }:
                AddParts(inner.Body, parts);
                break;
            case MimePart part:
                using (var content = new MemoryStream())
                {
                    part.Content?.DecodeTo(content);
                    parts.Add(Describe(part.ContentType.MimeType, part.FileName ?? "", content.ToArray()));
                }

                break;
        }
    }

    public static string Describe(string type, string name, byte[] content) =>
        $"{type}|{name}|{content.Length}|{Convert.ToHexString(System.Security.Cryptography.SHA1.HashData(content))}";

    private static MimeEntity MakeEntity(Random random, int depth)
    {
        int kind = random.Next(10);
        if (kind < 4 && depth < 4)
        {
            var multipart = new Multipart(random.Next(2) == 0 ? "mixed" : "alternative");
            if (random.Next(3) == 0)
                multipart.Preamble = "This is a message in several parts.\n";
            if (random.Next(3) == 0)
                multipart.Epilogue = "\nbehind it\n--nothing\n";
            for (int i = 1 + random.Next(4); i > 0; i--)
                multipart.Add(MakeEntity(random, depth + 1));
            return multipart;
        }

        if (kind == 4 && depth is > 0 and < 4)
        {
            var inner = new MimeMessage { Subject = "inner", Body = MakeEntity(random, depth + 1) };
            inner.From.Add(new MailboxAddress("", "inner@example.com"));
            return new MessagePart { Message = inner };
        }

        return MakePart(random);
    }

    private static MimePart MakePart(Random random)
    {
        bool isText = random.Next(2) == 0;
        byte[] content = isText ? Encoding.UTF8.GetBytes(MakeText(random)) : MakeBytes(random);
        var part = new MimePart(isText ? "text/plain" : "application/octet-stream")
        {
            Content = new MimeContent(new MemoryStream(content)),
            ContentTransferEncoding = isText
                ? random.Next(2) == 0
                    ? ContentEncoding.QuotedPrintable
                    : ContentEncoding.EightBit
                : ContentEncoding.Base64,
        };
        string name = Names[random.Next(Names.Length)];
        if (name.Length > 0)
            part.FileName = name;
        return part;
    }

    private static byte[] MakeBytes(Random random)
    {
        byte[] bytes = new byte[random.Next(5) == 0 ? random.Next(60_000) : random.Next(300)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static string MakeText(Random random)
    {
        string[] pieces =
        [
            "text ",
            "=",
            "ü€ ",
            "\r\n",
            "--",
            "\r\n--x",
            "\r\n.\r\n",
            "long words without a break ",
            "=3D",
            "From me ",
            "\r\n\r\n",
        ];
        var text = new StringBuilder();
        for (int i = random.Next(80); i > 0; i--)
            text.Append(pieces[random.Next(pieces.Length)]);
        return text.ToString();
    }
}
