using System.Net;

namespace Spillway.Web;

/// <summary>Where pages are served, of what, and to whom.</summary>
public sealed record WebOptions
{
    /// <summary>Where; port 0 takes a free one.</summary>
    public IPEndPoint Address { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>Directory of the run, or its store.</summary>
    public string Place { get; init; } = ".";

    /// <summary>Where packets were stored; null for nowhere.</summary>
    public string? Packets { get; init; }

    /// <summary>Where extracted files are kept; null for nowhere.</summary>
    public string? Files { get; init; }

    /// <summary>Certificate in PEM; null serves without TLS.</summary>
    public string? Certificate { get; init; }

    /// <summary>Its key in PEM; null if the certificate's file has it.</summary>
    public string? Key { get; init; }

    /// <summary>File of users and their passwords; null lets in whoever has the token.</summary>
    public string? Users { get; init; }

    /// <summary>How long a part of a page may ask the store.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Version of the program.</summary>
    public string Version { get; init; } = "";

    /// <summary>Whether others than this machine can reach it.</summary>
    public bool IsExposed => !IPAddress.IsLoopback(Address.Address);
}

/// <summary>Pages cannot be served so; the message says why and what to do.</summary>
public sealed class WebException(string message) : Exception(message);
