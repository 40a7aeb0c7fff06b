namespace Spillway.Net.Capture;

/// <summary>
/// How a captured packet begins: libpcap's DLT numbers (https://www.tcpdump.org/linktypes.html), as <c>pcap_datalink</c> reports them.
/// </summary>
public enum LinkType
{
    /// <summary>BSD loopback: 4 bytes of address family in the capturing machine's byte order.</summary>
    Null = 0,

    /// <summary>Ethernet II and 802.3.</summary>
    Ethernet = 1,

    /// <summary>PPP in HDLC-like framing.</summary>
    Ppp = 9,

    /// <summary>Raw IPv4 or IPv6 (DLT_RAW on most systems).</summary>
    Raw = 12,

    /// <summary>Raw IP (DLT_RAW on OpenBSD, and some files).</summary>
    RawOpenBsd = 14,

    /// <summary>PPP in HDLC-like framing, synchronous.</summary>
    PppSerial = 50,

    /// <summary>PPP over Ethernet, from the PPPoE header on.</summary>
    PppEther = 51,

    /// <summary>Raw IP, the LINKTYPE value as it stands in files.</summary>
    RawFile = 101,

    /// <summary>Cisco HDLC.</summary>
    CiscoHdlc = 104,

    /// <summary>IEEE 802.11 without a radio header.</summary>
    Ieee80211 = 105,

    /// <summary>OpenBSD loopback: as <see cref="Null"/>, in network byte order.</summary>
    Loop = 108,

    /// <summary>Linux "cooked" capture, version 1.</summary>
    LinuxSll = 113,

    /// <summary>IEEE 802.11 with a radiotap header.</summary>
    Ieee80211Radiotap = 127,

    /// <summary>Raw IPv4.</summary>
    Ipv4 = 228,

    /// <summary>Raw IPv6.</summary>
    Ipv6 = 229,

    /// <summary>Linux netfilter log.</summary>
    Nflog = 239,

    /// <summary>Linux "cooked" capture, version 2.</summary>
    LinuxSll2 = 276,
}
