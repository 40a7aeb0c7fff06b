using System.Runtime.InteropServices;

namespace Spillway.Async.Native;

/// <content>
/// Where libyara has the parts of a rule, which no function tells. Versions 4.0 to 4.5 differ in one place, so it is tried out.
/// </content>
internal sealed unsafe partial class YaraApi
{
    private const int SmallestAddress = 1 << 20;
    private const int LastMeta = 1;
    private const int MetaSize = 32;
    private const int MetaInteger = 16;
    private const int MetaType = 24;
    private const int MetaFlags = 28;

    private static readonly int[] Places = [8, 16];

    // Offset of the name in a rule; tags, meta, strings and namespace follow, each an address.
    private int _place = -1;

    /// <summary>A rule's name.</summary>
    public string NameOf(nint rule) => Text(Address(rule, _place));

    /// <summary>The namespace it was compiled in.</summary>
    public string SpaceOf(nint rule) => Text(Address(Address(rule, _place + (4 * sizeof(nint))), 0));

    /// <summary>A rule's tags: texts behind each other, with an empty one at the end.</summary>
    public List<string> TagsOf(nint rule)
    {
        var tags = new List<string>();
        byte* tag = (byte*)Address(rule, _place + sizeof(nint));
        while (tag is not null && *tag != 0)
        {
            ReadOnlySpan<byte> bytes = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(tag);
            tags.Add(System.Text.Encoding.UTF8.GetString(bytes));
            tag += bytes.Length + 1;
        }

        return tags;
    }

    /// <summary>What the rule says about itself: name, type as the library numbers it (1 number, 2 text, 3 truth), value.</summary>
    public List<(string Name, int Type, string Text, long Number)> MetaOf(nint rule)
    {
        var all = new List<(string, int, string, long)>();
        for (nint meta = Address(rule, _place + (2 * sizeof(nint))); meta != 0; meta += MetaSize)
        {
            byte* at = (byte*)meta;
            int type = *(int*)(at + MetaType);
            all.Add((Text(Address(meta, 0)), type, type == 2 ? Text(Address(meta, sizeof(nint))) : "", *(long*)(at + MetaInteger)));
            if ((*(int*)(at + MetaFlags) & LastMeta) != 0)
                break;
        }

        return all;
    }

    /// <summary>Compiles a rule whose parts are known, and looks where they are.</summary>
    private bool FindLayout()
    {
        const string known = """rule spillway_name : tag_a tag_b { meta: text = "value" number = 42 flag = true condition: true }""";
        GCHandle handle = GCHandle.Alloc(new LayoutProbe(this));
        nint compiler = CreateCompiler(handle);
        if (compiler == 0)
            return false;
        nint scanner = 0;
        try
        {
            if (AddText(compiler, known, "spillway_space") != 0 || TakeRules(compiler) is not (not 0 and var rules))
                return false;
            scanner = CreateScanner(rules, handle);
            return scanner != 0 && Scan(scanner, "x"u8) == Success && _place >= 0;
        }
        finally
        {
            if (scanner != 0)
                DestroyScanner(scanner);
            DestroyCompiler(compiler);
            handle.Free();
        }
    }

    private void Probe(nint rule)
    {
        foreach (int place in Places)
        {
            // What is not an address here is a small number.
            if (Address(rule, place) < SmallestAddress)
                continue;
            _place = place;
            if (
                NameOf(rule) == "spillway_name"
                && SpaceOf(rule) == "spillway_space"
                && TagsOf(rule) is ["tag_a", "tag_b"]
                && MetaOf(rule) is [("text", 2, "value", _), ("number", 1, _, 42), ("flag", 3, _, 1)]
            )
                return;
            _place = -1;
            return;
        }
    }

    private static nint Address(nint from, int offset) => *(nint*)(from + offset);

    private static string Text(nint address) => Marshal.PtrToStringUTF8(address) ?? "";

    private sealed class LayoutProbe(YaraApi api) : IYaraReport, IYaraReceiver
    {
        public void Add(bool isError, string? file, int line, string message) { }

        public void OnMatch(nint rule) => api.Probe(rule);
    }
}
