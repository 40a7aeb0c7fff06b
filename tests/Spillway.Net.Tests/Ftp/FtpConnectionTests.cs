using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Net.Protocols.Ftp;

namespace Spillway.Net.Tests.Ftp;

public class FtpConnectionTests
{
    private const uint Client = 0x0A000001;
    private const uint Server = 0x0A000002;

    [Fact]
    public void Passive_IsExpectedAtTheServer_WithNameFolderAndUser()
    {
        var talk = new Talk();
        talk.LogIn().Say("PWD", "257 \"/pub\" is current").Say("CWD in", "250 ok").Say("TYPE I", "200 ok");
        talk.Say("PASV", "227 Entering Passive Mode (10,0,0,2,4,1).").Say("REST 7", "350 ok").Ask("RETR a b.bin");
        FtpTransfer? transfer = talk.Connect(Client, 5000, Server, 1025);
        talk.Reply("150 opening").Reply("226 done");

        Assert.NotNull(transfer);
        Assert.Equal((FtpTransferKind.Retrieve, "a b.bin", false), (transfer.Kind, Name(transfer), transfer.IsUpload));
        Assert.Equal(
            ("/pub/in", "alice", 7, 226, false),
            (transfer.Folder, transfer.User, transfer.Offset, transfer.Code, transfer.IsText)
        );
        Assert.Equal([transfer], talk.Recorder.Ended);
        Assert.Equal(["alice"], talk.Recorder.Users);
        Assert.Null(talk.Connect(Client, 5000, Server, 1025));
    }

    [Fact]
    public void Passive_IsKnownWhenTheClientConnectsBeforeItSaysWhatFor()
    {
        var talk = new Talk();
        talk.LogIn().Say("EPSV", "229 Entering Extended Passive Mode (|||1025|)");
        FtpTransfer transfer = talk.Connect(Client, 5000, Server, 1025)!;
        Assert.Equal(FtpTransferKind.Unknown, transfer.Kind);
        talk.Ask("STOR up.txt");

        Assert.Equal((FtpTransferKind.Store, "up.txt", true), (transfer.Kind, Name(transfer), transfer.IsUpload));
    }

    [Fact]
    public void Pipelined_CommandsFindTheirDataConnections()
    {
        var talk = new Talk();
        talk.LogIn().Ask("PASV").Ask("RETR one").Ask("PASV").Ask("RETR two");
        talk.Reply("227 (10,0,0,2,4,1)").Reply("150 ok").Reply("226 ok").Reply("227 (10,0,0,2,4,2)").Reply("150 ok").Reply("226 ok");

        Assert.Equal("one", Name(talk.Connect(Client, 5000, Server, 1025)!));
        Assert.Equal("two", Name(talk.Connect(Client, 5001, Server, 1026)!));
    }

    [Theory]
    [InlineData("PORT 10,0,0,1,31,64")]
    [InlineData("EPRT |1|10.0.0.1|8000|")]
    public void Active_IsExpectedAtTheClient(string command)
    {
        var talk = new Talk();
        talk.LogIn().Say(command, "200 ok").Ask("STOU x").Reply("150 FILE: x.1");
        FtpTransfer transfer = talk.Connect(Server, 20, Client, 8000)!;

        Assert.Equal(
            (FtpTransferKind.StoreUnique, "x.1", false, false),
            (transfer.Kind, Name(transfer), transfer.IsPassive, transfer.IsForeign)
        );
    }

    [Fact]
    public void Active_WithoutPort_IsExpectedAtTheClientsOwnPort()
    {
        var talk = new Talk();
        talk.LogIn().Ask("LIST");

        FtpTransfer transfer = talk.Connect(Server, 20, Client, 40000)!;
        Assert.Equal((FtpTransferKind.List, false), (transfer.Kind, transfer.IsFile));
    }

