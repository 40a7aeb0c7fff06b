using System.Globalization;
using Spillway.Net.Packets;
using Spillway.Scripting.Vm;

namespace Spillway.Scripting.Loading;

/// <content>What blocks say of themselves beside their groups.</content>
internal sealed partial class ScriptDescription
{
    /// <summary>The protocol that a simplecounter waits for: its GUID as given, and its number.</summary>
    public (string Guid, ProtocolId Number) Counted { get; private set; } = ("", ProtocolId.None);

    /// <summary>What a protocol_handler declares; null without one that can be used.</summary>
    public ProtocolHandlerDefinition? Handler { get; private set; }

    /// <summary>Whether an inputfilter makes packets or records (<c>step</c>).</summary>
    public bool HasStep { get; private set; }

    /// <summary>Whether an inputfilter brings alerts (<c>step_alert</c>).</summary>
    public bool HasStepAlert { get; private set; }

    private void AddBlock(string[] fields)
    {
        switch (fields[0])
        {
            case "twice":
                _problems.Add(
                    $"two blocks of one type: '{fields[1]}' stands under the name '{fields[2]}' too; the first is "
                        + "taken, put the other into a file of its own"
                );
                break;
            case "counts":
                Counted = (fields[1], (ProtocolId)ushort.Parse(fields[2], CultureInfo.InvariantCulture));
                break;
            case "protocol":
                AddHandler(fields);
                break;
            case "input":
                HasStep = fields[1].Length > 0;
                HasStepAlert = fields[2].Length > 0;
                break;
        }
    }

    private void AddHandler(string[] fields)
    {
        (string guid, string name, string host) = (fields[1], fields[2], fields[3]);
        if (!IsGuid(guid))
        {
            _problems.Add($"protocol_handler.control.guid is no GUID: '{guid}'; the handler is not run");
            return;
        }

        if (host.Length > 0 && !IsGuid(host))
        {
            _problems.Add($"protocol_handler.control.host_protocol_guid is no GUID: '{host}'; only another handler can lead to {name}");
            host = "";
        }

        var selectors = new List<ushort>();
        foreach (string text in fields[4].Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (
                double.TryParse(text, CultureInfo.InvariantCulture, out double number)
                && number is >= 0 and <= ushort.MaxValue
                && number == Math.Floor(number)
            )
                selectors.Add((ushort)number);
            else
                _problems.Add($"protocol_handler.control.host_protocol_ports: '{text}' is no number from 0 to 65535");
        }

        if (host.Length > 0 && selectors.Count == 0)
            _problems.Add(
                $"protocol_handler.control has a host_protocol_guid and no host_protocol_ports: only another handler can lead to {name}"
            );
        Handler = new ProtocolHandlerDefinition(guid, name, host.Length > 0 ? host : null, selectors);
    }
}
