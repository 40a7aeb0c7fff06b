using System.CommandLine;
using System.Globalization;
using Spillway.Configuration;
using Spillway.Net.Flows;
using Spillway.Net.Storage;
using Spillway.Run;

namespace Spillway.CommandLine;

/// <summary>The options that store packets.</summary>
internal static class StorageCommandLine
{
    private const double MostSeconds = 366 * 86_400;

    private static readonly Option<string?> Packets = new("--packets", "-w")
    {
        Description =
            "Store packets in this directory, for spillway packets and any tool that reads pcap; packet_storage scripts say which",
        HelpName = "DIR",
    };

    private static readonly Option<string> Default = new("--packets-default")
    {
        Description =
            "What is stored of flows on which no script has an opinion: full, headers, none, or each flow's first 10k, 100k, 1m, 10m bytes",
        HelpName = "POLICY",
        DefaultValueFactory = _ => "full",
    };

    private static readonly Option<long?> FileSize = new("--packets-file-size")
    {
        Description = "Begin another capture file at this size, at most a quarter of the disk cap [default: 100M]",
        HelpName = "SIZE",
        CustomParser = ByteSize.Between(4 << 10, 1L << 50, "at least 4K"),
    };

    private static readonly Option<double?> FileTime = new("--packets-file-time")
    {
        Description = "Begin another capture file after so many seconds of packet time; 0 for never [default: 3600]",
        HelpName = "SECONDS",
        CustomParser = Seconds.UpTo(MostSeconds),
    };

    private static readonly Option<long?> Disk = new("--packets-disk")
    {
        Description =
            "Most disk for stored packets, earlier runs' included; the oldest capture files are removed for new ones [default: 10G]",
        HelpName = "SIZE",
        CustomParser = ByteSize.Between(64 << 10, 1L << 60, "at least 64K"),
    };

    /// <summary>Adds the options.</summary>
    public static void AddTo(Command command)
    {
        Default.AcceptOnlyFromAmong([.. StoragePolicies.Names]);
        foreach (Option option in new Option[] { Packets, Default, FileSize, FileTime, Disk })
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(Packets) is not null)
                return;
            foreach (Option option in new Option[] { Default, FileSize, FileTime, Disk })
            {
                if (result.GetResult(option) is { Implicit: false })
                    result.AddError(string.Create(CultureInfo.InvariantCulture, $"{option.Name} has no meaning without --packets DIR"));
            }
        });
    }

    /// <summary>Adds what was asked for to the options of a run.</summary>
    public static RunOptions Apply(RunOptions options, ParseResult result)
    {
        if (result.GetValue(Packets) is not { Length: > 0 } directory)
            return options;
        var usual = new PacketStoreOptions { Directory = directory };
        return options with
        {
            PacketsDefault = StoragePolicies.Find(result.GetValue(Default)!)!.Value,
            Packets = usual with
            {
                FileBytes = result.GetValue(FileSize) ?? usual.FileBytes,
                FileTime = result.GetValue(FileTime) is { } seconds ? TimeSpan.FromSeconds(seconds) : usual.FileTime,
                DiskBytes = result.GetValue(Disk) ?? usual.DiskBytes,
            },
        };
    }
}
