using System.CommandLine;
using System.CommandLine.Parsing;
using Spillway.Configuration;
using Spillway.Metrics.Records;
using Spillway.Net.Files;
using Spillway.Pipeline;
using Spillway.Run;

namespace Spillway.CommandLine;

/// <summary>The options of every command that takes packets through the pipeline: scripts, results, limits.</summary>
internal static class PipelineCommandLine
{
    private const double MaxSeconds = 1e9;

    private static readonly Option<string[]> Script = new("--script", "-s")
    {
        Description = "Lua scripts: files, or directories that are searched with all below them",
        HelpName = "PATH",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string> Output = new("--output", "-o")
    {
        Description = "Directory for results (spillway.db); created if need be",
        HelpName = "DIR",
        DefaultValueFactory = _ => "spillway-out",
    };

    private static readonly Option<bool> Json = new("--json")
    {
        Description = "Print the summary as JSON on standard output; what scripts print goes to standard error",
    };

    private static readonly Option<bool> Quiet = new("--quiet", "-q")
    {
        Description = "No progress and no summary: only what scripts print, and problems",
    };

    private static readonly Option<string> Arguments = new("--args")
    {
        Description = "Text for scripts, as T.args",
        HelpName = "TEXT",
        DefaultValueFactory = _ => "",
    };

    private static readonly Option<string[]> Set = new("--set")
    {
        Description = "A value for T.env.get_config, such as 'App>DBRoot=/var/lib/mine'; may be given again",
        HelpName = "PATH=VALUE",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string?> Extract = new("--extract", "-x")
    {
        Description = "Store every HTTP body, mail part and FTP file, decoded, in this directory; no script is needed",
        HelpName = "DIR",
    };

    private static readonly Option<FileKinds?> ExtractType = new("--extract-type")
    {
        Description =
            "Keep only files of these kinds by their content, separated by commas: "
            + string.Join(", ", FileKinds.Names)
            + ", or the beginning of a MIME type, such as application/x-",
        HelpName = "KINDS",
        CustomParser = ParseKinds,
    };

    private static readonly Option<string?> Magic = new("--magic")
    {
        Description =
            "Tell the types of files by their content (libmagic): on or off [default: on with --extract or --eve, else of programs, "
            + "scripts, archives and documents; if it is there]",
        HelpName = "on|off",
    };

    private static readonly Option<int?> Umask = new("--umask")
    {
        Description =
            "Permissions taken from what the run creates (store, events, packets, files, and what scripts write), "
            + "octal: 027 lets the group read, 022 everybody [default: 077, the owner only]",
        HelpName = "MASK",
        CustomParser = ParseMask,
    };

    private static readonly Option<string> RamDir = new("--ramfs")
    {
        Description = "Where extracted files lie until all tasks on them are done; best a tmpfs",
        HelpName = "DIR",
        DefaultValueFactory = _ => RamDirectory.DefaultRoot,
    };

    private static readonly Option<long?> RamSize = new("--ramfs-size")
    {
        Description =
            "Most bytes of extracted files at a time; reading waits for tasks to free room, what finds none is "
            + "refused, counted and told [default: 1G]",
        HelpName = "SIZE",
        CustomParser = ByteSize.Between(64 << 10, 1L << 50, "at least 64K"),
    };

    private static readonly Option<long?> ChunkSize = new("--chunk-size")
    {
        Description = "Bigger files are handed to scripts in chunks of this size, 4K to 1G [default: 5M]",
        HelpName = "SIZE",
        CustomParser = ByteSize.Between(4 << 10, 1L << 30, "from 4K to 1G"),
    };

    private static readonly Option<string> Hash = new("--hash")
    {
        Description = "How extracted files are identified: sha1, md5, sha256, or several of them (sha256,md5); none",
        HelpName = "NAME",
        DefaultValueFactory = _ => "sha1",
    };

    private static readonly Option<string[]> Resources = new("--resources")
    {
        Description = "Record what is seen in the traffic as resources: dns, tls (certificates), url, files (MD5), all; may be given again",
        HelpName = "KIND",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<double?> DrainTimeout = new("--drain-timeout")
    {
        Description = "At the end, wait at most so many seconds for tasks that are not done [default: until all are; 30 after Ctrl-C]",
        HelpName = "SECONDS",
        CustomParser = Seconds.UpTo(MaxSeconds),
    };

    private static readonly Option<bool> Deterministic = new("--deterministic")
    {
        Description =
            "Same input, same output, byte for byte: waits for the tasks of each packet before the next, and each "
            + "script has one worker (slow; for tests)",
    };

    /// <summary>Adds the options.</summary>
    public static void AddTo(Command command)
    {
        foreach (
            Option option in new Option[]
            {
                Script,
                Output,
                Json,
                Quiet,
                Arguments,
                Set,
                Extract,
                ExtractType,
                Magic,
                Umask,
                RamDir,
                RamSize,
                ChunkSize,
                Hash,
                Resources,
                DrainTimeout,
                Deterministic,
            }
        )
        {
            command.Options.Add(option);
        }

        LogCommandLine.AddTo(command);
        RecordsCommandLine.AddTo(command);
        MetricsCommandLine.AddTo(command);
        GeoCommandLine.AddTo(command);
        IntelCommandLine.AddTo(command);
        ThresholdsCommandLine.AddTo(command);
        YaraCommandLine.AddTo(command);
        FlowsCommandLine.AddTo(command);
        ChecksumsCommandLine.AddTo(command);
        TunnelsCommandLine.AddTo(command);
        StoreCommandLine.AddTo(command);
        AsyncCommandLine.AddTo(command);
        JournalCommandLine.AddTo(command);
        StorageCommandLine.AddTo(command);
        EveCommandLine.AddTo(command);
        ScriptLimitsCommandLine.AddTo(command);
        BackendCommandLine.AddTo(command);
        Hash.Validators.Add(result =>
        {
            if (HashesOf(result.GetValue(Hash)) is null)
                result.AddError($"--hash takes sha1, md5, sha256, several of them with commas, or none, not '{result.GetValue(Hash)}'");
        });
        Magic.AcceptOnlyFromAmong("on", "off");
        command.Validators.Add(RefuseContradictions);
        Resources.AcceptOnlyFromAmong("dns", "tls", "url", "files", "all");
        Script.Validators.Add(RefuseOptions);
        Set.Validators.Add(result =>
        {
            foreach (string pair in result.GetValue(Set) ?? [])
            {
                if (!pair.Contains('=', StringComparison.Ordinal))
                    result.AddError($"--set takes PATH=VALUE, such as 'App>DBRoot=/var/lib/mine', not '{pair}'");
            }
        });
    }

    /// <summary>Whether an output directory was named.</summary>
    public static bool HasOutput(ParseResult result) => result.GetResult(Output) is { Implicit: false };

    /// <summary>Whether the same output is asked for, byte for byte.</summary>
    public static bool IsDeterministic(CommandResult result) => result.GetValue(Deterministic);

    /// <summary>What the options ask for; where the packets come from is up to the command.</summary>
    public static RunOptions ToOptions(ParseResult result) =>
        StorageCommandLine.Apply(
            new RunOptions
            {
                Scripts = result.GetValue(Script)!,
                Output = result.GetValue(Output)!,
                Json = result.GetValue(Json),
                Quiet = result.GetValue(Quiet) || EveCommandLine.ToOptions(result) is { IsStandardOutput: true },
                LogLevel = LogCommandLine.ToLevel(result),
                LogFile = LogCommandLine.ToFile(result),
                Arguments = result.GetValue(Arguments)!,
                Config = result
                    .GetValue(Set)!
                    .Select(pair => pair.Split('=', 2))
                    .GroupBy(pair => pair[0])
                    .ToDictionary(group => group.Key, group => group.Last()[1]),
                Extract = result.GetValue(Extract),
                ExtractKinds = result.GetValue(ExtractType),
                Magic = result.GetValue(Magic) switch
                {
                    "on" => true,
                    "off" => false,
                    _ => null,
                },
                Mask = result.GetValue(Umask),
                RamRoot = result.GetValue(RamDir)!,
                RamBytes = result.GetValue(RamSize) ?? RamDirectory.DefaultCapacityBytes,
                ChunkBytes = result.GetValue(ChunkSize) ?? ContentFileOptions.Default.ChunkBytes,
                Hash = HashesOf(result.GetValue(Hash))!.Value,
                Resources = result
                    .GetValue(Resources)!
                    .Aggregate(ResourceKinds.None, (kinds, name) => kinds | Enum.Parse<ResourceKinds>(name, ignoreCase: true)),
                Documents = RecordsCommandLine.ToDocuments(result),
                Transactions = RecordsCommandLine.ToTransactions(result),
                DrainTimeout = result.GetValue(DrainTimeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                Journal = JournalCommandLine.ToOptions(result),
                Deterministic = result.GetValue(Deterministic),
                Reloads = BackendCommandLine.TakesChanges(result),
                WindowWait = BackendCommandLine.WaitOf(result),
                Eve = EveCommandLine.ToOptions(result),
                Metrics = MetricsCommandLine.ToOptions(result),
                Home = MetricsCommandLine.ToHome(result),
                GeoFiles = GeoCommandLine.ToFiles(result),
                IntelFiles = IntelCommandLine.ToFiles(result),
                ThresholdFiles = ThresholdsCommandLine.ToFiles(result),
                YaraFiles = YaraCommandLine.ToRules(result),
                Scan = YaraCommandLine.ToLimits(result),
                Flows = FlowsCommandLine.ToOptions(result),
                Checksums = ChecksumsCommandLine.ToPolicy(result),
                TakesOutermost = TunnelsCommandLine.TakesOutermost(result),
                FlowKeyTags = TunnelsCommandLine.ToTags(result),
                Store = StoreCommandLine.ToOptions(result),
                OutputBytes = StoreCommandLine.OutputBytes(result),
                Async = AsyncCommandLine.ToOptions(result) with { Scan = YaraCommandLine.ToLimits(result) },
                AllowsShell = AsyncCommandLine.AllowsShell(result),
                ScriptLimits = ScriptLimitsCommandLine.ToLimits(result),
                FfiAliases = ScriptLimitsCommandLine.ToFfiAliases(result),
                Live = AsyncCommandLine.IsLive(result),
            },
            result
        );

    private static void RefuseContradictions(CommandResult result)
    {
        if (result.GetResult(ExtractType) is null)
            return;
        if (result.GetResult(Extract) is null)
            result.AddError("--extract-type needs --extract DIR: where the files are kept");
        if (result.GetResult(Magic)?.GetValueOrDefault<string?>() == "off")
            result.AddError("--extract-type needs the types of files: leave --magic off out");
    }

    private static FileKinds? ParseKinds(ArgumentResult result)
    {
        string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (FileKinds.TryParse(text, out FileKinds? kinds, out string? unknown))
            return kinds;
        result.AddError($"--extract-type: '{unknown}' is no kind of files ({string.Join(", ", FileKinds.Names)}) and no MIME type");
        return null;
    }

    private static int? ParseMask(ArgumentResult result)
    {
        string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (text.Length is 3 or 4 && text.All(c => c is >= '0' and <= '7') && Convert.ToInt32(text, 8) is <= 0x1FF and var mask)
            return mask;
        result.AddError($"--umask '{text}' is no mask: give three octal digits, such as 027");
        return null;
    }

    // Null if a name is unknown.
    private static ContentHashes? HashesOf(string? names)
    {
        if (names == "none")
            return ContentHashes.None;
        ContentHashes? hashes = ContentHashes.None;
        foreach (string name in (names ?? "").Split(',', StringSplitOptions.TrimEntries))
        {
            hashes |= name switch
            {
                "md5" => ContentHashes.Md5,
                "sha1" => ContentHashes.Sha1,
                "sha256" => ContentHashes.Sha256,
                _ => (ContentHashes?)null,
            };
        }

        return hashes;
    }

    /// <summary>For options that take all that follows: a mistyped option would pass for a file.</summary>
    public static void RefuseOptions(OptionResult result)
    {
        foreach (Token token in result.Tokens)
        {
            if (token.Value is ['-', _, ..] && !Path.Exists(token.Value))
                result.AddError(UnknownWord.Option(token.Value, result.Parent as CommandResult));
        }
    }
}
