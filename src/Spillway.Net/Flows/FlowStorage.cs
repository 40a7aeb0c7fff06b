namespace Spillway.Net.Flows;

/// <summary>
/// What is decided about the storage of one flow, and how much of it has been stored. Scripts vote: a script's later vote replaces its
/// earlier one, and of the scripts' votes the most liberal counts. Owned by the flow's lane.
/// </summary>
public sealed class FlowStorage
{
    private readonly StoragePolicy _default;
    private readonly StoragePolicy[] _votes;
    private byte _overtaken;
    private byte _seen; // directions whose first payload has come, as bits

    /// <summary>Creates the state of a new flow.</summary>
    /// <param name="defaultPolicy">What counts as long as nobody has an opinion.</param>
    /// <param name="voters">Number of scripts that may vote.</param>
    public FlowStorage(StoragePolicy defaultPolicy, int voters)
    {
        _default = defaultPolicy;
        Policy = defaultPolicy;
        _votes = voters == 0 ? [] : new StoragePolicy[voters];
        _votes.AsSpan().Fill(StoragePolicy.NoOpinion);
    }

    /// <summary>The policy as it stands.</summary>
    public StoragePolicy Policy { get; private set; }

    /// <summary>The scripts' vote alone; no opinion if the default counts.</summary>
    public StoragePolicy Voted { get; private set; } = StoragePolicy.NoOpinion;

    /// <summary>Bytes of the flow stored so far.</summary>
    public long StoredBytes { get; set; }

    /// <summary>Whether the first payload from the server (index 0) and from the client (1) is still to come.</summary>
    public bool AwaitsPayload(int direction) => (_seen & (1 << direction)) == 0;

    /// <summary>The first payload of a direction has come.</summary>
    public void MarkPayload(int direction) => _seen |= (byte)(1 << direction);

    /// <summary>
    /// Whether to wait for the start of a stream, of which a later part has come: most are a few segments out of order, but a segment that
    /// the capture lost never comes.
    /// </summary>
    public bool WaitsForStart()
    {
        const byte mostSegments = 16;
        return ++_overtaken <= mostSegments;
    }

    /// <summary>Takes a vote. No opinion leaves the voter's earlier vote as it was.</summary>
    public void Vote(int voter, StoragePolicy vote)
    {
        if (vote == StoragePolicy.NoOpinion)
            return;
        _votes[voter] = vote;
        StoragePolicy policy = StoragePolicy.NoOpinion;
        foreach (StoragePolicy each in _votes)
            policy = StoragePolicies.MoreLiberal(policy, each);
        Voted = policy;
        Policy = policy == StoragePolicy.NoOpinion ? _default : policy;
    }
}
