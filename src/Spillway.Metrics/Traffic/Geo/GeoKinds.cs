namespace Spillway.Metrics.Traffic.Geo;

/// <summary>What a database knows of addresses.</summary>
[Flags]
public enum GeoKinds
{
    /// <summary>Nothing that is counted.</summary>
    None = 0,

    /// <summary>Countries.</summary>
    Countries = 1,

    /// <summary>Cities.</summary>
    Cities = 2,

    /// <summary>Numbers of autonomous systems.</summary>
    AsNumbers = 4,

    /// <summary>All of these.</summary>
    All = Countries | Cities | AsNumbers,
}
