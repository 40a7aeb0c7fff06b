namespace Spillway.Metrics.Traffic.Geo;

/// <summary>Where an address belongs, in the form in which many are remembered.</summary>
internal struct HostPlace
{
    /// <summary>The address.</summary>
    public UInt128 Address;

    /// <summary>Key of the city; null if unknown.</summary>
    public byte[]? City;

    /// <summary>AS number; 0 if unknown.</summary>
    public uint AsNumber;

    /// <summary>The two letters of the country, the first in the upper byte; 0 if unknown.</summary>
    public ushort Country;

    /// <summary>4 or 6; 0 for a place that is not in use.</summary>
    public byte Version;

    /// <summary>How long the prefix of the address's network is.</summary>
    public byte PrefixLength;

    /// <summary>False if no database knows the address: it has no network then.</summary>
    public bool IsKnown;

    /// <summary>What is known has been stored with the host, or waits for it.</summary>
    public bool IsDescribed;
}
