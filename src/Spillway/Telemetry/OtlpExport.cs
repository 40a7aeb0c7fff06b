using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Spillway.Telemetry;

/// <summary>
/// Sends figures and traces to a receiver by OTLP (HTTP, protobuf), on threads of its own. A receiver that is slow or away costs what was
/// for it, and nothing else.
/// </summary>
internal sealed class OtlpExport : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly FigureMeter _figures;
    private readonly MeterProvider _meters;
    private readonly TracerProvider? _traces;

    private OtlpExport(FigureMeter figures, MeterProvider meters, TracerProvider? traces) =>
        (_figures, _meters, _traces) = (figures, meters, traces);

    /// <summary>Begins.</summary>
    /// <param name="options">Where to, and how much.</param>
    /// <param name="figures">The figures at this moment; one call at a time.</param>
    public static OtlpExport Start(TelemetryOptions options, Func<IEnumerable<Figure>> figures)
    {
        ResourceBuilder resource = ResourceBuilder
            .CreateDefault()
            .AddService("spillway", serviceVersion: Scripting.ScriptEnvironment.ProgramVersion, serviceInstanceId: Environment.MachineName);
        var meter = new FigureMeter(figures);
        MeterProvider meters = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(FigureMeter.Name)
            .AddOtlpExporter(
                (exporter, reader) =>
                {
                    Direct(exporter, options.Receiver, "v1/metrics");
                    reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)options.Interval.TotalMilliseconds;
                }
            )
            .Build();
        TracerProvider? traces =
            options.TraceSample <= 0
                ? null
                : Sdk.CreateTracerProviderBuilder()
                    .SetResourceBuilder(resource)
                    .SetSampler(new AlwaysOnSampler()) // what is not sampled has no activity
                    .AddSource(FigureMeter.Name)
                    .AddOtlpExporter(exporter => Direct(exporter, options.Receiver, "v1/traces"))
                    .Build();
        return new OtlpExport(meter, meters, traces);
    }

    /// <summary>Sends what there is, if it goes quickly.</summary>
    public void Dispose()
    {
        _traces?.ForceFlush((int)Patience.TotalMilliseconds);
        _traces?.Dispose();
        _meters.ForceFlush((int)Patience.TotalMilliseconds);
        _meters.Dispose();
        _figures.Dispose();
    }

    private static void Direct(OtlpExporterOptions exporter, Uri receiver, string path)
    {
        exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = new Uri(new Uri(receiver.AbsoluteUri.TrimEnd('/') + "/"), path);
        exporter.TimeoutMilliseconds = (int)Patience.TotalMilliseconds;
    }
}
