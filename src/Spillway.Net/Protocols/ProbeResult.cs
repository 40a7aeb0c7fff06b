namespace Spillway.Net.Protocols;

/// <summary>What a protocol's probe makes of the first bytes of a flow.</summary>
public enum ProbeResult : byte
{
    /// <summary>They are not of the protocol.</summary>
    No,

    /// <summary>They may be: its observer finds out.</summary>
    Maybe,

    /// <summary>They are.</summary>
    Yes,
}
