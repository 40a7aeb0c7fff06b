using System.Text;

namespace Spillway.Net.Tests.Http.Pairing;

/// <summary>
/// A client and a server of HTTP on one connection over a network without loss, as a tap near the client sees them. Each response names the
/// request that it answers; bodies hold what looks like messages.
/// </summary>
public sealed class Talk
{
    private const int SegmentBytes = 1460;

    private readonly TalkOptions _options;
    private readonly Random _random;
    private readonly PriorityQueue<Action, (double, int)> _events = new();
    private readonly List<TalkPacket> _packets = [];
    private readonly Peer _client = new(isClient: true);
    private readonly Peer _server = new(isClient: false);
    private readonly Queue<(long End, byte[] Interim, byte[] Final)> _work = [];
    private double _now;
    private int _order;
    private int _sent;
    private int _answered;
    private int _round = 1;
    private bool _isBusy;

    private Talk(TalkOptions options)
    {
        _options = options;
        _random = new Random(options.Seed);
    }

    /// <summary>The packets as the capture has them.</summary>
    public static List<TalkPacket> Capture(TalkOptions options)
    {
        var talk = new Talk(options);
        talk.Run();
        return talk.Spoil();
    }

    /// <summary>The request that a target or a response's field names.</summary>
    public static string NameOf(int request) => $"/f{request}.bin";

    private void Run()
    {
        Record(true, new TalkPacket(_now, true, -1, -1, [], IsSyn: true), 0);
        Record(false, new TalkPacket(_now, false, -1, 0, [], IsSyn: true), 2 * _options.DelayMs);
        At(
            2 * _options.DelayMs,
            () =>
            {
                Acknowledge(_client);
                SendRequests();
            }
        );
        while (_events.TryDequeue(out Action? action, out (double Time, int) key))
        {
            _now = key.Time;
            action();
        }

        _now += _options.DelayMs;
        Record(true, new TalkPacket(_now, true, _client.Sent, _client.Received, [], IsFin: true), 0);
        Record(false, new TalkPacket(_now, false, _server.Sent, _client.Sent + 1, [], IsFin: true), 2 * _options.DelayMs);
    }

    private void SendRequests()
    {
        int open = _sent - _answered;
        bool isTurn = _options.Style == TalkStyle.Overlapping ? open < 3 : open == 0;
        if (!isTurn || _sent >= _options.Requests)
            return;
        _round = _options.Style switch
        {
            TalkStyle.OneByOne => 1,
            TalkStyle.Rounds => _random.Next(1, 6),
            _ => 3 - open,
        };
        bool together = _random.Next(2) == 0;
        var bytes = new List<byte>();
        for (int i = 0; i < _round && _sent < _options.Requests; i++)
        {
            byte[] request = MakeExchange(_sent++);
            _client.Queued += request.Length;
            if (!together)
                Send(_client, request);
            else
                bytes.AddRange(request);
        }

        if (together)
            Send(_client, [.. bytes]);
    }

    private byte[] MakeExchange(int number)
    {
        int kind = _random.Next(20);
        string name = NameOf(number);
        string method = kind switch
        {
            0 => "HEAD",
            < 4 => "POST",
            _ => "GET",
        };
        byte[] upload = method == "POST" ? Body(number, isRequest: true) : [];
        string length = method == "POST" ? $"Content-Length: {upload.Length}\r\n" : "";
        string cookie = new('c', _random.Next(40));
        string header = $"{method} {name} HTTP/1.1\r\nHost: a.example\r\nCookie: {cookie}\r\n{length}\r\n";
        byte[] request = [.. Encoding.Latin1.GetBytes(header), .. upload];

        byte[] body = Body(number, isRequest: false);
        byte[] interim = _random.Next(12) == 0 ? "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"u8.ToArray() : [];
        bool isChunked = _random.Next(5) == 0;
        (string status, string framing, byte[] content) = _random.Next(12) switch
        {
            0 => ("204 No Content", "", []),
            1 => ("304 Not Modified", "", Array.Empty<byte>()),
            _ => isChunked
                ? ("200 OK", "Transfer-Encoding: chunked\r\n", Chunked(body))
                : ("200 OK", $"Content-Length: {body.Length}\r\n", body),
        };
        byte[] final =
        [
            .. Encoding.Latin1.GetBytes($"HTTP/1.1 {status}\r\nX-For: {name}\r\n{framing}\r\n"),
            .. method == "HEAD" ? [] : content,
        ];
        _work.Enqueue((_client.Queued + request.Length, interim, final));
        return request;
    }

    private byte[] Body(int number, bool isRequest)
    {
        var text = new StringBuilder($"{number};");
        int length = _random.Next(3) == 0 ? _random.Next(20) : _random.Next(_options.MaxBody);
        while (text.Length < length)
        {
            if (_random.Next(4) > 0)
                text.Append('x', _random.Next(1, 800));
            else if (isRequest)
                text.Append("\r\nGET /false HTTP/1.1\r\nHost: b\r\n\r\n");
            else
                text.Append("\r\n\r\nHTTP/1.1 200 OK\r\nX-For: /none\r\nContent-Length: 3\r\n\r\nabc");
        }

        return Encoding.Latin1.GetBytes(text.ToString());
    }

