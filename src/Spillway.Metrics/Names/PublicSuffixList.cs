using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Spillway.Metrics.Counters;

namespace Spillway.Metrics.Names;

/// <summary>
/// The rules of the Public Suffix List: under which names anybody can register a domain (https://publicsuffix.org/list/, "Algorithm").
/// Immutable;
/// any thread. Names are looked up as bytes in place: they come off the wire, and libraries for this want a string for each.
/// </summary>
public sealed class PublicSuffixList
{
    /// <summary>Bytes of a list's file at most.</summary>
    public const int MaxFileBytes = 16 << 20;

    // Names of DNS are 255 bytes long at most, and have no more labels than this.
    private const int MostLabels = 128;

    private static readonly Lazy<PublicSuffixList> BuiltInList = new(ReadBuiltIn);

    private readonly byte[] _text;
    private readonly Slot[] _slots;
    private readonly int _longestRule;

    private PublicSuffixList(Builder rules)
    {
        (_text, _slots, _longestRule, RuleCount) = (rules.Text, rules.Slots, rules.LongestRule, rules.Count);
    }

    [Flags]
    private enum Rule : byte
    {
        None = 0,

        /// <summary>The name is a public suffix.</summary>
        Suffix = 1,

        /// <summary>So is every name one label below it.</summary>
        Wildcard = 2,

        /// <summary>But not this one.</summary>
        Exception = 4,
    }

    /// <summary>The list that the program brings along; read when it is first asked for.</summary>
    public static PublicSuffixList BuiltIn => BuiltInList.Value;

    /// <summary>Rules; one that is not ASCII counts twice, as it is and in Punycode.</summary>
    public int RuleCount { get; }

    /// <summary>Reads a list in the form of <c>public_suffix_list.dat</c>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="list">The list.</param>
    /// <param name="flaw">What is wrong, for the user.</param>
    public static bool TryRead(string path, [NotNullWhen(true)] out PublicSuffixList? list, [NotNullWhen(false)] out string? flaw)
    {
        list = null;
        flaw = null;
        try
        {
            using FileStream stream = File.OpenRead(path);
            using var head = new MemoryStream();
            byte[] part = new byte[64 << 10];
            for (int read; head.Length <= MaxFileBytes && (read = stream.Read(part)) > 0; )
                head.Write(part, 0, read);
            head.Position = 0;
            if (head.Length > MaxFileBytes)
                flaw = $"'{path}' is too large for a list of public suffixes: it has more than {MaxFileBytes >> 20} MB";
            else
                list = Read(head);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            flaw = $"'{path}' cannot be read: {exception.Message.TrimEnd('.')}";
        }

        // Any text has lines that could be rules; the list itself has thousands, and com is among them.
        if (list is not null && list.Find("com"u8) == Rule.None)
        {
            list = null;
            flaw = $"'{path}' is no list of public suffixes: it has no rule for com; get the list from https://publicsuffix.org/list/";
        }

        return list is not null;
    }

    /// <summary>Where in a name its registrable domain begins: the public suffix and one label more.</summary>
    /// <param name="name">In lower case, without a dot at the end. A dot behind a backslash is part of a label.</param>
    /// <returns>The offset; -1 for a name that is a public suffix itself or has an empty label there.</returns>
    public int FindRegistrable(ReadOnlySpan<byte> name)
    {
        Span<int> starts = stackalloc int[MostLabels];
        int labels = SplitFromTheRight(name, starts[..Math.Min(MostLabels, _longestRule + 1)]);
        int suffix = 0; // a name without a rule: its last label is the suffix
        for (int label = 0; label < labels; label++)
        {
            Rule rule = Find(name[starts[label]..]);
            if ((rule & Rule.Exception) != 0)
            {
                suffix = label - 1;
                break;
            }

            if ((rule & Rule.Suffix) != 0)
                suffix = label;
            if ((rule & Rule.Wildcard) != 0 && label + 1 < labels)
                suffix = label + 1;
        }

        int registrable = suffix + 1;
        return registrable < labels && HasNoEmptyLabel(name, starts[..(registrable + 1)]) ? starts[registrable] : -1;
    }

    private static int SplitFromTheRight(ReadOnlySpan<byte> name, Span<int> starts)
    {
        int count = 0;
        for (int end = name.Length; count < starts.Length; count++)
        {
            int dot = LastDot(name[..end]);
            starts[count] = dot + 1;
            if (dot < 0)
                return count + 1;
            end = dot;
        }

        return count;
    }

