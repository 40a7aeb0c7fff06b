using System.Text;
using Spillway.Net.Protocols.Mime;

namespace Spillway.Net.Tests.Mime;

public class MimeNameTests
{
    [Theory]
    [InlineData("attachment; filename=a.txt", "a.txt")]
    [InlineData("attachment; filename=two words.txt ; size=3", "two words.txt")]
    [InlineData("attachment; filename=\"semi;colon \\\"q\\\".txt\"", "semi;colon \"q\".txt")]
    [InlineData("attachment; FileName*=UTF-8'en'na%C3%AFve.txt; filename=plain", "naïve.txt")]
    [InlineData("attachment; filename=plain; filename*=iso-8859-1''%e9t%E9", "été")]
    [InlineData("attachment; filename*=windows-1251''%EF%F0%E8", "при")]
    [InlineData("attachment; filename*1*=%20b; filename*0*=utf-8''%e2%82%ac; filename*2=\".txt\"", "€ b.txt")]
    [InlineData("attachment; filename*0=\"one-\"; filename*1=two; filename*3=four", "one-two")]
    [InlineData("attachment; filename=\"=?utf-8?B?w6TDtsO8?= =?utf-8?Q?=2Etxt?=\"", "äöü.txt")]
    [InlineData("attachment; filename==?iso-8859-15?q?=A4?=", "€")]
    public void FileName_IsRead(string field, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(MimeParameters.Find(Encoding.UTF8.GetBytes(field), "filename"u8)!));

    [Theory]
    [InlineData("attachment")]
    [InlineData("attachment; filenames=x")]
    [InlineData("attachment; x=\"filename=y")]
    [InlineData("attachment; filename*1=b")]
    public void FileName_ThatIsNotThere_IsNull(string field) =>
        Assert.Null(MimeParameters.Find(Encoding.UTF8.GetBytes(field), "filename"u8));

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("=?UTF-8?Q?a_b=3F?= c", "a b? c")]
    [InlineData("x =?utf-8?b?4oI=?=  =?utf-8?b?rA==?= y", "x € y")]
    [InlineData("=?koi8-r?B?8NLJ18XU?=", "Привет")]
    [InlineData("=?utf-8*de?Q?=C3=BC?=", "ü")]
    [InlineData("=?utf-8?q?what??= =?utf-8?b?-=?utf-8?b?YQ==?=", "what? =?utf-8?b?-a")]
    [InlineData("=?utf-8?b?YQ==?=?=", "a?=")]
    [InlineData("=?nonsense?Q?a?= =?utf-8?Z?a?= =?", "=?nonsense?Q?a?= =?utf-8?Z?a?= =?")]
    public void EncodedWords_AreDecoded(string text, string expected) =>
        Assert.Equal(expected, EncodedWords.Decode(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Texts_OfAnyBytes_NeverThrow()
    {
        string[] tokens =
        [
            "filename",
            "*",
            "0",
            "1",
            "=",
            ";",
            "\"",
            "\\",
            "'",
            "%",
            "%41",
            "=?",
            "?=",
            "utf-8",
            "?B?",
            "?Q?",
            "=41",
            " ",
            "\u00ff",
            "(",
        ];
        for (int seed = 0; seed < 5000; seed++)
        {
            var random = new Random(seed);
            var text = new StringBuilder("a; ");
            for (int i = random.Next(25); i > 0; i--)
                text.Append(tokens[random.Next(tokens.Length)]);
            byte[] bytes = Encoding.Latin1.GetBytes(text.ToString());
            MimeParameters.Find(bytes, "filename"u8);
            EncodedWords.Decode(bytes);
        }
    }
}
