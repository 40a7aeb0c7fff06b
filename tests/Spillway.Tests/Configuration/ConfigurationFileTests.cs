using Spillway.CommandLine;
using Spillway.Configuration;

namespace Spillway.Tests.Configuration;

public class ConfigurationFileTests
{
    private static readonly OptionCatalog Catalog = new(RunCommand.Create());

    [Fact]
    public void Read_ValuesListsAndFlags_GivesTheArgumentsThatMeanTheSame()
    {
        ConfigurationFile file = Read(
            """
            # a comment
            run:
              output: /var/lib/spillway
              script: [a.lua, b.lua]
              quiet: yes
              json: false
            records:
              hash: [sha256, md5]
            tasks:
            """
        );

        Assert.Empty(file.Errors);
        Assert.Equal(
            ["--output=/var/lib/spillway", "--script=a.lua", "--script=b.lua", "--quiet", "--hash=sha256,md5"],
            file.Settings.SelectMany(setting => setting.Arguments)
        );
        Assert.Equal("test.yaml:3", file.Settings[0].Origin);
    }

    [Theory]
    [InlineData("runn:\n  output: x", "test.yaml:1: unknown section 'runn'; did you mean 'run'?")]
    [InlineData("output: x", "test.yaml:1: 'output' stands in section run")]
    [InlineData("run:\n  ouput: x", "test.yaml:2: unknown key 'ouput'; did you mean 'output' of section run?")]
    [InlineData("run:\n  async-memory: 1M", "test.yaml:2: 'async-memory' stands in section tasks, not in run")]
    [InlineData("run:\n  output:", "test.yaml:2: 'output' has no value")]
    [InlineData("run:\n  output: x\n  output: y", "test.yaml:3: 'output' is set twice, first at test.yaml:2")]
    [InlineData("run:\n  quiet: perhaps", "test.yaml:2: 'quiet' is true or false")]
    [InlineData("run:\n  output:\n    deep: x", "test.yaml:3: 'output' is a value or a list of values")]
    [InlineData("run:\n  script: [[x]]", "test.yaml:2: 'script' is a list of plain values")]
    [InlineData("- run", "test.yaml:1: expected a section with its keys, such as run:")]
    [InlineData("run: 7", "test.yaml:1: expected the keys of section run")]
    [InlineData("run:\n  output: x\n---\nrun:\n  output: y", "test.yaml:3: a second document: a configuration is one")]
    public void Read_WhatIsWrong_SaysWhereAndWhatWouldBeRight(string text, string error) => Assert.Contains(error, Read(text).Errors);

    [Fact]
    public void Read_SeveralThingsWrong_ReportsEach()
    {
        ConfigurationFile file = Read("run:\n  ouput: x\nrecrds:\n  hash: md5\ntasks:\n  async-memory: 2M");

        Assert.Equal(2, file.Errors.Count);
        Assert.Equal("tasks.async-memory", Assert.Single(file.Settings).Name);
    }

    [Theory]
    [InlineData("run:\n\toutput: x")]
    [InlineData("run: {")]
    [InlineData("run:\n  output: \"x")]
    [InlineData("run: *nothing")]
    [InlineData("%YAML 9")]
    public void Read_NoYaml_IsOneError(string text) => Assert.NotEmpty(Read(text).Errors);

    [Fact]
    public void Read_NestedWithoutEnd_EndsSoon() => Assert.NotEmpty(Read("run: " + new string('[', 100_000)).Errors);

    [Fact]
    public void Read_AnyBytes_NeverThrows()
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        string sound = ConfigurationText.ToFile(Catalog).Replace("  # ", "  ", StringComparison.Ordinal);
        const string signs = "[]{}:,-#&*!|>'\"%@`\n\t \0~";
        for (int i = 0; i < 300; i++)
        {
            char[] text = sound.Substring(random.Next(sound.Length / 2), random.Next(1, sound.Length / 2)).ToCharArray();
            for (int change = random.Next(1, 20); change > 0; change--)
                text[random.Next(text.Length)] = signs[random.Next(signs.Length)];
            ConfigurationFile file = Read(new string(text));
            Assert.True(file.Errors.All(error => error.StartsWith("test.yaml:", StringComparison.Ordinal)), $"seed {seed}");
        }
    }

    [Fact]
    public void ToFile_AsWritten_SetsNothingAndIsSound()
    {
        ConfigurationFile file = Read(ConfigurationText.ToFile(Catalog));

        Assert.Empty(file.Errors);
        Assert.Empty(file.Settings);
    }

    [Fact]
    public void ToFile_EveryKeyWithADefault_MayBeSetAsItIsShown()
    {
        string[] keys = [.. Catalog.Entries.Select(entry => $"  # {entry.Key}: ")];
        string text = string.Join(
            '\n',
            ConfigurationText
                .ToFile(Catalog)
                .Split('\n')
                .Select(line =>
                    keys.FirstOrDefault(key => line.StartsWith(key, StringComparison.Ordinal)) is { } key && IsValue(line[key.Length..])
                        ? "  " + line[4..]
                        : line
                )
        );

        ConfigurationFile file = Read(text);

        Assert.Empty(file.Errors);
        Assert.True(file.Settings.Count > 30, $"{file.Settings.Count} keys");
        Assert.All(file.Settings, setting => Assert.Empty(setting.Entry.Flaws(setting.Values)));

        // FILE, [NAME], on|off stand for a value.
        static bool IsValue(string shown) =>
            !shown.Contains('|', StringComparison.Ordinal) && !shown.Any(char.IsUpper) || shown.Any(char.IsDigit);
    }

    [Fact]
    public void Keys_OfAllSections_AreDifferent() =>
        Assert.Equal(Catalog.Entries.Count(), Catalog.Entries.Select(entry => entry.Key).Distinct().Count());

    private static ConfigurationFile Read(string text) => ConfigurationFile.ReadText("test.yaml", text, Catalog);
}
