using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Spillway.Metrics.Figures;

namespace Spillway.Web.Live;

/// <summary>
/// Tells browsers once a second how the run is. The figures are read once for all of them, and not at all while nobody looks; a browser
/// that does not read misses messages and holds nothing up.
/// </summary>
internal sealed class LiveHub : IDisposable
{
    /// <summary>Most browsers that follow the run at a time.</summary>
    public const int MaxStreams = 64;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Func<IProbe?> _probe;
    private readonly Func<string?> _storeMark;
    private readonly List<Channel<string>> _streams = [];
    private readonly Timer _timer;
    private readonly Lock _gate = new();
    private readonly Lock _turn = new();
    private (long At, double Packets, double Bytes)? _last;
    private string? _message;
    private long _messageAt;

    /// <summary>Makes a hub.</summary>
    /// <param name="probe">The run.</param>
    /// <param name="storeMark">Something that changes when the store has something new.</param>
    public LiveHub(Func<IProbe?> probe, Func<string?> storeMark)
    {
        _probe = probe;
        _storeMark = storeMark;
        _timer = new Timer(_ => Turn());
    }

    /// <summary>Begins to report to one more; null if too many follow already.</summary>
    public ChannelReader<string>? Join(out Action leave)
    {
        var stream = Channel.CreateBounded<string>(new BoundedChannelOptions(4) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_gate)
        {
            if (_streams.Count >= MaxStreams)
            {
                leave = static () => { };
                return null;
            }

            _streams.Add(stream);
            if (_streams.Count == 1)
                _timer.Change(TimeSpan.Zero, Period);
        }

        leave = () => Leave(stream);
        return stream.Reader;
    }

    /// <summary>The message of this moment.</summary>
    public string Message()
    {
        lock (_turn)
        {
            long now = Stopwatch.GetTimestamp();
            if (_message is null || Stopwatch.GetElapsedTime(_messageAt, now) > Period / 2)
                (_message, _messageAt) = (Compose(now), now);
            return _message;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        lock (_gate)
        {
            foreach (Channel<string> stream in _streams)
                stream.Writer.TryComplete();
            _streams.Clear();
        }
    }

    private void Leave(Channel<string> stream)
    {
        lock (_gate)
        {
            _streams.Remove(stream);
            if (_streams.Count == 0)
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private void Turn()
    {
        string message = Message();
        lock (_gate)
        {
            foreach (Channel<string> stream in _streams)
                stream.Writer.TryWrite(message);
        }
    }

    private string Compose(long now)
    {
        IProbe? probe = _probe();
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("store", _storeMark());
            json.WriteBoolean("running", probe is { IsRunning: true });
            json.WriteString("state", probe?.State ?? "no run in this process");
            if (probe is not null)
                Write(json, probe, now);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private void Write(Utf8JsonWriter json, IProbe probe, long now)
    {
        Dictionary<string, Figure> figures = [];
        foreach (Figure figure in probe.Figures())
            figures.TryAdd(figure.Name, figure);
        double packets = Sum("packets_total"),
            bytes = Sum("bytes_total"),
            lost = Sum("lost_packets_total");
        double seconds = _last is { } last ? Stopwatch.GetElapsedTime(last.At, now).TotalSeconds : 0;
        double packetRate = seconds > 0 ? Math.Max(0, packets - _last!.Value.Packets) / seconds : 0,
            byteRate = seconds > 0 ? Math.Max(0, bytes - _last!.Value.Bytes) / seconds : 0;
        _last = (now, packets, bytes);
        Health health = probe.Health();
        json.WriteString("health", health.Word);
        json.WriteString("reasons", string.Join("; ", health.Reasons));
        json.WriteStartObject("figures");
        Number("packets", packets, Units.Count((long)packets));
        Number("bytes", bytes, Units.Bytes(bytes));
        Number("packet_rate", packetRate, Units.Value(Math.Round(packetRate), "packets/s"));
        Number("bit_rate", byteRate * 8, Units.BitRate(byteRate * 8));
        Number("lost", lost, Units.Count((long)lost));
        double all = packets + lost;
        Number("lost_share", all > 0 ? lost / all : 0, Percent(all > 0 ? lost / all : 0));
        Number("flows_open", Sum("flows_open"), Units.Count((long)Sum("flows_open")));
        Number("tasks_waiting", Sum("tasks_waiting"), Units.Count((long)Sum("tasks_waiting")));
        Number("tasks_running", Sum("workers_busy"), Units.Count((long)Sum("workers_busy")));
        Number("tasks_failed", Failures(), Units.Count((long)Failures()));
        Number("script_errors", Sum("script_errors_total"), Units.Count((long)Sum("script_errors_total")));
        Number("memory", Sum("resident_memory_bytes"), Units.Bytes(Sum("resident_memory_bytes")));
        json.WriteEndObject();

        double Sum(string name) => figures.TryGetValue(name, out Figure? figure) ? figure.Samples.Sum(sample => sample.Value) : 0;

        double Failures() =>
            figures.TryGetValue("tasks_total", out Figure? tasks)
                ? tasks
                    .Samples.Where(sample => sample.Labels.Any(label => label.Value is "failed" or "timed_out" or "dropped"))
                    .Sum(sample => sample.Value)
                : 0;

        void Number(string name, double value, string text)
        {
            json.WriteStartObject(name);
            json.WriteNumber("value", value);
            json.WriteString("text", text);
            json.WriteEndObject();
        }
    }

    private static string Percent(double share) => share.ToString("0.00 %", System.Globalization.CultureInfo.InvariantCulture);
}
