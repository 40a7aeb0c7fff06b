using System.Net;
using Spillway.Async;
using Spillway.Async.Inspection;
using Spillway.Metrics;
using Spillway.Metrics.Traffic;
using Spillway.Net.Files;

namespace Spillway.Run;

/// <summary>What a run was asked to do. Immutable; the command line has checked the ranges.</summary>
internal sealed record RunOptions
{
    /// <summary>Capture files in their order; <c>-</c> is standard input.</summary>
    public IReadOnlyList<string> Captures { get; init; } = [];

    /// <summary>The script that makes the input; null takes <see cref="Captures"/>.</summary>
    public string? Input { get; init; }

    /// <summary>Interfaces that are listened to, in place of <see cref="Captures"/>.</summary>
    public IReadOnlyList<string> Interfaces { get; init; } = [];

    /// <summary>How they are listened to.</summary>
    public Net.Capture.LiveOptions Listening { get; init; } = new();

    /// <summary>Whose process the run becomes once they are open, as NAME[:GROUP]; null for no change.</summary>
    public string? User { get; init; }

    /// <summary>How long they are listened to; null until a signal.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>How many packets are taken; null for all.</summary>
    public long? Count { get; init; }

    /// <summary>Packet times that are taken of captures.</summary>
    public ReadRange Range { get; init; } = new();

    /// <summary>Whether packets come whether or not they are taken.</summary>
    public bool Listens => Interfaces.Count > 0;

    /// <summary>Where the input comes from, for reports.</summary>
    public IReadOnlyList<string> Sources =>
        Input is { } script ? [script]
        : Listens ? Interfaces
        : Captures;

    /// <summary>The captures that are read, by whose places flows name theirs, from 1; none if the input is something else.</summary>
    public IReadOnlyList<string> CapturesRead => Input is null && !Listens ? Captures : [];

    /// <summary>Script files and directories.</summary>
    public IReadOnlyList<string> Scripts { get; init; } = [];

    /// <summary>BPF filter; null takes all packets.</summary>
    public string? Filter { get; init; }

    /// <summary>Output directory.</summary>
    public string Output { get; init; } = "spillway-out";

    /// <summary>Print the summary as JSON; what scripts print then goes to standard error.</summary>
    public bool Json { get; init; }

    /// <summary>No progress, no summary: only what scripts print, and problems.</summary>
    public bool Quiet { get; init; }

    /// <summary>Show T.log lines up to this level.</summary>
    public Scripting.ScriptLogLevel LogLevel { get; init; } = Scripting.ScriptLogLevel.Warning;

    /// <summary>A log in a file beside that on standard error; null for none.</summary>
    public Logging.LogFileOptions? LogFile { get; init; }

    /// <summary>T.args.</summary>
    public string Arguments { get; init; } = "";

