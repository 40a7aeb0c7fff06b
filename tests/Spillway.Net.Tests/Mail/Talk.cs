using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Net.Protocols;
using Spillway.Net.Protocols.Mail;
using Spillway.Net.Protocols.Mime;

namespace Spillway.Net.Tests.Mail;

/// <summary>A connection with a mailbox that a test speaks for both sides of.</summary>
internal sealed class Talk
{
    public Talk(Func<Flow, MailRecorder, MailboxObserver, IStreamObserver> make, FlowState state = FlowState.SeenSyn)
    {
        FlowKey key = FlowKey.Create(0x0A000001, 40000, 0x0A000002, 110, 6, 4, out _);
        Connection = make(new Flow(key, 1, 0) { State = state }, Recorder, Observer);
    }

    public MailboxObserver Observer { get; } = new(new MimeObserver());

    public MailRecorder Recorder { get; } = new();

    public IStreamObserver Connection { get; }

    public Talk Client(string text) => Say(StreamDirection.ClientToServer, text);

    public Talk Server(string text) => Say(StreamDirection.ServerToClient, text);

    public Talk ServerGap(long length)
    {
        Connection.OnGap(StreamDirection.ServerToClient, length);
        return this;
    }

    public Talk Say(StreamDirection direction, string text)
    {
        Connection.OnData(direction, Encoding.Latin1.GetBytes(text));
        return this;
    }

    public MailRecorder Close()
    {
        Connection.Close();
        Assert.Equal(0, Observer.Mime.Budget.HeldBytes);
        return Recorder;
    }

    /// <summary>Says each turn in pieces: whole, split at each place, and byte by byte; and mutilated, which must not throw.</summary>
    public static void InAllPieces(Func<Talk> make, (bool FromClient, string Text)[] turns)
    {
        string whole = Read(make(), turns, _ => []);
        Assert.NotEmpty(whole);
        foreach ((bool FromClient, string Text) turn in turns)
        {
            for (int at = 1; at < turn.Text.Length; at++)
                Assert.True(whole == Read(make(), turns, text => text == turn.Text ? [at] : []), $"split at {at} of {turn.Text}");
        }

        Assert.Equal(whole, Read(make(), turns, text => Enumerable.Repeat(1, text.Length)));
        string[] tokens =
        [
            "\r\n",
            "\n",
            ".\r\n",
            "+OK\r\n",
            "-ERR\r\n",
            "* 1 FETCH (BODY[] {5}\r\n",
            "{3}\r\n",
            "{99999999999}\r\n",
            "RETR 1\r\n",
            "a1 OK\r\n",
            "\0",
        ];
        for (int seed = 0; seed < 1500; seed++)
        {
            var random = new Random(seed);
            Talk talk = make();
            foreach ((bool fromClient, string text) in turns)
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
        }
    }

    private static string Read(Talk talk, (bool FromClient, string Text)[] turns, Func<string, IEnumerable<int>> pieces)
    {
        foreach ((bool fromClient, string text) in turns)
        {
            StreamDirection direction = fromClient ? StreamDirection.ClientToServer : StreamDirection.ServerToClient;
            int at = 0;
            foreach (int piece in pieces(text))
            {
                talk.Say(direction, text.Substring(at, piece));
                at += piece;
            }

            talk.Say(direction, text[at..]);
        }

        return talk.Close().ToString();
    }
}
