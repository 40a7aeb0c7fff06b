using System.Text;
using Spillway.Net.Protocols.Mime;
using Spillway.Tests.Shared;

namespace Spillway.Net.Tests.Mime;

/// <summary>Messages in all ways to come in pieces, as another library reads them, and mutilated. A failure names its seed.</summary>
public class MimePropertyTests
{
    private const string Tricky =
        "From here Mon Jan 1 10:00:00 2024\r\nSubject: a\r\n =?utf-8?q?b?=\r\nContent-Type: multipart/mixed;\r\n boundary=\"=_b:1\"\r\n"
        + "\r\npre\r\n--=_b:2\r\n"
        + "--=_b:1 \t\r\nContent-Type: text/plain\r\n\r\nx\r\r\n--\r\n--=_b:1-\r\n--=_b:1x\r\n\n--=_b:\r\n\r\n"
        + "--=_b:1\nContent-Transfer-Encoding: base64\r\n\r\naGVs\r\n--bG8=\r\n"
        + "--=_b:1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\na=\r\nb=3D=\r\n\r\n=\r\n"
        + "--=_b:1\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n--i\r\nContent-Transfer-Encoding: uuencode\r\n\r\n"
        + "begin 644 a\r\n%:&5L;&\\\r\nend\r\n"
        + "--i\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nbody\r\r\n--=_b:1\r\nno header\r\nat all\r\n--=_b:1--\r\n"
        + "epilogue\r\n--i--\r\n";

    [Theory]
    [InlineData(Tricky)]
    [InlineData("Content-Type: multipart/mixed; boundary=b\n\n--b\n\n--b--\n")]
    [InlineData("Content-Type: multipart/mixed; boundary=b\r\n\r\nno part\r\n--c\r\n\r\n")]
    [InlineData("no header\r\n\r\ntext")]
    [InlineData("Subject: only a header")]
    [InlineData("Content-Type: message/rfc822\r\n\r\nSubject: x\r\n--y:z\r\n\r\nbody")]
    public void EverySplit_GivesTheSame(string text)
    {
        byte[] message = Encoding.Latin1.GetBytes(text);
        string whole = MimeRecorder.Read(message).ToString();

        for (int at = 0; at <= message.Length; at++)
            Assert.True(whole == MimeRecorder.Read(message, [at]).ToString(), $"split at {at}");
        Assert.Equal(whole, MimeRecorder.Read(message, Enumerable.Repeat(1, message.Length)).ToString());
        Assert.Equal(whole, MimeRecorder.Read(message, Enumerable.Repeat(3, message.Length)).ToString());
    }

    [Fact]
    public void Message_IsReadAsAnotherLibraryReadsIt_InWhateverPieces()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            byte[] message = MessageMaker.Make(random);
            List<string> expected = MessageMaker.Read(message);
            MimeRecorder whole = MimeRecorder.Read(message);
            List<string> actual = [.. whole.Parts.Select(part => MessageMaker.Describe(part.Part.ContentType, part.Name, part.Content))];

            Assert.True(expected.SequenceEqual(actual), $"seed {seed}:\n{string.Join('\n', expected)}\n--\n{string.Join('\n', actual)}");
            Assert.True(
                whole.ToString() == MimeRecorder.Read(message, Pieces(random, message.Length)).ToString(),
                $"seed {seed}, in pieces"
            );
        }
    }

    [Fact]
    public void Mutated_NeverThrows_AndGivesTheSameInPieces()
    {
        var limits = new MimeLimits
        {
            MaxHeaderBytes = 2048,
            MaxFieldBytes = 1024,
            MaxParts = 8,
            MaxDepth = 3,
        };
        for (int seed = 0; seed < 1500; seed++)
        {
            var random = new Random(seed);
            byte[] message = random.Next(2) == 0 ? Encoding.Latin1.GetBytes(Tricky) : MessageMaker.Make(random);
            for (int i = 1 + random.Next(20); i > 0; i--)
                Mutate(random, ref message);

            MimeRecorder whole = MimeRecorder.Read(message, observer: new MimeObserver(limits));
            string pieces = MimeRecorder.Read(message, Pieces(random, message.Length), new MimeObserver(limits)).ToString();
            Assert.True(whole.ToString() == pieces, $"seed {seed}:\n{whole}\n--\n{pieces}");
            Assert.True(whole.ContentBytes <= message.Length, $"seed {seed}");
            Assert.True(whole.Parts.Count <= 8, $"seed {seed}");
        }
    }

    [Fact]
    public void Gaps_Anywhere_NeverThrow_AndMemoryComesBack()
    {
        for (int seed = 0; seed < 1000; seed++)
        {
            var random = new Random(seed);
            byte[] message = Encoding.Latin1.GetBytes(Tricky);
            var observer = new MimeObserver();
            var recorder = new MimeRecorder();
            var reader = new MimeReader<MimeRecorder>(recorder, observer);
            reader.Begin();
            for (int at = 0; at < message.Length; )
            {
                int length = Math.Min(1 + random.Next(40), message.Length - at);
                if (random.Next(6) == 0)
                    reader.Gap(random.Next(9) == 0 ? long.MaxValue : length);
                else
                    reader.Write(message.AsSpan(at, length));
                at += length;
            }

            reader.End(MimeEnd.Gap);
            Assert.Equal(0, recorder.Open);
            Assert.True(observer.Budget.HeldBytes == 0, $"seed {seed}");
        }
    }

    [Fact]
    public void Content_InPieces_AllocatesNothing()
    {
        var reader = new MimeReader<Sum>(new Sum(), new MimeObserver());
        reader.Begin();
        reader.Write("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n"u8);
        byte[] piece = Encoding.ASCII.GetBytes(
            string.Concat(Enumerable.Repeat("YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo=\r\n--c\r\n", 30)) + "\r\n--"
        );
        reader.Write(piece);

        long allocated = Allocations.InSteadyState(
            () =>
            {
                for (int i = 0; i < 1000; i++)
                    reader.Write(piece);
            },
            out _
        );

        Assert.Equal(0, allocated);
    }

    private static IEnumerable<int> Pieces(Random random, int length)
    {
        int most = random.Next(3) switch
        {
            0 => 3,
            1 => 100,
            _ => 3000,
        };
        return Enumerable.Range(0, length).Select(_ => 1 + random.Next(most));
    }

    private static void Mutate(Random random, ref byte[] bytes)
    {
        string[] tokens =
        [
            "\r\n",
            "\n",
            "\r",
            "--",
            "--=_b:1",
            "--=_b:1--\r\n",
            "\r\n\r\n",
            "=",
            ":",
            "Content-Type: multipart/mixed; boundary=z\r\n\r\n--z\r\n",
            "\0",
            ";",
        ];
        List<byte> list = [.. bytes];
        int at = random.Next(list.Count + 1);
        if (random.Next(3) == 0 && at < list.Count)
            list.RemoveRange(at, Math.Min(1 + random.Next(20), list.Count - at));
        else
            list.InsertRange(at, Encoding.Latin1.GetBytes(tokens[random.Next(tokens.Length)]));
        bytes = [.. list];
    }

    private sealed class Sum : IMimeHandler
    {
        public long Bytes { get; private set; }

        public void OnField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) { }

        public void OnPartBegin(MimePart part) { }

        public void OnPartData(MimePart part, long offset, ReadOnlySpan<byte> data) => Bytes += data.Length;

        public void OnPartEnd(MimePart part, MimeEnd end) { }
    }
}
