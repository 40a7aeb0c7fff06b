using Spillway.Net.Flows;

namespace Spillway.Net.Protocols.Ssh;

/// <summary>Looks at the first bytes of a stream.</summary>
public static class SshProbe
{
    /// <summary>Whether they are those of an identification (RFC 4253, section 4.2). Both ends begin with one.</summary>
    public static ProbeResult Look(ReadOnlySpan<byte> data, out StreamDirection sender)
    {
        sender = StreamDirection.ServerToClient;
        return data.StartsWith("SSH-"u8) ? ProbeResult.Yes : ProbeResult.No;
    }
}
