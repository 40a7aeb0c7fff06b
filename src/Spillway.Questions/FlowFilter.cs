using System.Globalization;
using Spillway.Net.Flows;

namespace Spillway.Questions;

/// <summary>Which flows are asked for.</summary>
public sealed record FlowFilter
{
    /// <summary>
    /// Address at either end, a network, a name that DNS gave an address, or the host or server name (SNI) that was asked for in it.
    /// </summary>
    public FilterTerms Host { get; init; } = FilterTerms.Empty;

    /// <summary>The same of the end that began.</summary>
    public FilterTerms Client { get; init; } = FilterTerms.Empty;

    /// <summary>The same of the other end.</summary>
    public FilterTerms Server { get; init; } = FilterTerms.Empty;

    /// <summary>Ports at either end, see <see cref="PortRanges"/>.</summary>
    public FilterTerms Port { get; init; } = FilterTerms.Empty;

    /// <summary>IP protocol, by name or number.</summary>
    public FilterTerms Protocol { get; init; } = FilterTerms.Empty;

    /// <summary>ISO code of the country of an external host.</summary>
    public FilterTerms Country { get; init; } = FilterTerms.Empty;

    /// <summary>AS number of an external host.</summary>
    public FilterTerms AsNumber { get; init; } = FilterTerms.Empty;

    /// <summary>What it carries: http, tls, dns.</summary>
    public FilterTerms Service { get; init; } = FilterTerms.Empty;

    /// <summary>How it ended, see <see cref="FlowStates"/>.</summary>
    public FilterTerms State { get; init; } = FilterTerms.Empty;

    /// <summary>At least so many bytes in both directions.</summary>
    public FilterTerms MinBytes { get; init; } = FilterTerms.Empty;

    /// <summary>Id of a flow as scripts know it, exactly.</summary>
    public FilterTerms Id { get; init; } = FilterTerms.Empty;

    /// <summary>A VLAN id of its first packet.</summary>
    public FilterTerms Vlan { get; init; } = FilterTerms.Empty;

    /// <summary>A tag.</summary>
    public FilterTerms Tag { get; init; } = FilterTerms.Empty;

    /// <summary>Name of an attribute, or <c>name=text</c> for those whose value holds the text.</summary>
    public FilterTerms Attribute { get; init; } = FilterTerms.Empty;

    /// <summary>One of <see cref="FlowsQuestion.Orders"/>.</summary>
    public string Sort { get; init; } = "start";

    /// <summary>Keeps the flows that match.</summary>
    internal void AddTo(Query query, QuestionStore store)
    {
        const string asked = "flow_row IN (SELECT flow_row FROM flow_attributes WHERE name IN ('SNI', 'Host') AND value = ";
        // Stores of an older version know less of a flow, until a run brings them up to date.
        string service = store.HasColumn("flows", "service") ? "(',' || service || ',') LIKE {0} ESCAPE '\\'" : "NULL";
        string vlan = store.HasColumn("flows", "vlan") ? "(',' || vlan || ',') LIKE {0} ESCAPE '\\'" : "NULL";
        query
            .Matching(
                Host,
                text =>
                {
                    HostFilter host = HostFilter.Of(store, text, "--host");
                    return OrAskedFor(host, host.OfEnds(query, "address_a", "address_z"));
                }
            )
            .Matching(Client, text => HostFilter.Of(store, text, "--client").OfEnd(query, "iif(client_is_a, address_a, address_z)"))
            .Matching(
                Server,
                text =>
                {
                    HostFilter host = HostFilter.Of(store, text, "--server");
                    return OrAskedFor(host, host.OfEnd(query, "iif(client_is_a, address_z, address_a)"));
                }
            )
            .Matching(
                Port,
                text => PortRanges.TryParse(text) is { } ports ? $"({ports.Of(query, "port_a")} OR {ports.Of(query, "port_z")})" : "0"
            )
            .Matching(Protocol, text => $"protocol = {query.Bind((long)ProtocolNumber(text))}")
            .Matching(Service, text => Bound(service, Query.Containing($",{text},")))
            .Matching(State, text => $"{FlowStates.Sql("state")} = {query.Bind(FlowStates.TryFind(text) ?? text)}")
            .Matching(MinBytes, text => $"bytes_az + bytes_za >= {query.Bind(long.Parse(text, CultureInfo.InvariantCulture))}")
            .Matching(Vlan, text => Bound(vlan, Query.Containing($",{text},")))
            .Matching(Id, text => $"flow_id = {query.Bind(text)}")
            .Matching(Tag, text => $"flow_row IN (SELECT flow_row FROM tags WHERE tag = {query.Bind(text)})")
            .Matching(Attribute, text => OfAttribute(query, text));
        HostPlaces.Filter(store, query, this);

        string OrAskedFor(HostFilter host, string ends) =>
            host.IsName ? $"({ends} OR {asked}{query.Bind(host.Text)} COLLATE NOCASE))" : ends;

        string Bound(string condition, string value) => string.Format(CultureInfo.InvariantCulture, condition, query.Bind(value));
    }

    private static string OfAttribute(Query query, string attribute)
    {
        int equals = attribute.IndexOf('=', StringComparison.Ordinal);
        string name = query.Bind(equals < 0 ? attribute : attribute[..equals]);
        string value = equals < 0 ? "" : $" AND value LIKE {query.Bind(Query.Containing(attribute[(equals + 1)..]))} ESCAPE '\\'";
        return $"flow_row IN (SELECT flow_row FROM flow_attributes WHERE name = {name} COLLATE NOCASE{value})";
    }

    private static byte ProtocolNumber(string text)
    {
        if (byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out byte number))
            return number;
        for (int candidate = 0; candidate <= byte.MaxValue; candidate++)
        {
            if (string.Equals(FlowText.Protocol((byte)candidate), text, StringComparison.OrdinalIgnoreCase))
                return (byte)candidate;
        }

        throw new QuestionException($"--protocol '{text}' is no IP protocol: give tcp, udp, icmp, icmpv6, gre, esp, sctp or a number");
    }
}
