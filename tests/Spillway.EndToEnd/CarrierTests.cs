using System.Text;
using System.Text.Json.Nodes;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>Files that something else than a body of HTTP carries: parts of mail, data connections of FTP, uploads of forms.</summary>
public sealed class CarrierTests : IDisposable
{
    private static readonly byte[] Picture = Http.Noise(5000);

    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task Mail_GivesItsPartsToStoreDirectoryScriptAndEvents()
    {
        var recording = new Recording();
        TcpConversation mail = recording.Connect(serverPort: 2525);
        mail.ServerSends("220 mx.example ESMTP\r\n"u8.ToArray());
        mail.ClientSends("EHLO client.example\r\n"u8.ToArray());
        mail.ServerSends("250 mx.example\r\n"u8.ToArray());
        mail.ClientSends("MAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\nDATA\r\n"u8.ToArray());
        mail.ServerSends("250 ok\r\n250 ok\r\n354 go on\r\n"u8.ToArray());
        mail.ClientSends(
            Encoding.ASCII.GetBytes(
                "Subject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\r\nMessage-ID: <1@x>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
                    + "--b\r\n\r\nGET / HTTP/1.1\r\n..\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
                    + "Content-Disposition: attachment; filename*=utf-8''%c3%bc/pic.png\r\n\r\n"
                    + Convert.ToBase64String(Picture, Base64FormattingOptions.InsertLineBreaks)
                    + "\r\n--b--\r\n.\r\nQUIT\r\n"
            )
        );
        mail.ServerSends("250 ok\r\n221 bye\r\n"u8.ToArray());
        mail.Close();
        recording.Save(_workspace.PathOf("a.pcap"));
        IReadOnlyList<JsonNode> events = await Run();

        Assert.Equal(
            [$"smtp||text/plain|17|{Http.Sha1("GET / HTTP/1.1\r\n."u8.ToArray())}", $"smtp|ü/pic.png|image/png|5000|{Http.Sha1(Picture)}"],
            Store.Ask(_workspace, "SELECT protocol, coalesce(sent_name, ''), content_type, size, sha1 FROM files ORDER BY file_id")
        );
        Assert.Equal(["smtp"], Store.Ask(_workspace, "SELECT service FROM flows"));
        SortedDictionary<string, byte[]> files = _workspace.FilesIn("files");
        Assert.Equal(Picture, files.Single(file => file.Key.EndsWith(".png", StringComparison.Ordinal)).Value);
        Assert.Equal(2, files.Count);
        Assert.Contains("smtp ü/pic.png 0 image/png a@x.example grüße 5000 true", _prints);
        JsonNode smtp = events.Single(e => (string?)e["event_type"] == "smtp");
        Assert.Equal(("<a@x.example>", "<b@y.example>"), ((string?)smtp["smtp"]!["mail_from"], (string?)smtp["smtp"]!["rcpt_to"]![0]));
        Assert.Equal(("grüße", "ü/pic.png"), ((string?)smtp["email"]!["subject"], (string?)smtp["email"]!["attachment"]![0]));
        JsonNode file = events.Last(e => (string?)e["event_type"] == "fileinfo");
        Assert.Equal(("smtp", "ü/pic.png"), ((string?)file["app_proto"], (string?)file["fileinfo"]!["filename"]));
    }

