using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Spillway.Web.Live;
using Spillway.Web.Security;

namespace Spillway.Web;

/// <summary>Serves the pages and the API of a store, and of the run in this process if there is one.</summary>
public sealed class WebServer : IDisposable
{
    /// <summary>Most connections at a time.</summary>
    public const int MaxConnections = 256;

    /// <summary>Most bytes of what a browser sends: forms with a note.</summary>
    public const long MaxRequestBytes = 64 << 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly WebApplication _application;
    private readonly Site _site;
    private readonly X509Certificate2? _certificate;

    private WebServer(WebApplication application, Site site, X509Certificate2? certificate)
    {
        _application = application;
        _site = site;
        _certificate = certificate;
    }

    /// <summary>Where it serves.</summary>
    public IPEndPoint Address { get; private set; } = new(IPAddress.None, 0);

    /// <summary>The address to open: with the token, unless there is a list of users.</summary>
    public string Url { get; private set; } = "";

    /// <summary>The run in this process, once there is one.</summary>
    public IProbe? Probe
    {
        get => _site.Probe;
        set => _site.Probe = value;
    }

    /// <summary>Begins to serve.</summary>
    /// <exception cref="WebException">It would not be safe, or cannot be done; the message says what to do.</exception>
    public static WebServer Start(WebOptions options)
    {
        Refuse(options);
        Users? users = options.Users is { } file ? Users.Read(file) : null;
        X509Certificate2? certificate = Load(options);
        int port = 0;
        var gate = new Gate(users, certificate is not null, () => Volatile.Read(ref port));
        var site = new Site(options, gate, new HostNames(certificate));
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        IWebHostBuilder host = builder.WebHost.UseKestrelCore();
        if (certificate is not null)
            host = host.UseKestrelHttpsConfiguration();
        host.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            kestrel.Limits.MaxRequestBodySize = MaxRequestBytes;
            kestrel.Listen(
                options.Address,
                listen =>
                {
                    listen.Protocols = HttpProtocols.Http1AndHttp2;
                    if (certificate is not null)
                        listen.UseHttps(certificate);
                }
            );
        });
        WebApplication application = builder.Build();
        application.Run(site.Answer);
        var server = new WebServer(application, site, certificate);
        try
        {
            application.StartAsync().Wait();
        }
        catch (AggregateException exception) when (exception.InnerException is IOException or System.Net.Sockets.SocketException)
        {
            server.Dispose();
            throw new WebException(
                $"pages cannot be served at {options.Address}: {exception.InnerException.Message.TrimEnd('.')}; give another address"
            );
        }

        string bound = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Volatile.Write(ref port, new Uri(bound).Port);
        server.Address = new IPEndPoint(options.Address.Address, port);
        server.Url = UrlOf(server.Address, certificate, users is null ? gate.Token : null);
        return server;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Streams of browsers end first: the server waits for requests.
        _site.Dispose();
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            _application.StopAsync(limit.Token).Wait();
        }
        catch (AggregateException)
        {
            // It was not begun, or a browser did not let go in time.
        }

        ((IDisposable)_application).Dispose();
        _certificate?.Dispose();
    }

    private static void Refuse(WebOptions options)
    {
        if (!options.IsExposed || (options.Certificate is not null && options.Users is not null))
            return;
        string lacks =
            options.Certificate is null && options.Users is null ? "a certificate and a list of users"
            : options.Certificate is null ? "a certificate"
            : "a list of users";
        throw new WebException(
            $"pages at {options.Address} can be reached from other machines, and that needs {lacks}: give --web-cert FILE.pem "
                + "(with --web-key), and --web-users FILE with lines of 'spillway web-user NAME'; or serve at 127.0.0.1 and come through "
                + $"ssh -L {options.Address.Port}:127.0.0.1:{options.Address.Port} THIS-MACHINE"
        );
    }

    private static X509Certificate2? Load(WebOptions options)
    {
        if (options.Certificate is not { } file)
            return options.Key is null ? null : throw new WebException("--web-key is the key of a certificate: give --web-cert too");
        try
        {
            using X509Certificate2 pem = X509Certificate2.CreateFromPemFile(file, options.Key);
            // A key that is read from PEM is not kept by all platforms' TLS; one from PKCS#12 is.
            return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        }
        catch (Exception exception)
            when (exception
                    is IOException
                        or UnauthorizedAccessException
                        or System.Security.Cryptography.CryptographicException
                        or ArgumentException
            )
        {
            throw new WebException($"--web-cert '{file}' cannot be used: {exception.Message}");
        }
    }

    private static string UrlOf(IPEndPoint address, X509Certificate2? certificate, string? token)
    {
        string scheme = certificate is null ? "http" : "https";
        IPAddress host =
            address.Address.Equals(IPAddress.Any) ? IPAddress.Loopback
            : address.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
            : address.Address;
        return $"{scheme}://{new IPEndPoint(host, address.Port)}/{(token is null ? "" : "?token=" + token)}";
    }
}
