using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Spillway.Web;

/// <summary>The style, the script and the icon, under names that change with them, so that browsers keep them.</summary>
internal sealed class Assets
{
    private static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal)
    {
        ["app.css"] = "text/css; charset=utf-8",
        ["app.js"] = "text/javascript; charset=utf-8",
        ["icon.svg"] = "image/svg+xml",
    };

    private readonly Dictionary<string, byte[]> _contents = Types.Keys.ToDictionary(name => name, Read);

    /// <summary>Makes it.</summary>
    public Assets()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string name in Types.Keys)
            hash.AppendData(_contents[name]);
        Version = Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 6));
    }

    /// <summary>Part of their paths.</summary>
    public string Version { get; }

    /// <summary>Answers <c>/assets/VERSION/NAME</c>.</summary>
    public async Task Answer(HttpContext context, string path)
    {
        string name = path[(path.LastIndexOf('/') + 1)..];
        if (!_contents.TryGetValue(name, out byte[]? content))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        context.Response.ContentType = Types[name];
        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        context.Response.ContentLength = content.Length;
        await context.Response.Body.WriteAsync(content, context.RequestAborted);
    }

    private static byte[] Read(string name)
    {
        using Stream stream = typeof(Assets).Assembly.GetManifestResourceStream(name)!;
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
