using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Spillway.Configuration;

/// <summary>
/// A configuration file: sections of keys in YAML, each value a text or a list of texts. Read event by event, so that neither depth nor
/// references of a hostile file cost anything.
/// </summary>
internal sealed class ConfigurationFile
{
    /// <summary>The largest file that is read, in bytes.</summary>
    public const int MaxBytes = 1 << 20;

    // Of what is skipped; the parser's time grows with the square of it.
    private const int MaxDepth = 16;

    private readonly string _path;
    private readonly OptionCatalog _catalog;
    private readonly List<Setting> _settings = [];
    private readonly List<string> _errors = [];

    private ConfigurationFile(string path, OptionCatalog catalog) => (_path, _catalog) = (path, catalog);

    /// <summary>What it sets, in the order of the file.</summary>
    public IReadOnlyList<Setting> Settings => _settings;

    /// <summary>What is wrong with it, each with file and line.</summary>
    public IReadOnlyList<string> Errors => _errors;

    /// <summary>Reads a file.</summary>
    public static ConfigurationFile Read(string path, OptionCatalog catalog)
    {
        var file = new ConfigurationFile(path, catalog);
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MaxBytes } large)
                file._errors.Add($"{path}: too large for a configuration ({large.Length} bytes, at most {MaxBytes})");
            else
                file.Parse(File.ReadAllText(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            file._errors.Add(
                exception is FileNotFoundException or DirectoryNotFoundException
                    ? $"{path}: no such file; spillway config init {path} writes one"
                    : $"{path} cannot be read: {exception.Message.TrimEnd('.')}"
            );
        }

        return file;
    }

    /// <summary>Reads a text as if it stood in a file.</summary>
    public static ConfigurationFile ReadText(string path, string text, OptionCatalog catalog)
    {
        var file = new ConfigurationFile(path, catalog);
        file.Parse(text);
        return file;
    }

    private void Parse(string text)
    {
        try
        {
            var parser = new Parser(new StringReader(text));
            parser.Consume<StreamStart>();
            if (!parser.TryConsume<DocumentStart>(out _))
                return;
            if (!IsNothing(parser))
                ReadSections(parser);
            parser.Consume<DocumentEnd>();
            if (Take<DocumentStart>(parser) is { } second)
                Add(second.Start, "a second document: a configuration is one");
        }
        catch (YamlException exception)
        {
            Add(exception.Start, $"no valid YAML: {exception.Message.Split('\n')[0].Trim().TrimEnd('.')}");
        }
    }

    private void ReadSections(Parser parser)
    {
        if (!Begins(parser, "a section with its keys, such as run:"))
            return;
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (Take<Scalar>(parser) is not { } name)
            {
                Refuse(parser, "a section has a plain name");
                Skip(parser); // its keys
                continue;
            }

            OptionSection? section = _catalog.Sections.Select(each => each.Section).FirstOrDefault(each => each.Key == name.Value);
            if (section is null)
            {
                Add(name.Start, UnknownSection(name.Value));
                Skip(parser);
            }
            else if (!IsNothing(parser) && Begins(parser, $"the keys of section {section.Key}"))
            {
                ReadKeys(parser, section);
            }
        }
    }

    private string UnknownSection(string name) =>
        _catalog.TryGet(name, out OptionEntry? entry) ? $"'{name}' stands in section {entry.Section}"
        : _catalog.NearestSection(name) is { } near ? $"unknown section '{name}'; did you mean '{near}'?"
        : $"unknown section '{name}'; there are {string.Join(", ", _catalog.Sections.Select(each => each.Section.Key))}";

    private void ReadKeys(Parser parser, OptionSection section)
    {
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (Take<Scalar>(parser) is not { } key)
            {
                Refuse(parser, "a key has a plain name");
                Skip(parser); // its value
                continue;
            }

            IReadOnlyList<string>? values = ReadValues(parser, key);
            if (!_catalog.TryGet(key.Value, out OptionEntry? entry))
                Add(key.Start, UnknownKey(key.Value));
            else if (entry.Section != section.Key)
                Add(key.Start, $"'{key.Value}' stands in section {entry.Section}, not in {section.Key}");
            else if (_settings.FirstOrDefault(setting => setting.Entry == entry) is { } twice)
                Add(key.Start, $"'{key.Value}' is set twice, first at {twice.Origin}");
            else if (values is not null)
                AddSetting(entry, values, key);
        }
    }

    private string UnknownKey(string key) =>
        _catalog.NearestKey(key) is { } near && _catalog.TryGet(near, out OptionEntry? entry)
            ? $"unknown key '{key}'; did you mean '{near}' of section {entry.Section}?"
            : $"unknown key '{key}'; spillway config init - shows all";

    private void AddSetting(OptionEntry entry, IReadOnlyList<string> values, Scalar key)
    {
        if (entry.IsFlag)
        {
            if (values is not [var text] || ToFlag(text) is not { } flag)
            {
                Add(key.Start, $"'{key.Value}' is true or false");
                return;
            }

            values = [flag ? "true" : "false"];
        }

        _settings.Add(new Setting(entry, values, At(key.Start)));
    }

    /// <summary>What a text says of something that is on or off; null if nothing.</summary>
    public static bool? ToFlag(string text) =>
        text.ToUpperInvariant() switch
        {
            "TRUE" or "YES" or "ON" or "1" => true,
            "FALSE" or "NO" or "OFF" or "0" => false,
            _ => null,
        };

    private List<string>? ReadValues(Parser parser, Scalar key)
    {
        if (Take<Scalar>(parser) is { } value)
        {
            if (value.Value.Length > 0 || value.Style != ScalarStyle.Plain)
                return [value.Value];
            Add(key.Start, $"'{key.Value}' has no value");
            return null;
        }

        if (parser.TryConsume<SequenceStart>(out _))
        {
            var values = new List<string>();
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                if (Take<Scalar>(parser) is { } each)
                    values.Add(each.Value);
                else
                    Refuse(parser, $"'{key.Value}' is a list of plain values");
            }

            return values;
        }

        Refuse(parser, $"'{key.Value}' is a value or a list of values");
        return null;
    }

    // A mapping; anything else is reported and left out.
    private bool Begins(Parser parser, string expected)
    {
        if (parser.TryConsume<MappingStart>(out _))
            return true;
        Refuse(parser, $"expected {expected}");
        return false;
    }

    // A section of which all keys are comments.
    private static bool IsNothing(Parser parser) =>
        parser.Current is Scalar { Value: "" or "~" or "null", Style: ScalarStyle.Plain } && parser.MoveNext();

    private void Refuse(Parser parser, string problem)
    {
        Add(parser.Current!.Start, problem);
        Skip(parser);
    }

    private static T? Take<T>(Parser parser)
        where T : ParsingEvent => parser.Accept<T>(out _) ? parser.Consume<T>() : null;

    private static void Skip(Parser parser)
    {
        int depth = 0;
        do
        {
            ParsingEvent next = parser.Consume<ParsingEvent>();
            depth += next.NestingIncrease;
            if (depth > MaxDepth)
                throw new YamlException(next.Start, next.End, "nested too deeply");
        } while (depth > 0);
    }

    private void Add(in Mark at, string problem) => _errors.Add($"{At(at)}: {problem}");

    private string At(in Mark at) => FormattableString.Invariant($"{_path}:{at.Line}");
}
