namespace Spillway.Metrics.Groups;

/// <summary>GUIDs of groups that the engine itself writes to.</summary>
public static class WellKnownGuids
{
    /// <summary>Counter group of IPv4 hosts.</summary>
    public const string Hosts = "{4CD742B1-C1CA-4708-BE78-0FCA2EB01A86}";

    /// <summary>Counter group of IPv6 hosts.</summary>
    public const string HostsIPv6 = "{6CD742B1-C1CA-4708-BE78-0FCA2EB01A86}";

    /// <summary>Counter group of applications (ports).</summary>
    public const string Apps = "{C51B48D4-7876-479E-B0D9-BD9EFF03CE2E}";

    /// <summary>Counter group of IP protocols.</summary>
    public const string NetworkLayer = "{E89BCD56-30AD-40F5-B1C8-8B7683F440BD}";

    /// <summary>Counter group about counter groups: its keys are their GUIDs.</summary>
    public const string MetaCounters = "{4D88CC23-2883-4DEA-A313-A23B60FE8BDA}";

    /// <summary>Counter group about the flow table: its key is <see cref="IpFlows"/>.</summary>
    public const string MetaSessions = "{594606BD-EEB2-4E0B-BAC4-84B7057088C8}";

    /// <summary>Counter group about the machine and the engine: its key is <see cref="EngineKey"/>.</summary>
    public const string SystemPerformance = "{0D39F2A7-2627-49D5-9DCF-707E6F1C0571}";

    /// <summary>Alert group of threshold crossings.</summary>
    public const string ThresholdCrossing = "{03AC6B72-FDB7-44C0-9B8C-7A1975C1C5BA}";

    /// <summary>Alert group that scripts use by habit.</summary>
    public const string UserAlerts = "{B5F1DECB-51D5-4395-B71B-6FA730B772D9}";

    /// <summary>Alert group of what is on lists of known-bad things.</summary>
    public const string Blacklist = "{5E97C3A3-41DB-4E34-92C3-87C904FAB83E}";

    /// <summary>Alert group of files that match rules of YARA.</summary>
    public const string Yara = "{E2B6C1D4-3A57-4C8F-9B60-7D15A0F4C2E9}";

    /// <summary>Resource group of file hashes.</summary>
    public const string FileHashes = "{9781DB2C-F78A-4F7F-A7E8-2B1A9A7BE71A}";

    /// <summary>Session group of IP flows.</summary>
    public const string IpFlows = "{99A78737-4B41-4387-8F31-8077DB917336}";

    /// <summary>Alert group of the probe's own health.</summary>
    public const string SystemAlerts = "{F69C2462-ECEA-45B8-B1CB-F90342D37A4F}";

    /// <summary><see cref="SystemAlerts"/> in the form that look-ups take.</summary>
    public static ReadOnlySpan<byte> SystemAlertsUtf8 => "{F69C2462-ECEA-45B8-B1CB-F90342D37A4F}"u8;

    /// <summary>Counter group of alert signatures: its keys are signature ids, their labels the signatures' names.</summary>
    public static ReadOnlySpan<byte> AlertSignaturesUtf8 => "{A0FA9464-B496-4A20-A9AB-4D2D09AFF902}"u8;

    /// <summary>The key of the one engine there is.</summary>
    public static ReadOnlySpan<byte> EngineKey => "engine-1"u8;

    internal static ReadOnlySpan<byte> HostsUtf8 => "{4CD742B1-C1CA-4708-BE78-0FCA2EB01A86}"u8;
    internal static ReadOnlySpan<byte> HostsIPv6Utf8 => "{6CD742B1-C1CA-4708-BE78-0FCA2EB01A86}"u8;
    internal static ReadOnlySpan<byte> AppsUtf8 => "{C51B48D4-7876-479E-B0D9-BD9EFF03CE2E}"u8;
    internal static ReadOnlySpan<byte> NetworkLayerUtf8 => "{E89BCD56-30AD-40F5-B1C8-8B7683F440BD}"u8;
}
