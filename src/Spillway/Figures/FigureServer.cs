using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Spillway.Figures;

/// <summary>
/// Serves figures and health to whoever watches: <c>/metrics</c> for Prometheus, <c>/healthz</c> (200 while lanes go on),
/// <c>/readyz</c> (200 while packets are taken). Reads counters that lanes own and takes nothing from them; nothing can be changed by it.
/// </summary>
internal sealed class FigureServer : IDisposable
{
    private const int MaxConnections = 64;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly WebApplication _application;

    private FigureServer(WebApplication application) => _application = application;

    /// <summary>Begins to serve.</summary>
    /// <param name="address">Where.</param>
    /// <param name="figures">The figures at this moment; on any thread, one call at a time.</param>
    /// <param name="health">How the run is; likewise.</param>
    /// <exception cref="IOException">The address cannot be had.</exception>
    public static FigureServer Start(IPEndPoint address, Func<IEnumerable<Figure>> figures, Func<Health> health)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder
            .WebHost.UseKestrelCore()
            .ConfigureKestrel(kestrel =>
            {
                kestrel.AddServerHeader = false;
                kestrel.Limits.MaxConcurrentConnections = MaxConnections;
                kestrel.Listen(address);
            });
        WebApplication application = builder.Build();
        var gate = new Lock();
        application.Run(context =>
        {
            lock (gate)
                return Answer(context, figures, health);
        });
        try
        {
            application.StartAsync().Wait();
        }
        catch (AggregateException exception) when (exception.InnerException is IOException or System.Net.Sockets.SocketException)
        {
            throw new IOException(
                $"figures cannot be served at {address}: {exception.InnerException.Message.TrimEnd('.')}; give --http another address",
                exception
            );
        }

        return new FigureServer(application);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        using var limit = new CancellationTokenSource(Patience);
        _application.StopAsync(limit.Token).Wait();
        ((IDisposable)_application).Dispose();
    }

    private static Task Answer(HttpContext context, Func<IEnumerable<Figure>> figures, Func<Health> health)
    {
        if (context.Request.Method is not ("GET" or "HEAD"))
            return Text(context, StatusCodes.Status405MethodNotAllowed, "only GET");
        switch (context.Request.Path.Value)
        {
            case "/metrics":
                context.Response.ContentType = FigureText.MediaType;
                return context.Response.WriteAsync(FigureText.Write(figures()));
            case "/healthz":
                Health alive = health();
                return Text(context, alive.IsAlive ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, alive.Word);
            case "/readyz":
                Health ready = health();
                return Text(
                    context,
                    ready is { IsAlive: true, IsReady: true } ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable,
                    string.Join('\n', [ready.Word, .. ready.Reasons])
                );
            default:
                return Text(context, StatusCodes.Status404NotFound, "there are /metrics, /healthz and /readyz");
        }
    }

    private static Task Text(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text + "\n");
    }
}
