namespace Spillway.Metrics.Traffic.Geo;

/// <summary>Where an address belongs, in the form in which many are remembered: 32 bytes.</summary>
internal struct HostPlace
{
    private const byte VersionMask = 0x0F,
        Known = 0x10,
        Described = 0x20;

    /// <summary>The address.</summary>
    public UInt128 Address;

    /// <summary>Key of the city; null if unknown.</summary>
    public byte[]? City;

    /// <summary>AS number; 0 if unknown.</summary>
    public uint AsNumber;

    /// <summary>The two letters of the country, the first in the upper byte; 0 if unknown.</summary>
    public ushort Country;

    /// <summary>How long the prefix of the address's network is.</summary>
    public byte PrefixLength;

    private byte _marks;

    /// <summary>4 or 6; 0 for a place that is not in use.</summary>
    public byte Version
    {
        readonly get => (byte)(_marks & VersionMask);
        set => _marks = (byte)((_marks & ~VersionMask) | value);
    }

    /// <summary>False if no database knows the address: it has no network then.</summary>
    public bool IsKnown
    {
        readonly get => (_marks & Known) != 0;
        set => _marks = (byte)(value ? _marks | Known : _marks & ~Known);
    }

    /// <summary>What is known has been stored with the host, or waits for it.</summary>
    public bool IsDescribed
    {
        readonly get => (_marks & Described) != 0;
        set => _marks = (byte)(value ? _marks | Described : _marks & ~Described);
    }
}
