using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Protocols.Http;

namespace Spillway.Net.Tests.Http;

/// <summary>Random conversations: written out, fed in random pieces, with holes, and mutilated. A failure names its seed.</summary>
public class HttpStreamPropertyTests
{
    [Fact]
    public void Conversation_InRandomPieces_ComesOutAsItWentIn()
    {
        for (int seed = 0; seed < 400; seed++)
        {
            Conversation talk = new(seed);
            HttpProbe probe = new();
            talk.FeedInStep(probe);
            probe.Close();

            Assert.True(
                talk.Requests.SequenceEqual(probe.Recorder.Requests.Select(Describe)),
                $"seed {seed}, requests:\n{probe.Recorder.Summary()}"
            );
            Assert.True(
                talk.Responses.SequenceEqual(probe.Recorder.Responses.Select(Describe)),
                $"seed {seed}, responses:\n{probe.Recorder.Summary()}"
            );
            Assert.All(probe.Recorder.Ended, t => Assert.NotNull(t.Response));
            Assert.Equal(0, probe.Statistics.Resynchronisations);
        }
    }

    [Fact]
    public void Conversation_ByteByByte_ComesOutAsItWentIn()
    {
        for (int seed = 0; seed < 40; seed++)
        {
            Conversation talk = new(seed, maxBody: 2000);
            HttpProbe probe = new();
            talk.FeedInStep(probe, maxPiece: 1);
            probe.Close();

            Assert.True(
                talk.Responses.SequenceEqual(probe.Recorder.Responses.Select(Describe)),
                $"seed {seed}:\n{probe.Recorder.Summary()}"
            );
        }
    }

    [Fact]
    public void Conversation_WithAHole_IsWholeAgainFromTheNextMessageOn()
    {
        for (int seed = 0; seed < 600; seed++)
        {
            Random random = new(seed);
            Conversation talk = new(seed, headRequests: false);
            byte[] stream = [.. talk.ResponseBytes.SelectMany(b => b)];
            int from = random.Next(stream.Length - 1);
            int to = Math.Min(stream.Length, from + 1 + random.Next(random.Next(2) == 0 ? 50 : 5000));

            HttpProbe probe = new();
            foreach (byte[] request in talk.RequestBytes)
                probe.Feed(HttpProbe.Out, request);
            int start = 0;
            List<string> expected = [];
            for (int i = 0; i < talk.ResponseBytes.Count; i++)
            {
                // A server writes each message on its own; the network cuts it further.
                byte[] message = talk.ResponseBytes[i];
                FeedRange(probe, random, stream, start, Math.Min(start + message.Length, from));
                if (from >= start && from < start + message.Length)
                    probe.Gap(HttpProbe.In, to - from);
                FeedRange(probe, random, stream, Math.Max(start, to), start + message.Length);
                if (start >= to)
                    expected.Add(talk.Responses[i]);
                start += message.Length;
            }

            probe.Close();
            List<string> actual = [.. probe.Recorder.Responses.Select(Describe)];
            Assert.True(actual.Count >= expected.Count, $"seed {seed}: {actual.Count} of {expected.Count}");
            Assert.True(
                actual.TakeLast(expected.Count).SequenceEqual(expected),
                $"seed {seed}, hole {from}..{to}:\n{probe.Recorder.Summary()}"
            );
            Assert.Equal(to - from, probe.Statistics.MissingBytes);
        }
    }