    /// <summary>Values for <c>T.env.get_config</c>, by path.</summary>
    public IReadOnlyDictionary<string, string> Config { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Directory where every HTTP content is stored as a file and stays; null stores only what scripts take, and only for them.
    /// </summary>
    public string? Extract { get; init; }

    /// <summary>Kinds of files that stay there; null keeps all.</summary>
    public Metrics.Records.FileKinds? ExtractKinds { get; init; }

    /// <summary>
    /// Whether types of files are told by their content; null does so where files are kept or have events, and elsewhere of programs,
    /// scripts, archives and documents, if it can be done.
    /// </summary>
    public bool? Magic { get; init; }

    /// <summary>Files and directories of rules of YARA, as they were given.</summary>
    public IReadOnlyList<string> YaraFiles { get; init; } = [];

    /// <summary>Time and size of scans.</summary>
    public ScanLimits Scan { get; init; } = new();

    /// <summary>What is found out about files off the packet path, once it is known that it can be; null if nothing is.</summary>
    public Pipeline.InspectionOptions? Inspection { get; init; }

    /// <summary>
    /// Permissions that are taken from what the run creates; null for all but the owner's, and what the process's own mask takes.
    /// </summary>
    public int? Mask { get; init; }

    /// <summary>Parent of the ram directory.</summary>
    public string RamRoot { get; init; } = RamDirectory.DefaultRoot;

    /// <summary>Where tasks are kept until they are over; null keeps them in memory only. Then <see cref="RamRoot"/> is not used.</summary>
    public Async.Journal.JournalOptions? Journal { get; init; }

    /// <summary>Most bytes in the ram directory.</summary>
    public long RamBytes { get; init; } = 1L << 30;

    /// <summary>Files bigger than this are handed to scripts in chunks of this size.</summary>
    public long ChunkBytes { get; init; } = 5 << 20;

    /// <summary>Where packets are stored; null stores none.</summary>
    public Net.Storage.PacketStoreOptions? Packets { get; init; }

    /// <summary>What is stored of flows on which no script has an opinion.</summary>
    public Net.Flows.StoragePolicy PacketsDefault { get; init; } = Net.Flows.StoragePolicy.Full;

    /// <summary>Identify HTTP content by its hash.</summary>
    public ContentHashes Hash { get; init; } = ContentHashes.Sha1;

    /// <summary>Full-text documents that are written without a script.</summary>
    public Pipeline.DocumentKinds Documents { get; init; }

    /// <summary>Requests of HTTP, questions of DNS and handshakes of TLS that are recorded.</summary>
    public Pipeline.TransactionKinds Transactions { get; init; } = Pipeline.TransactionKinds.All;

    /// <summary>Resources that are recorded without a script.</summary>
    public Pipeline.ResourceKinds Resources { get; init; }

    /// <summary>Limits and times of the flow table.</summary>
    public Net.Flows.FlowTableOptions Flows { get; init; } = Net.Flows.FlowTableOptions.Default;

    /// <summary>What a wrong checksum means.</summary>
    public Net.Tcp.ChecksumPolicy Checksums { get; init; }

    /// <summary>Whether flows are those of the outermost packet of a tunnel, and not of the innermost.</summary>
    public bool TakesOutermost { get; init; }

    /// <summary>What is part of flow keys besides addresses, ports and protocol.</summary>
    public Net.Packets.FlowTags FlowKeyTags { get; init; }

    /// <summary>Events as EVE JSON; null writes none.</summary>
    public Eve.EveOptions? Eve { get; init; }

    /// <summary>Longest drain of the slow path at the end; null is without limit.</summary>
    public TimeSpan? DrainTimeout { get; init; }

    /// <summary>What is counted, and limits.</summary>
    public MetricOptions Metrics { get; init; } = new() { Traffic = new TrafficOptions() };

    /// <summary>The networks that count as one's own, for scripts; metrics have them in their options.</summary>
    public HomeNetworks Home { get; init; } = HomeNetworks.Default;

    /// <summary>Databases of countries, cities and AS numbers, as they were given.</summary>
    public IReadOnlyList<string> GeoFiles { get; init; } = [];

    /// <summary>Lists of known-bad things, as they were given.</summary>
    public IReadOnlyList<string> IntelFiles { get; init; } = [];

    /// <summary>The lists, once they are read; null without any.</summary>
    public Metrics.Intel.IntelSource? Intel { get; init; }

    /// <summary>Files of thresholds, as they were given.</summary>
    public IReadOnlyList<string> ThresholdFiles { get; init; } = [];

    /// <summary>The thresholds, once they are read; null without any.</summary>
    public Metrics.Thresholds.ThresholdSource? Thresholds { get; init; }

    /// <summary>How long and how much the store keeps.</summary>
    public Metrics.Stores.SqliteStoreOptions Store { get; init; } = new();

    /// <summary>Smallest <see cref="OutputBytes"/>.</summary>
    public const long LeastOutputBytes = 32L << 20;

    /// <summary>Most disk for the output directory and extracted files together; null for no limit.</summary>
    public long? OutputBytes { get; init; }

    /// <summary>Limits of T.async.</summary>
    public AsyncOptions Async { get; init; } = new();

    /// <summary>What scripts may take of time and memory.</summary>
    public Scripting.ScriptLimits ScriptLimits { get; init; } = new();

    /// <summary>Libraries that scripts load by old names: the name in the script, the name that loads.</summary>
    public IReadOnlyDictionary<string, string> FfiAliases { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether scripts may start commands by io.popen and os.execute.</summary>
    public bool AllowsShell { get; init; } = true;

    /// <summary>Show workers and queues on the terminal.</summary>
    public bool Live { get; init; }

    /// <summary>End with what each script did, for its author, in place of the summary.</summary>
    public bool IsTest { get; init; }

    /// <summary>Take changes of backend scripts while the run goes on; a deterministic run does not.</summary>
    public bool Reloads { get; init; }

    /// <summary>How long a window waits for tasks of the backend's scripts; null for the usual time.</summary>
    public TimeSpan? WindowWait { get; init; }

    /// <summary>Lanes that work on the packets at the same time; 1 reads and works on one thread.</summary>
    public int Lanes { get; init; } = 1;

    /// <summary>Same input, same output, byte for byte.</summary>
    public bool Deterministic { get; init; }

    /// <summary>Whether the service manager is notified when packets are taken, that lanes go on, and that the run ends.</summary>
    public bool IsService { get; init; }

    /// <summary>Where figures and health are served by HTTP; null for nowhere.</summary>
    public IPEndPoint? FiguresAt { get; init; }

    /// <summary>Pages that are served while the run goes on; null for none.</summary>
    public Web.WebOptions? Web { get; init; }

    /// <summary>A server of pages that is there already, and that shows this run; null for none.</summary>
    public Web.WebServer? Pages { get; init; }

    /// <summary>What was given of all options: name, value, where it comes from.</summary>
    public IReadOnlyList<(string Name, string Value, string Origin)> Settings { get; init; } = [];

    /// <summary>Where figures and traces are sent; null for nowhere.</summary>
    public Telemetry.TelemetryOptions? Telemetry { get; init; }

    /// <summary>Looks at the configuration anew when SIGHUP comes; null without a file.</summary>
    public Configuration.ConfigurationReload? Reload { get; init; }
}