    // As DnsName writes names, a dot within a label has a backslash before it, and a backslash another.
    private static int LastDot(ReadOnlySpan<byte> name)
    {
        while (true)
        {
            int dot = name.LastIndexOf((byte)'.');
            if (dot <= 0 || name[dot - 1] != (byte)'\\')
                return dot;
            int before = name[..dot].LastIndexOfAnyExcept((byte)'\\');
            if ((dot - 1 - before) % 2 == 0)
                return dot;
            name = name[..dot];
        }
    }

    private static bool HasNoEmptyLabel(ReadOnlySpan<byte> name, ReadOnlySpan<int> starts)
    {
        int end = name.Length;
        foreach (int start in starts)
        {
            if (start >= end)
                return false;
            end = start - 1;
        }

        return true;
    }

    private Rule Find(ReadOnlySpan<byte> suffix)
    {
        if (suffix.Length is 0 or > byte.MaxValue)
            return Rule.None;
        ulong hash = KeyHash.Compute(suffix);
        int mask = _slots.Length - 1;
        for (int i = (int)hash & mask; _slots[i].Length != 0; i = (i + 1) & mask)
        {
            ref readonly Slot slot = ref _slots[i];
            if (slot.Length == suffix.Length && _text.AsSpan(slot.Offset, slot.Length).SequenceEqual(suffix))
                return slot.Rule;
        }

        return Rule.None;
    }

    private static PublicSuffixList ReadBuiltIn()
    {
        using Stream stream = typeof(PublicSuffixList).Assembly.GetManifestResourceStream("public-suffixes.dat")!;
        return Read(stream);
    }

    private static PublicSuffixList Read(Stream stream)
    {
        var rules = new Builder();
        using var reader = new StreamReader(stream, Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            // "Each line is only read up to the first whitespace"; comments begin with two slashes.
            string rule = line.Split(' ', '\t')[0];
            if (rule.Length > 0 && !rule.StartsWith("//", StringComparison.Ordinal))
                rules.Add(rule);
        }

        return new PublicSuffixList(rules);
    }

    private record struct Slot(int Offset, byte Length, Rule Rule);

    private sealed class Builder
    {
        private static readonly IdnMapping Idn = new();
        private int _used;

        public byte[] Text { get; private set; } = new byte[256 << 10];
        public Slot[] Slots { get; private set; } = new Slot[32 << 10];
        public int Count { get; private set; }
        public int LongestRule { get; private set; } = 1;

        public void Add(string line)
        {
            Rule rule = Rule.Suffix;
            string name = line;
            if (line[0] == '!')
                (rule, name) = (Rule.Exception, line[1..]);
            else if (line.StartsWith("*.", StringComparison.Ordinal))
                (rule, name) = (Rule.Wildcard, line[2..]);
            name = name.ToLowerInvariant();
            Add(Encoding.UTF8.GetBytes(name), rule);
            if (Ascii.IsValid(name))
                return;
            try
            {
                Add(Encoding.ASCII.GetBytes(Idn.GetAscii(name)), rule);
            }
            catch (ArgumentException)
            {
                // What has no Punycode is never asked for in it.
            }
        }

        private void Add(ReadOnlySpan<byte> name, Rule rule)
        {
            if (name.Length is 0 or > byte.MaxValue)
                return;
            if ((Count + 1) * 2 > Slots.Length)
                Grow();
            if (_used + name.Length > Text.Length)
            {
                byte[] text = Text;
                Array.Resize(ref text, text.Length * 2);
                Text = text;
            }

            int at = Place(Slots, name);
            if (Slots[at].Length == 0)
            {
                name.CopyTo(Text.AsSpan(_used));
                Slots[at] = new Slot(_used, (byte)name.Length, rule);
                _used += name.Length;
                Count++;
            }
            else
            {
                Slots[at].Rule |= rule;
            }

            // Of a wildcard, the label that it stands for counts too.
            LongestRule = Math.Max(LongestRule, name.Count((byte)'.') + (rule == Rule.Wildcard ? 2 : 1));
        }

        private int Place(Slot[] slots, ReadOnlySpan<byte> name)
        {
            int mask = slots.Length - 1;
            int i = (int)KeyHash.Compute(name) & mask;
            while (slots[i].Length != 0 && !Text.AsSpan(slots[i].Offset, slots[i].Length).SequenceEqual(name))
                i = (i + 1) & mask;
            return i;
        }

        private void Grow()
        {
            var grown = new Slot[Slots.Length * 2];
            foreach (Slot slot in Slots)
            {
                if (slot.Length != 0)
                    grown[Place(grown, Text.AsSpan(slot.Offset, slot.Length))] = slot;
            }

            Slots = grown;
        }
    }
}