    [Fact]
    public void Mutated_Conversation_NeverThrowsAndAlwaysEnds()
    {
        HttpLimits limits = new()
        {
            MaxDecodedBodyBytes = 1 << 20,
            MaxHeaderBytes = 4096,
            MaxOutstandingRequests = 16,
        };
        for (int seed = 0; seed < 1500; seed++)
        {
            Random random = new(seed);
            Conversation talk = new(seed, maxBody: 3000);
            byte[] requests = Mutate(random, [.. talk.RequestBytes.SelectMany(b => b)]);
            byte[] responses = Mutate(random, [.. talk.ResponseBytes.SelectMany(b => b)]);
            HttpProbe probe = new(limits, random.Next(2) == 0 ? FlowState.Init : FlowState.SeenSyn);
            int outAt = 0;
            int inAt = 0;
            try
            {
                while (outAt < requests.Length || inAt < responses.Length)
                {
                    bool client = random.Next(3) == 0;
                    byte[] bytes = client ? requests : responses;
                    ref int at = ref client ? ref outAt : ref inAt;
                    int length = Math.Min(random.Next(1, 400), bytes.Length - at);
                    StreamDirection direction = client ? HttpProbe.Out : HttpProbe.In;
                    if (random.Next(60) == 0)
                        probe.Gap(direction, random.Next(5) == 0 ? long.MaxValue : length + 1);
                    else
                        probe.Feed(direction, bytes.AsSpan(at, length));
                    at += length;
                }

                probe.Close();
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed}", e);
            }
        }
    }

    [Fact]
    public void Noise_OfAnyKind_NeverThrows()
    {
        string[] tokens =
        [
            "GET ",
            "POST ",
            "/ ",
            " HTTP/1.1",
            "HTTP/1.1 200 OK",
            "\r\n",
            "\n",
            "\r\n\r\n",
            ":",
            "Content-Length: ",
            "Transfer-Encoding: chunked",
            "0",
            "5",
            "ffff",
            "Content-Encoding: gzip",
            "\u001f\u008b\u0008",
            "HTTP/1.",
            "CONNECT ",
            "18446744073709551616",
            " ",
            "\t",
            "\0",
            "HEAD ",
        ];
        for (int seed = 0; seed < 3000; seed++)
        {
            Random random = new(seed);
            HttpProbe probe = new();
            for (int i = 0; i < 60; i++)
                probe.Feed((StreamDirection)random.Next(2), Encoding.Latin1.GetBytes(tokens[random.Next(tokens.Length)]));
            probe.Close();
        }
    }

    private static string Describe(ObservedMessage message) =>
        $"{message.StartLine}|{Convert.ToHexString(System.Security.Cryptography.SHA1.HashData(message.Body))}|{message.End}";

    private static void FeedRange(HttpProbe probe, Random random, byte[] bytes, int from, int to)
    {
        while (from < to)
        {
            int length = Math.Min(random.Next(1, 1500), to - from);
            probe.Feed(HttpProbe.In, bytes.AsSpan(from, length));
            from += length;
        }
    }

    private static byte[] Mutate(Random random, byte[] bytes)
    {
        List<byte> result = [.. bytes];
        for (int i = random.Next(12); i > 0 && result.Count > 10; i--)
        {
            int at = random.Next(result.Count - 5);
            switch (random.Next(5))
            {
                case 0:
                    result[at] = (byte)random.Next(256);
                    break;
                case 1:
                    result.RemoveRange(at, random.Next(1, Math.Min(100, result.Count - at)));
                    break;
                case 2:
                    result.InsertRange(at, Enumerable.Range(0, random.Next(40)).Select(_ => (byte)random.Next(256)));
                    break;
                case 3:
                    result.InsertRange(at, result.GetRange(at, Math.Min(50, result.Count - at)));
                    break;
                default:
                    result.InsertRange(at, "\r\n"u8.ToArray());
                    break;
            }
        }

        return [.. result];
    }

    /// <summary>Requests and responses, as bytes and as what should be seen of them.</summary>
    private sealed class Conversation
    {
        private static readonly string[] Codings = ["", "", "gzip", "zlib", "br"];
        private readonly Random _random;

        public Conversation(int seed, int maxBody = 20_000, bool headRequests = true)
        {
            _random = new Random(seed);
            int count = _random.Next(1, 8);
            for (int i = 0; i < count; i++)
            {
                bool head = headRequests && _random.Next(8) == 0;
                AddRequest(i, head);
                AddResponse(i, head, last: i == count - 1, maxBody);
            }
        }

        public List<byte[]> RequestBytes { get; } = [];

        public List<byte[]> ResponseBytes { get; } = [];

        public List<string> Requests { get; } = [];

        public List<string> Responses { get; } = [];

        /// <summary>Feeds both directions in pieces, a response never before its request.</summary>
        public void FeedInStep(HttpProbe probe, int maxPiece = 3000)
        {
            byte[] requests = [.. RequestBytes.SelectMany(b => b)];
            byte[] responses = [.. ResponseBytes.SelectMany(b => b)];
            int outAt = 0;
            int inAt = 0;
            while (outAt < requests.Length || inAt < responses.Length)
            {
                bool client = outAt < requests.Length && _random.Next(2) == 0;
                byte[] bytes = client ? requests : responses;
                int end = client ? requests.Length : AllowedUntil(outAt);
                ref int at = ref client ? ref outAt : ref inAt;
                int length = Math.Min(_random.Next(1, maxPiece + 1), end - at);
                if (length <= 0)
                    continue;

                probe.Feed(client ? HttpProbe.Out : HttpProbe.In, bytes.AsSpan(at, length));
                at += length;
            }
        }

        private int AllowedUntil(int requestBytes)
        {
            int allowed = 0;
            for (int i = 0; i < RequestBytes.Count && (requestBytes -= RequestBytes[i].Length) >= 0; i++)
                allowed += ResponseBytes[i].Length;
            return allowed;
        }

        private void AddRequest(int number, bool head)
        {
            string method =
                head ? "HEAD"
                : _random.Next(3) == 0 ? "POST"
                : "GET";
            string line = $"{method} /{number} HTTP/1.1";
            byte[] body = method == "POST" ? Body(2000) : [];
            RequestBytes.Add(Message(line, body, "", method == "POST" ? _random.Next(2) : 2, out string end));
            Requests.Add($"{line}|{Convert.ToHexString(System.Security.Cryptography.SHA1.HashData(body))}|{end}");
        }

        private void AddResponse(int number, bool head, bool last, int maxBody)
        {
            int status = _random.Next(10) switch
            {
                0 => 304,
                1 => 204,
                2 => 404,
                _ => 200,
            };
            string line = $"HTTP/1.1 {status} Number-{number}";
            byte[] body = head || status is 304 or 204 ? [] : Body(maxBody);
            int framing =
                head || status is 304 or 204 ? 2
                : last ? _random.Next(4)
                : _random.Next(2);
            byte[] bytes = Message(line, body, framing == 2 ? "" : Codings[_random.Next(Codings.Length)], framing, out string end);
            if (framing == 2 && !head && status is not (304 or 204))
            {
                body = [];
                end = nameof(HttpBodyEnd.Complete);
            }

            string interim = _random.Next(6) == 0 ? "HTTP/1.1 100 Continue\r\n\r\n" : "";
            ResponseBytes.Add([.. Encoding.Latin1.GetBytes(interim), .. bytes]);
            Responses.Add($"{line}|{Convert.ToHexString(System.Security.Cryptography.SHA1.HashData(body))}|{end}");
        }

        private byte[] Body(int max)
        {
            byte[] body = _random.Next(4) == 0 ? new byte[_random.Next(max)] : HttpCodingTests.Text(_random.Next(max));
            if (_random.Next(3) == 0)
                _random.NextBytes(body);
            return body;
        }

        // Framing: 0 length, 1 chunked, 2 none, 3 until close.
        private byte[] Message(string line, byte[] body, string coding, int framing, out string end)
        {
            byte[] coded = coding.Length == 0 ? body : HttpCodingTests.Encode(coding, body);
            string newline = _random.Next(5) == 0 ? "\n" : "\r\n";
            StringBuilder header = new(line + newline);
            for (int i = _random.Next(6); i > 0; i--)
                header.Append("X-Field-").Append(i).Append(": ").Append('v', _random.Next(60)).Append(newline);
            if (coding.Length > 0)
                header.Append("Content-Encoding: ").Append(coding == "zlib" ? "deflate" : coding).Append(newline);
            if (framing == 0)
                header.Append(_random.Next(2) == 0 ? "Content-Length: " : "content-length:").Append(coded.Length).Append(newline);
            if (framing == 1)
                header.Append("Transfer-Encoding: chunked").Append(newline);
            header.Append(newline);

            List<byte> bytes = [.. Encoding.Latin1.GetBytes(header.ToString())];
            if (framing is 0 or 3)
                bytes.AddRange(coded);
            if (framing == 1)
                AddChunks(bytes, coded, newline);

            end = framing == 2 || (framing == 0 && coded.Length == 0) ? nameof(HttpBodyEnd.NoBody) : nameof(HttpBodyEnd.Complete);
            return [.. bytes];
        }

        private void AddChunks(List<byte> bytes, byte[] body, string newline)
        {
            for (int at = 0; at < body.Length; )
            {
                int length = Math.Min(_random.Next(1, 5000), body.Length - at);
                bytes.AddRange(Encoding.Latin1.GetBytes($"{length:x}{(_random.Next(4) == 0 ? ";ext=1" : "")}{newline}"));
                bytes.AddRange(body.AsSpan(at, length).ToArray());
                bytes.AddRange(Encoding.Latin1.GetBytes(newline));
                at += length;
            }

            bytes.AddRange(Encoding.Latin1.GetBytes($"0{newline}{(_random.Next(4) == 0 ? "T: railer" + newline : "")}{newline}"));
        }
    }
}
