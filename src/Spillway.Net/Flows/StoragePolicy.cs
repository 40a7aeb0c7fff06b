namespace Spillway.Net.Flows;

/// <summary>
/// How much of a flow is stored. The numbers are those that <c>packet_storage</c> scripts return (script API, section 1.12).
/// </summary>
public enum StoragePolicy : sbyte
{
    /// <summary>No opinion: the default policy decides.</summary>
    NoOpinion = -1,

    /// <summary>Nothing.</summary>
    Ignore = 0,

    /// <summary>Every packet whole.</summary>
    Full = 1,

    /// <summary>Every packet, up to the end of its transport header.</summary>
    HeadersOnly = 2,

    /// <summary>The first megabyte (1,048,576 bytes) of the flow.</summary>
    First1MB = 3,

    /// <summary>The first 100 KB (102,400 bytes).</summary>
    First100KB = 4,

    /// <summary>The first 10 KB (10,240 bytes).</summary>
    First10KB = 5,

    /// <summary>The first 10 MB (10,485,760 bytes).</summary>
    First10MB = 6,
}

/// <summary>Order, limits and names of policies.</summary>
public static class StoragePolicies
{
    /// <summary>
    /// Names on the command line, in the order of <see cref="StoragePolicy"/> from <see cref="StoragePolicy.Ignore"/> on.
    /// </summary>
    public static IReadOnlyList<string> Names { get; } = ["none", "full", "headers", "1m", "100k", "10k", "10m"];

    // By policy from -1 on: 1, 6, 3, 4, 5, 2, 0 from the most liberal one down, and no opinion below all.
    private static ReadOnlySpan<byte> Ranks => [0, 1, 7, 2, 5, 4, 3, 6];

    private static ReadOnlySpan<int> ByteLimits => [0, int.MaxValue, int.MaxValue, 1 << 20, 100 << 10, 10 << 10, 10 << 20];

    /// <summary>The policy of a number that a script returned: anything else than -1 to 6 is no opinion.</summary>
    public static StoragePolicy FromVote(int vote) => vote is >= 0 and <= 6 ? (StoragePolicy)vote : StoragePolicy.NoOpinion;

    /// <summary>The policy of a name on the command line; null if there is none such.</summary>
    public static StoragePolicy? Find(string name)
    {
        for (int i = 0; i < Names.Count; i++)
        {
            if (Names[i] == name)
                return (StoragePolicy)i;
        }

        return null;
    }

    /// <summary>The one of two policies that stores more. Any opinion counts more than none.</summary>
    public static StoragePolicy MoreLiberal(StoragePolicy one, StoragePolicy other) =>
        Ranks[(int)one + 1] >= Ranks[(int)other + 1] ? one : other;

    /// <summary>Whether only the first bytes of a flow are stored, and how many.</summary>
    public static bool IsLimited(StoragePolicy policy, out int bytes)
    {
        bytes = policy < 0 ? int.MaxValue : ByteLimits[(int)policy];
        return policy >= StoragePolicy.First1MB;
    }
}
