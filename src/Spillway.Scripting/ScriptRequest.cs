namespace Spillway.Scripting;

/// <summary>What a script asks of its lane. It is done when the callback has returned, since it may call scripts or end flows.</summary>
internal enum ScriptRequestKind
{
    /// <summary>A message to the scripts of the packet path, on all lanes: id, text.</summary>
    Message = 1,

    /// <summary>A flow attribute: flow, name, value.</summary>
    Attribute = 2,

    /// <summary>The end of a flow: flow.</summary>
    TerminateFlow = 3,

    /// <summary>A flow record for those who listen: flow, four numbers.</summary>
    FlowRecord = 4,

    /// <summary>A meter of a flow for those who listen: flow, meter and value.</summary>
    FlowMetric = 5,

    /// <summary>T.host:broadcast: message id, class id, text.</summary>
    Broadcast = 6,

    /// <summary>A message to the scripts of the other pipeline: id, text.</summary>
    MessageAcross = 7,

    /// <summary>A tag of a flow of this lane, given on another one: flow, tag.</summary>
    Tag = 8,

    /// <summary>A meter of a flow of this lane, added to on another one: flow, meter and value.</summary>
    Meter = 9,

    /// <summary>How long a flow of this lane has taken, told on another one: flow, seconds.</summary>
    Duration = 10,
}

/// <summary>One request; the fields are copies.</summary>
/// <param name="IsReceived">Whether it comes from another thread: then it is for this lane's scripts and flows only, and goes no
/// further.</param>
internal readonly record struct ScriptRequest(ScriptRequestKind Kind, byte[] First, byte[] Second, byte[] Third, bool IsReceived = false);
