using System.Buffers;

namespace Spillway.Async.Inspection;

/// <summary>
/// The form in which matches travel: their number, and of each rule, namespace, number of tags, tags, number of lines of meta, and of each
/// name, kind (0 text, 1 number, 2 truth) and text. <c>async.lua</c> reads it too.
/// </summary>
internal static class RuleMatchFormat
{
    private const int Text = 0,
        Number = 1,
        Truth = 2;

    public static void Write(IBufferWriter<byte> output, IReadOnlyList<RuleMatch> matches)
    {
        FindingsWriter.WriteNumber(output, matches.Count);
        foreach (RuleMatch match in matches)
        {
            FindingsWriter.WriteText(output, match.Rule);
            FindingsWriter.WriteText(output, match.Namespace);
            FindingsWriter.WriteNumber(output, match.Tags.Count);
            foreach (string tag in match.Tags)
                FindingsWriter.WriteText(output, tag);
            FindingsWriter.WriteNumber(output, match.Meta.Count);
            foreach (RuleMeta meta in match.Meta)
            {
                FindingsWriter.WriteText(output, meta.Name);
                FindingsWriter.WriteNumber(
                    output,
                    meta.Value switch
                    {
                        bool => Truth,
                        long => Number,
                        _ => Text,
                    }
                );
                FindingsWriter.WriteText(output, meta.Text);
            }
        }
    }

    public static RuleMatch[] Read(ref FindingsReader reader)
    {
        var matches = new RuleMatch[reader.ReadNumber()];
        for (int i = 0; i < matches.Length; i++)
        {
            string rule = reader.ReadText();
            string space = reader.ReadText();
            string[] tags = new string[reader.ReadNumber()];
            for (int j = 0; j < tags.Length; j++)
                tags[j] = reader.ReadText();
            var meta = new RuleMeta[reader.ReadNumber()];
            for (int j = 0; j < meta.Length; j++)
                meta[j] = ReadMeta(ref reader);
            matches[i] = new RuleMatch(rule, space, tags, meta);
        }

        return matches;
    }

    private static RuleMeta ReadMeta(ref FindingsReader reader)
    {
        string name = reader.ReadText();
        int kind = reader.ReadNumber();
        string text = reader.ReadText();
        return new RuleMeta(
            name,
            kind switch
            {
                Truth => text == "true",
                Number => long.Parse(text, System.Globalization.CultureInfo.InvariantCulture),
                _ => text,
            }
        );
    }
}
