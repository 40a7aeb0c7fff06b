using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Spillway.Net.Packets;

namespace Spillway.Metrics.Intel;

/// <summary>What became of a list's lines.</summary>
/// <param name="Path">The file.</param>
/// <param name="Entries">Entries taken.</param>
/// <param name="BadLines">Lines that are neither empty, nor comments, nor entries.</param>
/// <param name="FirstBad">The first of them: its number from 1, and its text; null if there is none.</param>
public sealed record IntelListReport(string Path, int Entries, int BadLines, (int Number, string Text)? FirstBad);

/// <summary>
/// Reads lists of known-bad things: one a line, with anything behind a comma or tab; CSV whose first column it is; or Zeek's intel format
/// (<c>#fields indicator indicator_type ...</c>, https://docs.zeek.org/en/master/frameworks/intel.html). What an entry is, its form tells.
/// </summary>
public static class IntelReader
{
    private const int MaxShown = 60;
    private const int MaxNote = 200;
    private const int BufferSize = 1 << 16;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    private static readonly SearchValues<char> HostLetters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]"
    );

    private static readonly char[] Separators = [',', '\t', ';'];

    /// <summary>Reads a list into a set.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static IntelListReport Read(string path, IntelSet into)
    {
        ArgumentNullException.ThrowIfNull(into);
        int list = into.AddList(Path.GetFileName(path));
        int before = into.Count,
            bad = 0,
            number = 0;
        (int, string)? firstBad = null;
        (int Indicator, int Type, int Note)? zeek = null;
        using var reader = new StreamReader(path, Encoding.UTF8, detectEncodingFromByteOrderMarks: true, BufferSize);
        while (reader.ReadLine() is { } line)
        {
            number++;
            if (line.StartsWith("#fields", StringComparison.Ordinal))
                zeek = ColumnsOf(line);
            ReadOnlySpan<char> text = line.AsSpan().Trim();
            if (text.IsEmpty || text[0] is '#' or ';')
                continue;
            bool isTaken = zeek is { } columns ? TryZeek(line, columns, list, into) : TryPlain(text, list, into, isFirst: number == 1);
            if (isTaken)
                continue;
            bad++;
            firstBad ??= (number, text.Length > MaxShown ? $"{text[..MaxShown]}..." : text.ToString());
        }

        return new IntelListReport(path, into.Count - before, bad, firstBad);
    }

    private static (int, int, int)? ColumnsOf(string line)
    {
        string[] names = line.Split('\t');
        int indicator = Array.IndexOf(names, "indicator") - 1;
        int note = Array.FindIndex(names, name => name is "meta.desc" or "meta.source") - 1;
        return indicator < 0 ? null : (indicator, Array.IndexOf(names, "indicator_type") - 1, note);
    }

    private static bool TryZeek(string line, (int Indicator, int Type, int Note) columns, int list, IntelSet into)
    {
        string[] fields = line.Split('\t');
        if (columns.Indicator >= fields.Length)
            return false;
        string note = columns.Note >= 0 && columns.Note < fields.Length && fields[columns.Note] != "-" ? fields[columns.Note] : "";
        return TryEntry(fields[columns.Indicator].Trim(), note, list, into);
    }

    private static bool TryPlain(ReadOnlySpan<char> line, int list, IntelSet into, bool isFirst)
    {
        int end = line.IndexOfAny(Separators);
        ReadOnlySpan<char> entry = (end < 0 ? line : line[..end]).Trim().Trim('"');
        ReadOnlySpan<char> note = end < 0 ? default : line[(end + 1)..].Trim().Trim('"');
        // What a hosts file has: an address that leads nowhere, and the name.
        if (end < 0 && entry.IndexOf(' ') is > 0 and var blank)
        {
            ReadOnlySpan<char> first = entry[..blank];
            entry = first is "0.0.0.0" or "127.0.0.1" or "::" or "::1" ? entry[(blank + 1)..].Trim() : first;
            int comment = entry.IndexOfAny(' ', '#');
            entry = comment < 0 ? entry : entry[..comment];
        }

        return TryEntry(entry.ToString(), note.Length > MaxNote ? note[..MaxNote].ToString() : note.ToString(), list, into)
            || (isFirst && end >= 0); // the titles of a CSV file
    }

    private static bool TryEntry(string text, string note, int list, IntelSet into)
    {
        if (text.Length == 0)
            return false;
        if (text.Length is 32 or 40 or 64 && text.AsSpan().IndexOfAnyExcept(HexDigits) < 0)
        {
            into.AddHash(text.ToLowerInvariant(), list, note);
            return true;
        }

        if (TryAddress(text, out UInt128 address, out byte version))
        {
            into.AddAddress(address, version, list, text, note);
            return true;
        }

        int slash = text.IndexOf('/');
        if (slash > 0 && TryAddress(text[..slash], out address, out version))
        {
            if (int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int bits))
            {
                if (bits > (version == 6 ? 128 : 32))
                    return false;
                into.AddNetwork(address, version, bits, list, text, note);
                return true;
            }
        }

        return TryUrl(text, note, list, into) || TryDomain(text, note, list, into);
    }

    private static bool TryUrl(string text, string note, int list, IntelSet into)
    {
        int scheme = text.IndexOf("://", StringComparison.Ordinal);
        string rest = scheme < 0 ? text : text[(scheme + 3)..];
        int slash = rest.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 && scheme < 0)
            return false;
        string host = (slash < 0 ? rest : rest[..slash]).ToLowerInvariant();
        if (host.EndsWith(":80", StringComparison.Ordinal))
            host = host[..^3];
        if (!IsHost(host))
            return false;
        into.AddUrl(host + (slash < 0 ? "/" : rest[slash..]), list, note);
        return true;
    }

    private static bool TryDomain(string text, string note, int list, IntelSet into)
    {
        string name = text.TrimEnd('.').ToLowerInvariant();
        if (name.StartsWith("*.", StringComparison.Ordinal))
            name = name[2..];
        if (!name.Contains('.', StringComparison.Ordinal) || !IsHost(name))
            return false;
        into.AddDomain(name, list, note);
        return true;
    }

    private static bool IsHost(string name) => name.Length is > 0 and <= 255 && name.AsSpan().IndexOfAnyExcept(HostLetters) < 0;

    // .NET takes "1" and "0x7f.1" for addresses; a list that has such a line has something else in mind.
    private static bool TryAddress(string text, out UInt128 address, out byte version)
    {
        (address, version) = (0, 0);
        bool isV6 = text.Contains(':', StringComparison.Ordinal);
        if ((!isV6 && text.AsSpan().Count('.') != 3) || !IPAddress.TryParse(text, out IPAddress? parsed))
            return false;
        Span<byte> bytes = stackalloc byte[16];
        parsed.TryWriteBytes(bytes, out int length);
        version = parsed.AddressFamily == AddressFamily.InterNetworkV6 ? (byte)6 : (byte)4;
        address = version == 6 ? FlowKey.ReadIpv6(bytes) : System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return length > 0;
    }
}
