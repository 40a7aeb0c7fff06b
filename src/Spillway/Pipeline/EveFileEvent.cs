using Spillway.Net.Flows;
using Spillway.Net.Protocols.Http;

namespace Spillway.Pipeline;

/// <summary>The event of a file that has ended, until it is written: that may be later, when more is known of the file.</summary>
/// <param name="Flow">The flow that has carried it.</param>
/// <param name="Transaction">The transaction of HTTP that has carried it; null if none has.</param>
/// <param name="Origin">What is known of it without one.</param>
/// <param name="FromClient">Whether the client has sent it.</param>
/// <param name="TimeNs">Packet time of its end.</param>
/// <param name="Packet">The packet in which it ended, from 1.</param>
internal readonly record struct EveFileEvent(
    Flow Flow,
    HttpTransaction? Transaction,
    ContentOrigin? Origin,
    bool FromClient,
    long TimeNs,
    long Packet
);
