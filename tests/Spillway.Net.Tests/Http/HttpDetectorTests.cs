using System.Reflection;
using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Net.Protocols.Http;

namespace Spillway.Net.Tests.Http;

public class HttpDetectorTests
{
    private static readonly string[] Pieces =
    [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "POST /x HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc",
        "\r\n",
        "\n",
        "220 mail ready\r\n",
        "EHLO a\r\n",
        "G",
        "GE",
        "HTTP",
        "HTTP/1.",
        "SSH-2.0-x\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\x16\x03\x01\x02",
        "\0\0\0\0",
        "noise without end ",
        "x GET / HTTP/1.1\r\n\r\n",
    ];

    [Fact]
    public void Detector_BeforeAConnection_ChangesNothing()
    {
        int found = 0;
        int refused = 0;
        for (int seed = 0; seed < 3000; seed++)
        {
            var limits = new HttpLimits { ProbeBytes = 200, MidstreamProbeBytes = 400 };
            Flow flow = NewFlow(isFromStart: seed % 3 != 0);
            var alone = new Subject(flow, limits, isDetected: false);
            var detected = new Subject(flow, limits, isDetected: true);
            Feed(new Random(seed), alone, detected);

            Assert.True(
                alone.Recorder.Messages.Select(m => m.ToString()).SequenceEqual(detected.Recorder.Messages.Select(m => m.ToString())),
                $"seed {seed}"
            );
            Assert.True(CountsOf(alone) == CountsOf(detected), $"seed {seed}\n{CountsOf(alone)}\n{CountsOf(detected)}");
            if (alone.Recorder.Messages.Count > 0)
                found++;
            refused += (int)alone.Observer.Statistics.NotHttp;
        }

        Assert.True(found > 500 && refused > 100, $"{found} with HTTP, {refused} without: the test shows nothing");
    }

    [Fact]
    public void Detector_BytesOfAnUnknownProtocol_NeedsNoConnectionUntilTheLimit()
    {
        var observer = new HttpObserver(new HttpLimits { ProbeBytes = 100 });
        Flow flow = NewFlow(isFromStart: true);
        ProtocolSearch search = default;

        for (int i = 0; i < 9; i++)
            Assert.Equal(
                HttpDetection.Continue,
                HttpDetector.OnData(ref search, flow, observer, StreamDirection.ClientToServer, new byte[11])
            );
        Assert.Equal(HttpDetection.NotHttp, HttpDetector.OnData(ref search, flow, observer, StreamDirection.ClientToServer, new byte[11]));
        Assert.Equal(1, observer.Statistics.NotHttp);
    }

    private static void Feed(Random random, Subject alone, Subject detected)
    {
        int steps = random.Next(1, 25);
        for (int step = 0; step < steps; step++)
        {
            var direction = (StreamDirection)random.Next(2);
            int what = step == 0 ? 2 : random.Next(30);
            byte[] data = Encoding.Latin1.GetBytes(Pieces[random.Next(Pieces.Length)]);
            if (random.Next(3) == 0)
                data = data[..random.Next(1, data.Length + 1)];
            foreach (Subject subject in (ReadOnlySpan<Subject>)[alone, detected])
            {
                if (what == 0)
                    subject.OnGap(direction, 7);
                else if (what == 1)
                    subject.OnEnd(direction);
                else
                    subject.OnData(direction, data);
            }
        }

        alone.Close();
        detected.Close();
    }

    private static Flow NewFlow(bool isFromStart)
    {
        FlowKey key = FlowKey.Create(1, 40000, 2, 80, protocol: 6, version: 4, out _);
        return new Flow(in key, number: 1, timestampNs: 0) { State = FlowState.Init | (isFromStart ? FlowState.SeenSyn : 0) };
    }

    private static string CountsOf(Subject subject) =>
        string.Join(
            ' ',
            typeof(HttpStatistics)
                .GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Select(property => $"{property.Name}={property.GetValue(subject.Observer.Statistics)}")
        );

    /// <summary>A connection, by itself or behind a detector.</summary>
    private sealed class Subject(Flow flow, HttpLimits limits, bool isDetected)
    {
        private readonly long[] _end = new long[2];
        private ProtocolSearch _search;
        private HttpConnection<HttpRecorder>? _connection;
        private bool _isOver;

        public HttpRecorder Recorder { get; } = new();

        public HttpObserver Observer { get; } = new(limits);

        public void OnData(StreamDirection direction, byte[] data)
        {
            long offset = _end[(int)direction];
            _end[(int)direction] += data.Length;
            if (_isOver)
                return;
            if (_connection is null && isDetected)
            {
                HttpDetection detection = HttpDetector.OnData(ref _search, flow, Observer, direction, data);
                _isOver = detection == HttpDetection.NotHttp;
                if (detection != HttpDetection.Found)
                    return;
                _connection = new HttpConnection<HttpRecorder>(flow, Recorder, Observer, in _search);
            }

            _connection ??= new HttpConnection<HttpRecorder>(flow, Recorder, Observer);
            _connection.OnData(direction, offset, _end[1 - (int)direction], data);
        }

        public void OnGap(StreamDirection direction, long length)
        {
            _end[(int)direction] += length;
            if (_isOver)
                return;
            if (_connection is { } connection)
                connection.OnGap(direction, length);
            else
                HttpDetector.OnGap(ref _search, Observer, direction, length);
        }

        public void OnEnd(StreamDirection direction)
        {
            if (_connection is { } connection)
                connection.OnEnd(direction);
            else
                HttpDetector.OnEnd(ref _search, direction);
        }

        public void Close() => _connection?.Close();
    }
}
