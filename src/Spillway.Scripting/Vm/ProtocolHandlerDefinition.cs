namespace Spillway.Scripting.Vm;

/// <summary>What a <c>protocol_handler</c> declares (script API, section 1.12).</summary>
/// <param name="Guid">The new protocol.</param>
/// <param name="Name">Its name.</param>
/// <param name="HostGuid">The protocol below; null if only other handlers lead to it.</param>
/// <param name="Selectors">What selects it there: EtherTypes, IP protocol numbers or ports.</param>
internal sealed record ProtocolHandlerDefinition(string Guid, string Name, string? HostGuid, IReadOnlyList<ushort> Selectors);
