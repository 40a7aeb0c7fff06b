using System.Text;
using Spillway.Net.Flows;

namespace Spillway.Net.Tests.Smtp;

/// <summary>A conversation in all ways to come in pieces, and mutilated. A failure names its seed.</summary>
public class SmtpPropertyTests
{
    private static readonly (bool FromClient, string Text)[] Conversation =
    [
        (false, "220-mx\r\n220 mx ESMTP\r\n"),
        (true, "EHLO c\r\n"),
        (false, "250-mx\r\n250 PIPELINING\r\n"),
        (true, "MAIL FROM:<a@x>\r\nRCPT TO:<b@y>\r\nDATA\r\n"),
        (false, "250 ok\r\n250 ok\r\n354 go on\r\n"),
        (
            true,
            "Subject: s\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n..\r\n..x\r\n.\r.\r\ntext\n.\n\r\n--b\r\n"
                + "Content-Transfer-Encoding: base64\r\n"
                + "\r\naGVsbG8=\r\n--b--\r\n.\r\nMAIL FROM:<c@x>\r\nBDAT 4\r\n\r\n..BDAT 3 LAST\r\n.\r\nQUIT\r\n"
        ),
        (false, "250 queued\r\n250 ok\r\n250 ok\r\n250 ok\r\n221 bye\r\n"),
    ];

    [Fact]
    public void EverySplit_GivesTheSame()
    {
        string whole = Read(_ => []);
        Assert.Contains("part text/plain .\r\n.x\r\n\r.\r\ntext\n.\n Complete", whole, StringComparison.Ordinal);
        Assert.Contains("part text/plain ...\r\n Complete", whole, StringComparison.Ordinal);

        foreach ((bool FromClient, string Text) turn in Conversation)
        {
            for (int at = 1; at < turn.Text.Length; at++)
                Assert.True(whole == Read(text => text == turn.Text ? [at] : []), $"split at {at} of {turn.Text}");
        }

        Assert.Equal(whole, Read(text => Enumerable.Repeat(1, text.Length)));
    }

    [Fact]
    public void Mutated_NeverThrows_AndMemoryComesBack()
    {
        string[] tokens =
        [
            "\r\n",
            "\n",
            ".\r\n",
            "\r\n.\r\n",
            "DATA\r\n",
            "BDAT 9\r\n",
            "354 x\r\n",
            "250 x\r\n",
            "AUTH\r\n",
            "STARTTLS\r\n",
            "RSET\r\n",
            "\0",
            "-1",
        ];
        for (int seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            var talk = new SmtpTalk(random.Next(3) == 0 ? FlowState.Init : FlowState.SeenSyn);
            foreach ((bool fromClient, string text) in Conversation)
            {
                StreamDirection direction = fromClient ? StreamDirection.ClientToServer : StreamDirection.ServerToClient;
                string said = text;
                for (int i = random.Next(4); i > 0; i--)
                    said = said.Insert(random.Next(said.Length), tokens[random.Next(tokens.Length)]);
                for (int at = 0; at < said.Length; )
                {
                    int length = Math.Min(1 + random.Next(60), said.Length - at);
                    if (random.Next(20) == 0)
                        talk.Connection.OnGap(direction, random.Next(9) == 0 ? long.MaxValue : length);
                    else
                        talk.Say(direction, said.Substring(at, length));
                    at += length;
                }
            }

            talk.Close();
            Assert.True(talk.Observer.Mime.Budget.HeldBytes == 0, $"seed {seed}");
        }
    }

    private static string Read(Func<string, IEnumerable<int>> pieces)
    {
        var talk = new SmtpTalk();
        foreach ((bool fromClient, string text) in Conversation)
        {
            byte[] bytes = Encoding.Latin1.GetBytes(text);
            StreamDirection direction = fromClient ? StreamDirection.ClientToServer : StreamDirection.ServerToClient;
            int at = 0;
            foreach (int piece in pieces(text))
            {
                talk.Connection.OnData(direction, bytes.AsSpan(at, piece));
                at += piece;
            }

            talk.Connection.OnData(direction, bytes.AsSpan(at));
        }

        return talk.Close().ToString();
    }
}