    [Fact]
    public void ForeignAddress_IsFlagged_AndTheOwnOneIsExpectedToo()
    {
        var talk = new Talk();
        talk.LogIn().Say("PORT 9,9,9,9,0,25", "200 ok").Ask("RETR bounce");
        FtpTransfer bounce = talk.Connect(Server, 20, 0x09090909, 25)!;
        Assert.True(bounce is { IsForeign: true, IsPassive: false });

        talk.Reply("226 ok").Say("PORT 192,168,0,9,31,64", "200 ok").Ask("STOR behind");
        Assert.True(talk.Connect(Server, 20, Client, 8000) is { IsForeign: true, IsUpload: true });

        talk.Reply("226 ok").Say("PASV", "227 (192,168,0,1,4,1)").Ask("RETR nat");
        FtpTransfer translated = talk.Connect(Client, 5000, Server, 1025)!;
        Assert.True(translated is { IsForeign: true, IsPassive: true });
        Assert.Null(talk.Connect(Client, 5000, 0xC0A80001, 1025));
        Assert.Equal(3, talk.Observer.Statistics.Foreign);
    }

    [Theory]
    [InlineData("PORT 9,9,9,9,0,25", "200 ok", false)]
    [InlineData("EPRT |1|9.9.9.9|25|", "200 ok", false)]
    [InlineData("PASV", "227 (9,9,9,9,0,25)", true)]
    public void ForeignAddress_IsReportedOnceForAConnection(string command, string reply, bool isPassive)
    {
        var talk = new Talk();
        talk.LogIn().Say("PORT 10,0,0,1,31,64", "200 ok").Say("PASV", "227 (10,0,0,2,4,1)").Say("PASV", "227 (0,0,0,0,4,2)");
        Assert.Empty(talk.Recorder.Foreign);

        talk.Say(command, reply).Say(command, reply).Say("PORT 8,8,8,8,0,25", "500 no");
        FtpTransfer transfer = Assert.Single(talk.Recorder.Foreign);
        Assert.Equal((new FtpEndpoint(0x09090909, 25, 4), isPassive), (transfer.Listener, transfer.IsPassive));
    }

    [Fact]
    public void Active_FromSomebodyElse_IsRefused()
    {
        var talk = new Talk();
        talk.LogIn().Say("PORT 10,0,0,1,31,64", "200 ok").Ask("RETR x");

        Assert.Null(talk.Connect(0x0A000063, 20, Client, 8000));
        Assert.Null(talk.Connect(Server, 20, Client, 8001));
        Assert.Equal(1, talk.Observer.Statistics.Refused);
        Assert.NotNull(talk.Connect(Server, 20, Client, 8000));
    }

    [Fact]
    public void Exchanges_AreCommandsWithAllTheirReplies()
    {
        var talk = new Talk();
        talk.Reply("220-welcome").Reply("to this").Reply("220 server").Say("user alice", "331 password").Say("PASS secret", "230 in");
        talk.Ask("PASV").Ask("RETR a b").Reply("227 ok (10,0,0,2,4,1)").Reply("150 opening").Reply("226 done");
        talk.Say("PORT 10,0,0,1,31,64", "200 ok").Ask("XYZZY");
        talk.Connection.Close();

        Assert.Equal(
            [
                "0 |220 welcome/0 to this/220 server",
                "1 USER alice|331 password",
                "2 PASS |230 in",
                "3 PASV |227 ok (10,0,0,2,4,1) 1025",
                "4 RETR a b|150 opening/226 done",
                "5 PORT 10,0,0,1,31,64|200 ok 8000 active",
                "6 XYZZY | unanswered",
            ],
            talk.Recorder.Exchanges.Select(TextOf)
        );
    }

    [Fact]
    public void Exchanges_OfAConnectionJoinedInTheMiddle_AreOfTheLastCommand()
    {
        var talk = new Talk(isWhole: false);
        talk.Ask("CWD a").Reply("250 ok").Ask("DELE x").Ask("DELE y").Reply("250 gone").Reply("421 time is up");
        talk.Connection.OnGap(StreamDirection.ServerToClient, 10);
        talk.Reply("cut off").Say("SYST", "215 UNIX");

        Assert.Equal(
            ["0 CWD a|250 ok", "1 DELE x| unanswered", "2 DELE y|250 gone", "3 |421 time is up", "4 SYST |215 UNIX"],
            talk.Recorder.Exchanges.Select(TextOf)
        );
    }

