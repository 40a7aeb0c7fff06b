namespace Spillway.Scripting;

/// <summary>What a call of <c>inputfilter.step</c> has brought.</summary>
public enum InputStep
{
    /// <summary>It returned false: the input ends.</summary>
    End,

    /// <summary>It returned nil, or nothing: the input ends, and the author may not have meant it.</summary>
    EndByNil,

    /// <summary>It raised an error, which was told.</summary>
    Failed,

    /// <summary>Neither a packet nor a time: a comment, a row that was skipped.</summary>
    Nothing,

    /// <summary>A time, and perhaps updates for it.</summary>
    Time,

    /// <summary>A packet.</summary>
    Packet,
}
