using System.Security.Cryptography;

namespace Spillway.Net.Protocols.Ssh;

/// <summary>What one end of a connection has said of itself in the clear. Bytes as sent.</summary>
public sealed class SshSide
{
    private byte[] _banner = [];
    private byte[] _methods = [];

    /// <summary>Its identification without the end of the line, such as <c>SSH-2.0-OpenSSH_9.6 Debian-1</c>; empty if unseen.</summary>
    public ReadOnlySpan<byte> Banner => _banner;

    /// <summary>The version of the protocol, such as <c>2.0</c>.</summary>
    public ReadOnlySpan<byte> ProtocolVersion => _banner.Length == 0 ? default : Banner[4..VersionEnd];

    /// <summary>The software without its comment, such as <c>OpenSSH_9.6</c>.</summary>
    public ReadOnlySpan<byte> Software
    {
        get
        {
            if (_banner.Length == 0)
                return default;
            ReadOnlySpan<byte> rest = Banner[(VersionEnd + 1)..];
            int comment = rest.IndexOf((byte)' ');
            return comment < 0 ? rest : rest[..comment];
        }
    }

    /// <summary>
    /// The methods it offers for what it sends, as HASSH takes them: key exchange, encryption, authentication and compression, joined by
    /// semicolons. Empty if its offer was not seen.
    /// </summary>
    public ReadOnlySpan<byte> Methods => _methods;

    /// <summary>HASSH of a client, HASSHServer of a server: the MD5 of <see cref="Methods"/>, hex; empty without them.</summary>
    public string Hassh => _methods.Length == 0 ? "" : Convert.ToHexStringLower(MD5.HashData(_methods));

    internal static bool IsBanner(ReadOnlySpan<byte> line) => line.StartsWith("SSH-"u8) && line[4..].IndexOf((byte)'-') > 0;

    internal void TakeBanner(ReadOnlySpan<byte> line) => _banner = line.ToArray();

    internal void TakeMethods(ReadOnlySpan<byte> methods) => _methods = methods.ToArray();

    private int VersionEnd => 4 + Banner[4..].IndexOf((byte)'-');
}
