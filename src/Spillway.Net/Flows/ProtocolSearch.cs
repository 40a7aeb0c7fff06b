namespace Spillway.Net.Flows;

/// <summary>
/// How far the search for the protocol of a flow's streams has come, for those who search. Eight bytes in each flow: most never become
/// anything, and an object for each would take five times as much.
/// </summary>
public struct ProtocolSearch
{
    /// <summary>Bytes that were looked at, both directions.</summary>
    public int Bytes { readonly get; internal set; }

    /// <summary>Of these, bytes of empty lines. It stops at 65,535: only a statistic needs it.</summary>
    internal ushort BlankBytes { readonly get; set; }

    /// <summary>The marks of <see cref="Protocols.Http.HttpDetector"/>.</summary>
    internal byte Marks { readonly get; set; }

    /// <summary>Counts bytes that were looked at.</summary>
    public void Add(int bytes) => Bytes = (int)Math.Min((long)Bytes + bytes, int.MaxValue);
}
