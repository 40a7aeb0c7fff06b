namespace Spillway.Net.Protocols.Ftp;

/// <summary>A command of a control connection and the replies to it; the greeting is a reply without a command.</summary>
public sealed class FtpExchange
{
    /// <summary>Bytes of the replies to one command that are kept.</summary>
    public const int MaxReplyBytes = 16 << 10;

    private readonly List<FtpReplyLine> _replies = [];
    private int _replyBytes;

    /// <summary>Its number in the connection, from 0.</summary>
    public required long Number { get; init; }

    /// <summary>The command in upper case; empty if the replies are to none, or to one that was not seen.</summary>
    public string Command { get; init; } = "";

    /// <summary>What stands behind the command, as sent; empty for passwords and accounts.</summary>
    public ReadOnlyMemory<byte> Argument { get; init; }

    /// <summary>True if the line of the command is longer than what is kept of it.</summary>
    public bool IsCommandCut { get; init; }

    /// <summary>The lines of the replies, in their order.</summary>
    public IReadOnlyList<FtpReplyLine> Replies => _replies;

    /// <summary>True if lines are missing or cut.</summary>
    public bool AreRepliesCut { get; private set; }

    /// <summary>True once the last reply has come.</summary>
    public bool IsAnswered { get; internal set; }

    /// <summary>The port of a data connection that the exchange has announced; 0 if none.</summary>
    public ushort DataPort { get; internal set; }

    /// <summary>True if the client has asked the server to connect (PORT, EPRT).</summary>
    public bool IsActive { get; internal set; }

    internal void Add(int code, ReadOnlySpan<byte> text, bool isCut)
    {
        AreRepliesCut |= isCut;
        if (_replyBytes + text.Length + 1 > MaxReplyBytes)
        {
            AreRepliesCut = true;
            return;
        }

        _replyBytes += text.Length + 1;
        _replies.Add(new FtpReplyLine(code, text.ToArray()));
    }
}

/// <summary>A line of a reply.</summary>
/// <param name="Code">The code it begins with; 0 if it has none.</param>
/// <param name="Text">What stands behind the code, as sent.</param>
public readonly record struct FtpReplyLine(int Code, ReadOnlyMemory<byte> Text);
