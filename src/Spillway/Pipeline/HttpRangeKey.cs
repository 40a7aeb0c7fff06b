using System.Globalization;
using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Protocols.Http;

namespace Spillway.Pipeline;

/// <summary>
/// What ranges must have in common to be of one file: both hosts, the URL, the length and a strong validator (RFC 9110, section 15.3.7.3).
/// </summary>
/// <param name="Client">Address of the client.</param>
/// <param name="Server">Address of the server.</param>
/// <param name="Scope">Scope of the flow's key.</param>
/// <param name="Port">Port of the server.</param>
/// <param name="Host">Host as the request names it.</param>
/// <param name="Target">Request target.</param>
/// <param name="Validator">What tells this content of the URL from others.</param>
/// <param name="Length">Bytes of the file.</param>
internal readonly record struct HttpRangeKey(
    UInt128 Client,
    UInt128 Server,
    ushort Scope,
    ushort Port,
    string Host,
    string Target,
    string Validator,
    long Length
)
{
    /// <summary>Bytes of host, target and validator of a file that is joined.</summary>
    public const int MaxTextBytes = 8192;

    /// <summary>The key of the ranges of a response; null if its request is not known.</summary>
    /// <param name="transaction">The response's transaction.</param>
    /// <param name="isReversed">Whether the client is the other end than the flow has it.</param>
    /// <param name="validator">See <see cref="ValidatorOf"/>.</param>
    /// <param name="length">Bytes of the file.</param>
    public static HttpRangeKey? Of(HttpTransaction transaction, bool isReversed, string validator, long length)
    {
        if (transaction.Request is not { } request || request.Host.Length + request.Target.Length + validator.Length > MaxTextBytes)
            return null;
        Flow flow = transaction.Flow;
        bool clientIsA = flow.ClientIsA != isReversed;
        return new HttpRangeKey(
            clientIsA ? flow.Key.AddressA : flow.Key.AddressZ,
            clientIsA ? flow.Key.AddressZ : flow.Key.AddressA,
            flow.Key.Scope,
            clientIsA ? flow.Key.PortZ : flow.Key.PortA,
            Encoding.Latin1.GetString(request.Host),
            Encoding.Latin1.GetString(request.Target),
            validator,
            length
        );
    }

    /// <summary>
    /// The strong validator of a response: its entity tag, else when it was last modified, if its own date shows that nothing may have
    /// changed since within the same second (RFC 9110, section 8.8). Null if it has none.
    /// </summary>
    public static string? ValidatorOf(HttpHeader response)
    {
        string tag = response.TryGetValue("ETag"u8, out ReadOnlySpan<byte> value) ? Encoding.Latin1.GetString(value) : "";
        if (tag.StartsWith('"'))
            return tag;
        if (!response.TryGetValue("Last-Modified"u8, out ReadOnlySpan<byte> modified) || TimeOf(modified) is not { } time)
            return null;
        if (response.TryGetValue("Date"u8, out ReadOnlySpan<byte> date) && TimeOf(date) is { } now && now - time < TimeSpan.FromSeconds(1))
            return null;
        return $"{time:R} {tag}";
    }

    private static DateTimeOffset? TimeOf(ReadOnlySpan<byte> field) =>
        DateTimeOffset.TryParse(
            Encoding.Latin1.GetString(field),
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out DateTimeOffset time
        )
            ? time
            : null;
}