    [Fact]
    public void Exchanges_AreBounded()
    {
        var talk = new Talk();
        talk.LogIn().Ask("STAT").Reply("211-begin");
        for (int i = 0; i < 100; i++)
            talk.Reply(new string('x', 1000));
        talk.Reply("211 end");

        FtpExchange exchange = talk.Recorder.Exchanges[^1];
        Assert.True(exchange.AreRepliesCut);
        Assert.InRange(exchange.Replies.Sum(line => line.Text.Length), 10_000, FtpExchange.MaxReplyBytes);
        for (int i = 0; i < 200; i++)
            talk.Ask("NOOP");
        talk.Connection.Close();
        Assert.Equal(Enumerable.Range(0, 204).Select(i => (long)i), talk.Recorder.Exchanges.Select(e => e.Number));
    }

    private static string TextOf(FtpExchange exchange)
    {
        string replies = string.Join('/', exchange.Replies.Select(line => $"{line.Code} {Encoding.Latin1.GetString(line.Text.Span)}"));
        string more = (exchange.DataPort == 0 ? "" : $" {exchange.DataPort}") + (exchange.IsActive ? " active" : "");
        string text = $"{exchange.Number} {exchange.Command} {Encoding.Latin1.GetString(exchange.Argument.Span)}|{replies}{more}";
        return (exchange.Command.Length == 0 ? text.Replace("  |", " |", StringComparison.Ordinal) : text)
            + (exchange.IsAnswered ? "" : " unanswered");
    }

    [Fact]
    public void SomebodyElse_ConnectingToTheServersPort_IsNotTheClient()
    {
        var talk = new Talk();
        talk.LogIn().Say("PASV", "227 (10,0,0,2,4,1)").Ask("RETR x");

        Assert.Null(talk.Connect(0x0A000063, 5000, Server, 1025));
        Assert.NotNull(talk.Connect(Client, 5000, Server, 1025));
    }

    [Fact]
    public void Expected_IsBoundedInTimeAndNumber()
    {
        var talk = new Talk(new FtpLimits { MaxExpectedConnections = 16, MaxWait = TimeSpan.FromSeconds(10) });
        talk.LogIn();
        for (int port = 1; port <= 20; port++)
            talk.Say("PASV", $"227 (10,0,0,2,4,{port})");
        Assert.Equal((16, 4), (talk.Observer.Expected.Count, talk.Observer.Statistics.ExpectedDropped));

        Assert.Null(talk.Connect(Client, 5000, Server, 1024 + 20, nowNs: 11_000_000_000));
        Assert.Equal((0, 16), (talk.Observer.Expected.Count, talk.Observer.Statistics.Expired));
    }

    [Fact]
    public void Reply_OfSeveralLines_EndsWithItsCode()
    {
        var talk = new Talk();
        talk.LogIn()
            .Ask("STAT")
            .Reply("211-status")
            .Reply("227 (10,0,0,2,4,1)")
            .Reply(" 211 not yet")
            .Reply("211 end")
            .Say("EPSV", "229 (|||1030|)");

        Assert.Equal(1, talk.Observer.Expected.Count);
        Assert.NotNull(talk.Connect(Client, 1, Server, 1030));
    }

    [Fact]
    public void Tls_EndsTheObservation()
    {
        var talk = new Talk();
        talk.Reply("220 FTP").Say("AUTH TLS", "234 go");

        Assert.True(talk.Connection is { IsRecognised: true, IsDone: true, TlsBegins: true });
    }

    [Theory]
    [InlineData("220 mx ESMTP", "EHLO x")]
    [InlineData("+OK pop", "")]
    [InlineData("", "GET / HTTP/1.1")]
    public void Others_AreGivenUpWithTheirFirstLines(string server, string client)
    {
        var talk = new Talk();
        if (server.Length > 0)
            talk.Reply(server);
        if (client.Length > 0)
            talk.Ask(client);

        Assert.True(talk.Connection is { IsDone: true, IsRecognised: false });
    }

    [Fact]
    public void Gap_IsOverWithTheNextLine()
    {
        var talk = new Talk();
        talk.LogIn();
        talk.Connection.OnGap(StreamDirection.ServerToClient, 10);
        talk.Connection.OnGap(StreamDirection.ClientToServer, 10);
        talk.Reply("rest of a line").Ask("227 rest").Reply("229 ok (|||1025|)").Ask("RETR x");

        Assert.Equal("x", Name(talk.Connect(Client, 5000, Server, 1025)!));
    }

