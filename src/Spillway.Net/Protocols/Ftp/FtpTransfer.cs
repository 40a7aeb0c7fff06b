using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Net.Protocols.Ftp;

/// <summary>What a data connection is opened for.</summary>
public enum FtpTransferKind : byte
{
    /// <summary>No command has said so yet.</summary>
    Unknown,

    /// <summary>RETR: the server sends a file.</summary>
    Retrieve,

    /// <summary>STOR: the client sends a file.</summary>
    Store,

    /// <summary>STOU: the client sends a file, and the server names it.</summary>
    StoreUnique,

    /// <summary>APPE: the client sends what is added to a file.</summary>
    Append,

    /// <summary>LIST, NLST, MLSD: the server sends the names of files.</summary>
    List,
}

/// <summary>An end of a connection that waits for the other.</summary>
/// <param name="Address">The address, as in <see cref="FlowKey"/>.</param>
/// <param name="Port">The port.</param>
/// <param name="Version">4 or 6.</param>
public readonly record struct FtpEndpoint(UInt128 Address, ushort Port, byte Version);

/// <summary>One data connection, from the reply or command that announces it on.</summary>
public sealed class FtpTransfer
{
    /// <summary>The control connection.</summary>
    public required Flow Control { get; init; }

    /// <summary>The end that listens: the server's after PASV and EPSV, the client's after PORT and EPRT.</summary>
    public required FtpEndpoint Listener { get; init; }

    /// <summary>The address that is to connect, as the control connection has it.</summary>
    public required UInt128 Caller { get; init; }

    /// <summary>True if the server listens.</summary>
    public required bool IsPassive { get; init; }

    /// <summary>
    /// True if the listener's address is neither end of the control connection: a bounce, a transfer between two servers, or a translated
    /// address.
    /// </summary>
    public required bool IsForeign { get; init; }

    /// <summary>What it is for.</summary>
    public FtpTransferKind Kind { get; internal set; }

    /// <summary>The file's name as sent, with folders if the client sends them; empty if it is unknown.</summary>
    public ReadOnlyMemory<byte> Name { get; internal set; }

    /// <summary>The folder the session is in; null if that was not seen.</summary>
    public string? Folder { get; internal set; }

    /// <summary>The user; empty if that was not seen.</summary>
    public string User { get; internal set; } = "";

    /// <summary>Offset in the file at which the content begins (REST).</summary>
    public long Offset { get; internal set; }

    /// <summary>True if line ends may be converted on the way (TYPE A).</summary>
    public bool IsText { get; internal set; }

    /// <summary>The server's last reply to the command; 0 if none was seen.</summary>
    public int Code { get; internal set; }

    /// <summary>True if the client sends.</summary>
    public bool IsUpload => Kind is FtpTransferKind.Store or FtpTransferKind.StoreUnique or FtpTransferKind.Append;

    /// <summary>True if the content is a file, not a list of files.</summary>
    public bool IsFile => Kind is not FtpTransferKind.List;

    /// <summary>
    /// Where it may come to instead: the listener's address as the control connection has it, if another was named. Who is behind address
    /// translation may not know its own.
    /// </summary>
    internal FtpEndpoint? OtherListener { get; init; }

    internal long ExpectedNs { get; set; }

    /// <summary>True once its connection has come.</summary>
    public bool HasBegun { get; internal set; }
}
