using System.CommandLine;
using System.CommandLine.Parsing;
using Spillway.Configuration;
using Spillway.Scripting;

namespace Spillway.CommandLine;

/// <summary>The options that limit what scripts take, and that help old ones to today's libraries.</summary>
internal static class ScriptLimitsCommandLine
{
    private const double MostSeconds = 86_400;

    private static readonly Option<double?> CallbackTimeout = new("--callback-timeout")
    {
        Description =
            "Stop a callback that runs longer than so many seconds and disable its script; 0 for never "
            + "[default: 0, slow ones are reported]",
        HelpName = "SECONDS",
        CustomParser = Seconds.UpTo(MostSeconds),
    };

    private static readonly Option<long?> Memory = new("--script-memory")
    {
        Description = "Most memory of each Lua state; a script that wants more is disabled, a task fails [default: 512M]",
        HelpName = "SIZE",
        CustomParser = ByteSize.Between(16 << 20, 1L << 40, "from 16M to 1T"),
    };

    private static readonly Option<string[]> FfiAlias = new("--ffi-alias")
    {
        Description = "When a script's ffi.load asks for library OLD, load NEW, such as 'libfoo.so.1=libfoo.so.3'; may be given again",
        HelpName = "OLD=NEW",
        DefaultValueFactory = _ => [],
    };

    /// <summary>Adds the options.</summary>
    public static void AddTo(Command command)
    {
        FfiAlias.Validators.Add(CheckAliases);
        foreach (Option option in new Option[] { CallbackTimeout, Memory, FfiAlias })
            command.Options.Add(option);
    }

    /// <summary>The limits that were given, and the usual ones for the rest.</summary>
    public static ScriptLimits ToLimits(ParseResult result)
    {
        var usual = new ScriptLimits();
        return usual with
        {
            CallbackTimeout = result.GetValue(CallbackTimeout) is > 0 and { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            MemoryBytes = result.GetValue(Memory) ?? usual.MemoryBytes,
        };
    }

    /// <summary>The names of libraries that were given; of the same name, the last one counts.</summary>
    public static IReadOnlyDictionary<string, string> ToFfiAliases(ParseResult result) =>
        result
            .GetValue(FfiAlias)!
            .Select(pair => pair.Split('=', 2))
            .GroupBy(pair => pair[0].Trim())
            .ToDictionary(group => group.Key, group => group.Last()[1].Trim());

    private static void CheckAliases(OptionResult result)
    {
        foreach (string pair in result.GetValue(FfiAlias) ?? [])
        {
            string[] names = pair.Split('=', 2, StringSplitOptions.TrimEntries);
            if (names is not [{ Length: > 0 }, { Length: > 0 }])
                result.AddError($"--ffi-alias takes OLD=NEW, such as 'libfoo.so.1=libfoo.so.3', not '{pair}'");
        }
    }
}
