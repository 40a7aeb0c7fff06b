using System.Diagnostics.Metrics;
using Spillway.Figures;

namespace Spillway.Telemetry;

/// <summary>
/// The figures of a run as instruments of <see cref="Meter"/>, by the names that Prometheus sees. They are read when somebody listens, all
/// at once: a collection that asks for each instrument gets values of one moment.
/// </summary>
internal sealed class FigureMeter : IDisposable
{
    /// <summary>The meter's name, and that of traces.</summary>
    public const string Name = "Spillway";

    private static readonly long FreshMs = 250;

    private readonly Meter _meter = new(Name, Scripting.ScriptEnvironment.ProgramVersion);
    private readonly Func<IEnumerable<Figure>> _read;
    private readonly Lock _gate = new();
    private Dictionary<string, Figure> _latest = [];
    private long _readAt = long.MinValue;

    /// <summary>Makes the instruments.</summary>
    /// <param name="read">The figures at this moment; one call at a time.</param>
    public FigureMeter(Func<IEnumerable<Figure>> read)
    {
        _read = read;
        foreach (Figure figure in Latest().Values)
        {
            string name = FigureText.Prefix + figure.Name;
            if (figure.Kind == FigureKind.Counter)
                _meter.CreateObservableCounter(name, () => Measure(figure.Name), unit: null, figure.Help);
            else
                _meter.CreateObservableGauge(name, () => Measure(figure.Name), unit: null, figure.Help);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<double>> Measure(string name) =>
        Latest().TryGetValue(name, out Figure? figure)
            ? figure.Samples.Select(sample => new Measurement<double>(
                sample.Value,
                sample.Labels.Select(label => new KeyValuePair<string, object?>(label.Name, label.Value))
            ))
            : [];

    private Dictionary<string, Figure> Latest()
    {
        lock (_gate)
        {
            if (_readAt == long.MinValue || Environment.TickCount64 - _readAt > FreshMs)
            {
                _latest = _read().ToDictionary(figure => figure.Name);
                _readAt = Environment.TickCount64;
            }

            return _latest;
        }
    }
}