    private byte[] Chunked(byte[] body)
    {
        var chunks = new List<byte>();
        for (int at = 0; at < body.Length; )
        {
            int length = Math.Min(body.Length - at, _random.Next(1, 3000));
            chunks.AddRange(Encoding.Latin1.GetBytes($"{length:x}\r\n"));
            chunks.AddRange(body.AsSpan(at, length));
            chunks.AddRange("\r\n"u8);
            at += length;
        }

        return [.. chunks, .. "0\r\n\r\n"u8];
    }

    private void Serve()
    {
        if (_isBusy || _work.Count == 0 || _server.Received < _work.Peek().End)
            return;
        _isBusy = true;
        (_, byte[] interim, byte[] final) = _work.Dequeue();
        if (interim.Length > 0)
            Send(_server, interim);
        At(
            _options.ServerMs + (_random.NextDouble() * (_random.Next(4) == 0 ? 20 : 1)),
            () =>
            {
                Send(_server, final);
                _server.Ends.Enqueue(_server.Sent);
                _isBusy = false;
                Serve();
            }
        );
    }

    // In segments, a moment apart: the acknowledgment is what has come by then.
    private void Send(Peer peer, byte[] data)
    {
        Peer other = peer.IsClient ? _server : _client;
        for (int at = 0; at < data.Length; at += SegmentBytes)
        {
            byte[] part = data[at..Math.Min(data.Length, at + SegmentBytes)];
            double sent = Math.Max(_now, peer.SentMs) + 0.01;
            peer.SentMs = sent;
            long offset = peer.Sent;
            peer.Sent += part.Length;
            long acknowledged = peer.Received;
            double toTap = peer.IsClient ? 0 : _options.DelayMs;
            _packets.Add(new TalkPacket(sent + toTap, peer.IsClient, offset, acknowledged, part));
            AtTime(sent + _options.DelayMs, () => Receive(other, part.Length));
        }
    }

    private void Receive(Peer peer, int length)
    {
        peer.Received += length;
        if (++peer.Unacknowledged >= 2 || _random.Next(4) == 0)
            Acknowledge(peer);
        if (!peer.IsClient)
        {
            Serve();
            return;
        }

        bool isAnswer = false;
        while (_server.Ends.TryPeek(out long end) && end <= peer.Received)
        {
            _server.Ends.Dequeue();
            _answered++;
            isAnswer = true;
        }

        if (isAnswer)
            SendRequests();
    }

    private void Acknowledge(Peer peer)
    {
        peer.Unacknowledged = 0;
        _packets.Add(new TalkPacket(_now + (peer.IsClient ? 0 : _options.DelayMs), peer.IsClient, peer.Sent, peer.Received, []));
    }

    private List<TalkPacket> Spoil()
    {
        if (_options.Resent > 0)
            Resend();
        List<TalkPacket> sent = [.. _packets.OrderBy(packet => packet.TimeMs)];
        var captured = new List<TalkPacket>();
        int missing = 0;
        foreach (TalkPacket packet in sent.Skip(Math.Max(_options.LostAtStart, (int)(sent.Count * _options.JoinAt))))
        {
            bool mayMiss = !(_options.KeepsHandshake && packet.IsSyn);
            mayMiss &= _options.LostSide == TalkSide.Both || packet.FromClient == (_options.LostSide == TalkSide.Client);
            if (mayMiss && missing == 0 && _random.NextDouble() < _options.Loss)
                missing = _options.Burst;
            if (mayMiss && missing-- > 0)
                continue;
            missing = Math.Max(missing, 0);
            double late =
                (packet.FromClient ? 0 : _options.SkewMs) + (_random.NextDouble() < _options.Reordered ? _random.NextDouble() * 2 : 0);
            TalkPacket seen = packet with { TimeMs = packet.TimeMs + late };
            captured.Add(seen);
            if (_random.NextDouble() < _options.Duplicates)
                captured.Add(seen with { TimeMs = seen.TimeMs + (_random.NextDouble() * 3) });
        }

        return [.. captured.OrderBy(packet => packet.TimeMs)];
    }

    // A segment sent again, before its acknowledgment is there, says what its sender has received by then.
    private void Resend()
    {
        TalkPacket[] sent = [.. _packets.OrderBy(packet => packet.TimeMs)];
        foreach (TalkPacket packet in sent)
        {
            if (packet.Data.Length == 0 || _random.NextDouble() >= _options.Resent)
                continue;
            double end = sent.First(other =>
                other.FromClient != packet.FromClient && other.Acknowledged >= packet.Offset + packet.Data.Length
            ).TimeMs;
            double time = packet.TimeMs + (_random.NextDouble() * (end - packet.TimeMs));
            long acknowledged = sent.Last(other => other.FromClient == packet.FromClient && other.TimeMs <= time).Acknowledged;
            _packets.Add(packet with { TimeMs = time, Acknowledged = Math.Max(acknowledged, packet.Acknowledged) });
        }
    }

    private void Record(bool fromClient, TalkPacket packet, double delay) =>
        _packets.Add(packet with { FromClient = fromClient, TimeMs = _now + delay });

    private void At(double delay, Action action) => AtTime(_now + delay, action);

    private void AtTime(double time, Action action) => _events.Enqueue(action, (time, _order++));

    private sealed class Peer(bool isClient)
    {
        public bool IsClient { get; } = isClient;

        public long Sent { get; set; }

        public long Queued { get; set; }

        public long Received { get; set; }

        public int Unacknowledged { get; set; }

        public double SentMs { get; set; }

        public Queue<long> Ends { get; } = [];
    }
}
