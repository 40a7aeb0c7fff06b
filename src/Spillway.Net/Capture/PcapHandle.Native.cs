using System.Reflection;
using System.Runtime.InteropServices;

namespace Spillway.Net.Capture;

// The imports keep their C names, so that the manual pages (pcap(3), fopencookie(3)) can be searched for them.
internal sealed unsafe partial class PcapHandle
{
    private const string Library = "libpcap.so.0.8";
    private const string CLibrary = "libc";

    private const int PCAP_ERRBUF_SIZE = 256;
    private const uint PCAP_TSTAMP_PRECISION_NANO = 1;
    private const uint PCAP_NETMASK_UNKNOWN = 0xffffffff;

    static PcapHandle() => NativeLibrary.SetDllImportResolver(typeof(PcapHandle).Assembly, Resolve);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library)
            return 0;
        if (
            NativeLibrary.TryLoad(Library, assembly, path, out nint library)
            || NativeLibrary.TryLoad("libpcap.so.1", assembly, path, out library)
        )
            return library;
        throw new CaptureException("libpcap is missing: install it with `apt-get install libpcap0.8`");
    }

    [LibraryImport(Library)]
    private static partial nint pcap_fopen_offline_with_tstamp_precision(nint file, uint precision, byte* errbuf);

    [LibraryImport(Library)]
    private static partial nint pcap_open_dead(int linktype, int snaplen);

    [LibraryImport(Library)]
    private static partial int pcap_next_ex(nint p, pcap_pkthdr** header, byte** data);

    [LibraryImport(Library)]
    private static partial int pcap_datalink(nint p);

    [LibraryImport(Library)]
    private static partial int pcap_snapshot(nint p);

    [LibraryImport(Library)]
    private static partial byte* pcap_geterr(nint p);

    [LibraryImport(Library)]
    private static partial void pcap_close(nint p);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int pcap_compile(nint p, bpf_program* program, string filter, int optimize, uint netmask);

    [LibraryImport(Library)]
    private static partial int pcap_setfilter(nint p, bpf_program* program);

    [LibraryImport(Library)]
    private static partial void pcap_freecode(bpf_program* program);

    [LibraryImport(Library)]
    private static partial int pcap_offline_filter(bpf_program* program, pcap_pkthdr* header, byte* data);

    [LibraryImport(CLibrary, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint fopencookie(nint cookie, string mode, cookie_io_functions_t functions);

    [LibraryImport(CLibrary)]
    private static partial int setvbuf(nint file, nint buffer, int mode, nuint size);

    [LibraryImport(CLibrary)]
    private static partial int fclose(nint file);

    [StructLayout(LayoutKind.Sequential)]
    private struct pcap_pkthdr
    {
        public nint tv_sec;
        public nint tv_usec; // nanoseconds, since the handle was opened with that precision
        public uint caplen;
        public uint len;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct bpf_program
    {
        public uint bf_len;
        public nint bf_insns;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct cookie_io_functions_t
    {
        public delegate* unmanaged<nint, byte*, nuint, nint> read;
        public nint write;
        public nint seek;
        public delegate* unmanaged<nint, int> close;
    }
}