    [Fact]
    public async Task Ftp_GivesWhatIsRetrievedAndStored_WithNameAndCommand()
    {
        var recording = new Recording();
        TcpConversation control = recording.Connect(serverPort: 2121);
        control.ServerSends("220 ready\r\n"u8.ToArray());
        Say(control, "USER alice", "230 in");
        Say(control, "CWD /pub", "250 ok");
        Say(control, "PASV", "227 Entering Passive Mode (198,51,100,7,4,1)");
        control.ClientSends("RETR pic.png\r\n"u8.ToArray());
        TcpConversation passive = recording.Connect(50000, 1025);
        control.ServerSends("150 opening\r\n"u8.ToArray());
        passive.ServerSends(Picture);
        passive.Close();
        control.ServerSends("226 done\r\n"u8.ToArray());
        Say(control, "PORT 10,1,2,3,31,64", "200 ok");
        Say(control, "STOR up.txt", "150 go on");
        TcpConversation active = recording.Connect(0xC6336407, 20, 0x0A010203, 8000);
        active.ServerSends("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        active.Close();
        control.ServerSends("226 done\r\n"u8.ToArray());
        control.Close();
        recording.Save(_workspace.PathOf("a.pcap"));
        IReadOnlyList<JsonNode> events = await Run();

        Assert.Equal(
            [$"ftp-data|pic.png|RETR|/pub/pic.png|5000|{Http.Sha1(Picture)}", $"ftp-data|up.txt|STOR|/pub/up.txt|27|{Http.Sha1(Upload)}"],
            Store.Ask(_workspace, "SELECT protocol, sent_name, method, uri, size, sha1 FROM files ORDER BY file_id")
        );
        Assert.Equal(["ftp", "ftp-data", "ftp-data"], Store.Ask(_workspace, "SELECT service FROM flows ORDER BY service"));
        Assert.Contains("ftp-data pic.png 1 nil alice nil 5000 true", _prints);
        JsonNode file = events.First(e => (string?)e["event_type"] == "fileinfo");
        Assert.Equal(("ftp-data", "RETR"), ((string?)file["app_proto"], (string?)file["ftp_data"]!["command"]));
        Assert.Equal(
            [
                "||220|ready||",
                "USER|alice|230|in||",
                "CWD|/pub|250|ok||",
                "PASV||227|Entering Passive Mode (198,51,100,7,4,1)|1025|",
                "RETR|pic.png|150,226|opening,done||",
                "PORT|10,1,2,3,31,64|200|ok|8000|active",
                "STOR|up.txt|150,226|go on,done||",
            ],
            Events(events, "ftp")
                .Select(e =>
                    $"{e["command"]}|{e["command_data"]}|{List(e["completion_code"])}|{List(e["reply"])}|{e["dynamic_port"]}|{e["mode"]}"
                )
        );
        Assert.All(Events(events, "ftp"), e => Assert.Equal(("yes", false), ((string?)e["reply_received"], (bool)e["reply_truncated"]!)));
        Assert.Equal(["pic.png RETR", "up.txt STOR"], Events(events, "ftp_data").Select(e => $"{e["filename"]} {e["command"]}"));
        Assert.Empty(Events(events, "alert"));
    }

    [Fact]
    public async Task Ftp_NamingTheAddressOfAnother_RaisesOneAlert()
    {
        var recording = new Recording();
        TcpConversation control = recording.Connect(serverPort: 21);
        control.ServerSends("220 FTP\r\n"u8.ToArray());
        Say(control, "PORT 192,0,2,9,0,25", "200 ok");
        Say(control, "PORT 192,0,2,10,0,25", "200 ok");
        control.Close();
        recording.Save(_workspace.PathOf("a.pcap"));
        IReadOnlyList<JsonNode> events = await Run();

        JsonNode alert = Assert.Single(events, e => (string?)e["event_type"] == "alert");
        Assert.Equal(
            ("10.1.2.3", "ftp-bounce", "FTP: PORT names 192.0.2.9 port 25, which is not the client"),
            ((string?)alert["src_ip"], (string?)alert["alert"]!["metadata"]!["signature_key"]![0], (string?)alert["alert"]!["signature"])
        );
        Assert.Equal(["ftp-bounce|2"], Store.Ask(_workspace, "SELECT key, priority FROM alerts"));
    }

    [Fact]
    public async Task Form_IsSplitIntoItsFiles_BesideTheWholeBody()
    {
        byte[] body =
        [
            .. "--X\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n"u8,
            .. "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"pic.png\"\r\nContent-Type: image/png\r\n\r\n"u8,
            .. Picture,
            .. "\r\n--X--\r\n"u8,
        ];
        Recording.Of(Http.Post("/up", body, "multipart/form-data; boundary=X"), Http.Ok([1])).Save(_workspace.PathOf("a.pcap"));
        await Run();

        Assert.Contains(
            $"http|pic.png|image/png|/up|5000|{Http.Sha1(Picture)}",
            Store.Ask(_workspace, "SELECT protocol, coalesce(sent_name, ''), content_type, uri, size, sha1 FROM files")
        );
        Assert.Equal(["3"], Store.Ask(_workspace, "SELECT count(*) FROM files"));
        Assert.Contains("http pic.png 0 image/png nil nil 5000 true", _prints);
        Assert.Equal(3, _prints.Length);
    }

    private static JsonNode[] Events(IEnumerable<JsonNode> events, string type) =>
        [.. events.Where(e => (string?)e["event_type"] == type).Select(e => e[type]!)];

    private static string List(JsonNode? list) => string.Join(',', list!.AsArray());

    private static byte[] Upload => "GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray();

    private string[] _prints = [];

    private static void Say(TcpConversation control, string command, string reply)
    {
        control.ClientSends(Encoding.ASCII.GetBytes(command + "\r\n"));
        control.ServerSends(Encoding.ASCII.GetBytes(reply + "\r\n"));
    }

    private async Task<IReadOnlyList<JsonNode>> Run()
    {
        _workspace.Write(
            "files.lua",
            """
            TrisulPlugin = { id = { name = 'files', description = '' },
              filex_monitor = { onfile = function(engine, ts, flow, path, f, length, is_chunk)
                local there = io.open(path, 'rb') ~= nil
                print(f.protocol .. ' ' .. f.name .. ' ' .. f.direction .. ' ' .. tostring(f.content_type) .. ' ' .. tostring(f.sender or f.user)
                  .. ' ' .. tostring(f.subject) .. ' ' .. length .. ' ' .. tostring(there))
              end } }
            """
        );
        Outcome run = (
            await Probe.Run(
                _workspace,
                "-r",
                _workspace.PathOf("a.pcap"),
                "-s",
                _workspace.PathOf("files.lua"),
                "-x",
                _workspace.PathOf("files"),
                "--eve",
                _workspace.PathOf("eve.json"),
                "--json"
            )
        ).MustExit(0);
        _prints = run.Prints;
        return [.. File.ReadLines(_workspace.PathOf("eve.json")).Select(line => JsonNode.Parse(line)!)];
    }
}
