namespace Spillway.Metrics.Intel;

/// <summary>What an entry of a list of known-bad things is compared with.</summary>
public enum IntelKind : byte
{
    /// <summary>An address at either end of a flow.</summary>
    Address,

    /// <summary>A network that an address is in.</summary>
    Network,

    /// <summary>A domain with all names below it.</summary>
    Domain,

    /// <summary>A URL: host and path, without scheme.</summary>
    Url,

    /// <summary>MD5, SHA-1 or SHA-256 of a file; SHA-1 of a certificate; JA3 of a client.</summary>
    Hash,
}

/// <summary>An entry that something was found to be equal to.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The entry as its list has it.</param>
/// <param name="List">Name of the list.</param>
/// <param name="Note">What the list says about it; empty for nothing.</param>
public readonly record struct IntelEntry(IntelKind Kind, string Text, string List, string Note);
