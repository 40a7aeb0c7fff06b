using System.Globalization;

namespace Spillway.Net.Protocols.Tls;

/// <summary>Versions of the protocol as they stand on the wire.</summary>
public static class TlsVersion
{
    // Drafts of RFC 8446 are 0x7f00 and their number. Facebook's servers had versions of their own at that time: 0xfb00 and the draft.
    private const int Draft = 0x7f00,
        FacebookDraft = 0xfb00;

    private const int LastDraftWithShortServerHello = 21,
        FirstDraftWithVersion = 16,
        LastDraft = 28;

    /// <summary>
    /// The usual name, as Suricata writes it: <c>TLSv1</c>, <c>TLS 1.2</c>, <c>TLS 1.3 draft-28</c>; the number in hexadecimal for an
    /// unknown version.
    /// </summary>
    /// <param name="version">As on the wire.</param>
    public static string NameOf(ushort version)
    {
        int draft = version & 0xff;
        return (version & 0xff00) switch
        {
            Draft when draft is > 0 and < FirstDraftWithVersion => "TLS 1.3 draft-<16",
            Draft when draft is >= FirstDraftWithVersion and <= LastDraft => string.Create(
                CultureInfo.InvariantCulture,
                $"TLS 1.3 draft-{draft}"
            ),
            FacebookDraft when draft is >= FirstDraftWithVersion and <= LastDraft => string.Create(
                CultureInfo.InvariantCulture,
                $"TLS 1.3 draft-{draft}-fb"
            ),
            _ => version switch
            {
                0x0002 => "SSLv2",
                0x0300 => "SSLv3",
                0x0301 => "TLSv1",
                0x0302 => "TLS 1.1",
                0x0303 => "TLS 1.2",
                0x0304 => "TLS 1.3",
                _ => string.Create(CultureInfo.InvariantCulture, $"0x{version:x4}"),
            },
        };
    }

    /// <summary>
    /// Whether a server hello of this version has neither a session id nor a compression method: so it was up to draft 21 of TLS 1.3.
    /// </summary>
    internal static bool IsDraftWithShortServerHello(ushort version) =>
        (version & 0xff00) is Draft or FacebookDraft && (version & 0xff) is > 0 and <= LastDraftWithShortServerHello;
}