    [Theory]
    [InlineData("PORT 1,2,3,4,5", "|1|1.2.3.4|70000|")]
    [InlineData("PORT 1,2,3,4,256,1", "|3|1.2.3.4|1|")]
    [InlineData("PORT ", "|1|::1|99|")]
    [InlineData("PORT 1,2,3,4,0,0", "||1.2.3.4|1|")]
    public void Addresses_ThatAreNone_AreCounted(string port, string extended)
    {
        var talk = new Talk();
        talk.LogIn().Say(port, "500 no").Say("EPRT " + extended, "500 no").Say("PASV", "227 nowhere").Say("EPSV", "229 (|||)");

        Assert.Equal((4, 0), (talk.Observer.Statistics.BadAddresses, talk.Observer.Expected.Count));
    }

    [Fact]
    public void EverySplit_AndMutation_NeverThrows()
    {
        string client = "USER a\r\nPASS b\r\nPASV\r\nRETR c\r\nPORT 10,0,0,1,4,4\r\nSTOR d\r\n";
        string server = "220 FTP\r\n331 x\r\n230-x\r\n230 y\r\n227 (10,0,0,2,4,1)\r\n150 x\r\n226 x\r\n200 ok\r\n150 x\r\n226 x\r\n";
        for (int seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            var talk = new Talk();
            int clientAt = 0;
            int serverAt = 0;
            while (clientAt < client.Length || serverAt < server.Length)
            {
                bool isClient = random.Next(2) == 0;
                string text = isClient ? client : server;
                ref int at = ref isClient ? ref clientAt : ref serverAt;
                int length = Math.Min(1 + random.Next(20), text.Length - at);
                byte[] bytes = Encoding.Latin1.GetBytes(text.Substring(at, length));
                if (seed >= 500 && bytes.Length > 0 && random.Next(4) == 0)
                    bytes[random.Next(bytes.Length)] = (byte)"\r\n(),|0- \0\u00ff"[random.Next(11)];
                StreamDirection direction = isClient ? StreamDirection.ClientToServer : StreamDirection.ServerToClient;
                if (seed >= 500 && random.Next(30) == 0)
                    talk.Connection.OnGap(direction, length);
                talk.Connection.OnData(direction, bytes);
                at += length;
            }

            talk.Connection.Close();
            Assert.True(talk.Observer.Budget.HeldBytes == 0, $"seed {seed}");
        }
    }

    private static string Name(FtpTransfer transfer) => Encoding.UTF8.GetString(transfer.Name.Span);

    private sealed class Recording : IFtpHandler
    {
        public List<string> Users { get; } = [];

        public List<FtpTransfer> Ended { get; } = [];

        public void OnLogin(Flow flow, string user) => Users.Add(user);

        public void OnTransferEnd(FtpTransfer transfer) => Ended.Add(transfer);

        public List<FtpTransfer> Foreign { get; } = [];

        public void OnForeignAddress(FtpTransfer transfer) => Foreign.Add(transfer);

        public List<FtpExchange> Exchanges { get; } = [];

        public void OnExchange(Flow flow, FtpExchange exchange) => Exchanges.Add(exchange);
    }

    private sealed class Talk
    {
        public Talk(FtpLimits? limits = null, bool isWhole = true)
        {
            Observer = new FtpObserver(limits) { TakesExchanges = true };
            FlowKey key = FlowKey.Create(Client, 40000, Server, 21, 6, 4, out _);
            FlowState state = isWhole ? FlowState.SeenSyn : default;
            Connection = new FtpConnection<Recording>(new Flow(key, 1, 0) { State = state }, Recorder, Observer);
        }

        public FtpObserver Observer { get; }

        public Recording Recorder { get; } = new();

        public FtpConnection<Recording> Connection { get; }

        public Talk Ask(string line) => Send(StreamDirection.ClientToServer, line);

        public Talk Reply(string line) => Send(StreamDirection.ServerToClient, line);

        public Talk Say(string command, string reply) => Ask(command).Reply(reply);

        public Talk LogIn() => Reply("220 FTP ready").Say("USER alice", "331 password").Say("PASS secret", "230 in");

        public FtpTransfer? Connect(uint caller, ushort callerPort, uint listener, ushort port, long nowNs = 0) =>
            Observer.Expected.Take(FlowKey.Create(caller, callerPort, listener, port, 6, 4, out _), nowNs);

        private Talk Send(StreamDirection direction, string line)
        {
            Connection.OnData(direction, Encoding.Latin1.GetBytes(line + "\r\n"));
            return this;
        }
    }
}
