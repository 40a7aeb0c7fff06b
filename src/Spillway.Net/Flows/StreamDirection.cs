namespace Spillway.Net.Flows;

/// <summary>
/// The direction of bytes in a TCP connection. The numbers are those of the script API (reassembly_handler): 0 = IN, 1 = OUT.
/// </summary>
public enum StreamDirection : byte
{
    /// <summary>From the server to the client (IN).</summary>
    ServerToClient = 0,

    /// <summary>From the client, who sent the SYN, to the server (OUT).</summary>
    ClientToServer = 1,
}
