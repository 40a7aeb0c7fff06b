using System.Text;
using Spillway.Net.Packets;

namespace Spillway.Scripting.Protocols;

/// <summary>
/// Protocols by the GUIDs that scripts know them by. A GUID that is new gets a number of its own, whoever asks first: a script may wait for
/// a protocol that another one defines later. Owned by the lane.
/// </summary>
public sealed class ProtocolNumbers
{
    /// <summary>The most protocols that scripts may name. Further GUIDs are no protocol.</summary>
    public const int MaxCustom = 1024;

    // GUIDs of the manual. ICMPv6, tags, labels and tunnels have none.
    private static readonly (ProtocolId Number, string Guid)[] WellKnown =
    [
        (ProtocolId.Ethernet, "{974FB098-DE46-45DB-94DA-8D64A3BBCDE5}"),
        (ProtocolId.Ipv4, "{0A2C724B-5B9F-4BA6-9C97-B05080558574}"),
        (ProtocolId.Ipv6, "{85C0CCED-DA8D-4029-924A-A6AB87F62EF8}"),
        (ProtocolId.Icmp, "{7DDD65F2-A316-43B5-A103-368E700E045E}"),
        (ProtocolId.Udp, "{14D7AB53-CC51-47E9-8814-9C06AAE60189}"),
        (ProtocolId.Tcp, "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}"),
    ];

    private readonly Dictionary<string, ProtocolId> _byGuid = WellKnown.ToDictionary(
        pair => pair.Guid,
        pair => pair.Number,
        StringComparer.OrdinalIgnoreCase
    );
    private readonly List<string> _custom = [];

    /// <summary>The number of a protocol.</summary>
    /// <param name="guid">With braces, in either case.</param>
    /// <returns><see cref="ProtocolId.None"/> for what is no GUID, and when <see cref="MaxCustom"/> is reached.</returns>
    public ProtocolId NumberOf(string guid)
    {
        if (_byGuid.TryGetValue(guid, out ProtocolId number))
            return number;
        if (_custom.Count >= MaxCustom || !Guid.TryParseExact(guid, "B", out Guid parsed) || parsed == Guid.Empty)
            return ProtocolId.None;
        number = (ProtocolId)((int)ProtocolId.FirstCustom + _custom.Count);
        _custom.Add(guid.ToUpperInvariant());
        _byGuid.Add(guid, number);
        return number;
    }

    /// <summary>The number of a protocol that somebody has asked for before.</summary>
    public bool TryFind(string guid, out ProtocolId number) => _byGuid.TryGetValue(guid, out number);

    /// <inheritdoc cref="NumberOf(string)"/>
    public ProtocolId NumberOf(ReadOnlySpan<byte> guid) =>
        guid.Length == "{00000000-0000-0000-0000-000000000000}".Length ? NumberOf(Encoding.Latin1.GetString(guid)) : ProtocolId.None;

    /// <summary>The GUID of a protocol, in upper case; of all zeros for those that have none.</summary>
    public string GuidOf(ProtocolId number)
    {
        int index = (int)number - (int)ProtocolId.FirstCustom; // as int: the difference of two ids is unsigned
        if (index >= 0)
            return index < _custom.Count ? _custom[index] : None;
        foreach ((ProtocolId known, string guid) in WellKnown)
        {
            if (known == number)
                return guid;
        }

        return None;
    }

    private const string None = "{00000000-0000-0000-0000-000000000000}";
}
