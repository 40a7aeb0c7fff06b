using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Protocols.Ssh;

namespace Spillway.Pipeline;

/// <summary>Makes attributes and events of what SSH shows.</summary>
/// <param name="protocols">The lane's observers.</param>
internal readonly struct SshHandler(StreamProtocols protocols) : ISshHandler
{
    /// <inheritdoc/>
    public void OnHandshake(Flow flow, SshSide client, SshSide server)
    {
        protocols.SetAttribute(flow, "SSH:CLIENT"u8, client.Banner);
        protocols.SetAttribute(flow, "SSH:SERVER"u8, server.Banner);
        protocols.SetAttribute(flow, "SSH:HASSH"u8, Encoding.ASCII.GetBytes(client.Hassh));
        protocols.SetAttribute(flow, "SSH:HASSH:SERVER"u8, Encoding.ASCII.GetBytes(server.Hassh));
        protocols.Eve?.OnSsh(flow, client, server);
    }
}
