using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;

namespace Spillway.Web.Security;

/// <summary>
/// The names under which the pages may be asked for. A site that leads its own name to this address (DNS rebinding) would be of the same
/// origin as the pages: its name is in the request's Host, and is refused.
/// </summary>
/// <param name="certificate">The certificate, whose names are taken; null without TLS.</param>
internal sealed class HostNames(X509Certificate2? certificate)
{
    /// <summary>Whether a request names us.</summary>
    public bool Takes(HostString host)
    {
        string name = host.Host.Trim('[', ']');
        return name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || IPAddress.TryParse(name, out _)
            || (certificate is not null && certificate.MatchesHostname(name));
    }
}
