namespace Spillway.Net.Protocols.Smtp;

/// <summary>Where the client's stream stands.</summary>
internal enum SmtpClientState : byte
{
    /// <summary>A command comes.</summary>
    Command,

    /// <summary>DATA was sent: what comes depends on the reply.</summary>
    AfterData,

    /// <summary>In a message, up to its dot.</summary>
    Data,

    /// <summary>In a chunk of a message.</summary>
    Chunk,

    /// <summary>It is not known what comes: bytes are missing, or the connection was joined in its middle.</summary>
    Lost,
}

/// <summary>
/// The commands whose replies have not come: clients send several at once (RFC 2920). When there are more than it holds, or bytes are
/// missing, replies belong to the last command until nothing is outstanding.
/// </summary>
internal struct SmtpOutstanding
{
    private const int Room = 16;

    // Four bits each, the oldest lowest.
    private ulong _commands;
    private int _count;

    /// <summary>Whether the number of outstanding replies is known.</summary>
    public bool IsInStep { get; private set; }

    /// <summary>Whether no reply is outstanding, as far as that is known.</summary>
    public readonly bool IsEmpty => IsInStep && _count == 0;

    /// <summary>The last command, answered or not.</summary>
    public SmtpCommand Last { get; private set; }

    /// <summary>From here on, replies are counted.</summary>
    public void Start() => (_commands, _count, IsInStep) = (0, 0, true);

    /// <summary>From here on, the number is unknown.</summary>
    public void LoseStep() => (_commands, _count, IsInStep) = (0, 0, false);

    /// <summary>A command was sent.</summary>
    public void Add(SmtpCommand command)
    {
        Last = command;
        if (!IsInStep)
            return;
        if (_count == Room)
        {
            LoseStep();
            return;
        }

        _commands |= (ulong)command << (4 * _count++);
    }

    /// <summary>The command that the next reply answers; null if none is outstanding.</summary>
    public readonly SmtpCommand? Next => IsInStep ? (_count == 0 ? null : (SmtpCommand)(_commands & 15)) : Last;

    /// <summary>Its reply has come.</summary>
    public void Remove()
    {
        if (!IsInStep || _count == 0)
            return;
        _commands >>= 4;
        _count--;
    }
}
