using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Spillway.Configuration;

/// <summary>An option as configuration files know it: the same name, range, default and description as on the command line.</summary>
/// <param name="option">The option.</param>
/// <param name="section">The section that it stands in.</param>
internal sealed partial class OptionEntry(Option option, string section)
{
    /// <summary>The option.</summary>
    public Option Option => option;

    /// <summary>The section's key.</summary>
    public string Section => section;

    /// <summary>Its key: the option's name without dashes.</summary>
    public string Key { get; } = option.Name.TrimStart('-');

    /// <summary>The variable that sets it.</summary>
    public string Variable => "SPILLWAY_" + Key.Replace('-', '_').ToUpperInvariant();

    /// <summary>Whether it is on or off.</summary>
    public bool IsFlag => option.ValueType == typeof(bool);

    /// <summary>Whether it takes several values.</summary>
    public bool IsList => option.ValueType.IsArray;

    /// <summary>What it does, without its default.</summary>
    public string Description => DefaultPattern().Replace(option.Description ?? "", "").Trim();

    /// <summary>What holds without it; empty for nothing.</summary>
    public string Default =>
        DefaultPattern().Match(option.Description ?? "") is { Success: true } match ? match.Groups[1].Value
        : IsFlag ? "false"
        : IsList || !option.HasDefaultValue ? ""
        : option.GetDefaultValue() switch
        {
            null => "",
            IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
            object value => value.ToString() ?? "",
        };

    /// <summary>The arguments that give it these values.</summary>
    public IEnumerable<string> ToArguments(IReadOnlyList<string> values) =>
        IsFlag
            ? values is ["true"]
                ? [option.Name]
                : []
            : IsList
                ? values.Select(value => $"{option.Name}={value}")
                : [$"{option.Name}={string.Join(',', values)}"];

    /// <summary>What is wrong with these values; empty if nothing.</summary>
    public IEnumerable<string> Flaws(IReadOnlyList<string> values) =>
        new Command("check") { option }
            .Parse([.. ToArguments(values)])
            .Errors.Select(error =>
                string.Join(' ', error.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.')
            );

    /// <summary>Whether the values may be set.</summary>
    public bool Accepts(IReadOnlyList<string> values) => !Flaws(values).Any();

    [GeneratedRegex(@"\s*\[default: (.*)\]$")]
    private static partial Regex DefaultPattern();
}
