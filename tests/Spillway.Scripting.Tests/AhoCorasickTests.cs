using System.Text;
using Spillway.Scripting.Patterns;

namespace Spillway.Scripting.Tests;

/// <summary>T.ac finds what a search for each pattern finds.</summary>
public sealed class AhoCorasickTests
{
    [Theory]
    [InlineData(1, 2, 30, 4)]
    [InlineData(2, 3, 200, 6)]
    [InlineData(3, 256, 500, 3)]
    [InlineData(4, 26, 2000, 8)]
    [InlineData(5, 1, 12, 12)]
    public void Match_RandomPatterns_AgreesWithPlainSearch(int seed, int alphabet, int count, int longest)
    {
        var random = new Random(seed);
        byte[][] patterns =
        [
            .. Enumerable
                .Range(0, count)
                .Select(_ => Bytes(random, alphabet, random.Next(1, longest + 1)))
                .DistinctBy(Encoding.Latin1.GetString),
        ];
        var automaton = new AhoCorasick([.. patterns.Select(pattern => new ReadOnlyMemory<byte>(pattern))]);
        int[] hits = new int[2 * patterns.Length];
        for (int round = 0; round < 50; round++)
        {
            byte[] text = Bytes(random, alphabet, random.Next(0, 400));
            int found = automaton.Match(text, one: false, hits);

            var expected = new SortedDictionary<int, int>();
            for (int i = 0; i < patterns.Length; i++)
            {
                int at = text.AsSpan().IndexOf(patterns[i]);
                if (at >= 0)
                    expected.Add(i, at + patterns[i].Length);
            }

            var actual = new SortedDictionary<int, int>();
            for (int i = 0; i < found; i++)
                actual.Add(hits[2 * i], hits[(2 * i) + 1]);
            Assert.Equal(expected, actual);
            Assert.Equal(Math.Min(1, expected.Count), automaton.Match(text, one: true, hits));
            if (expected.Count > 0)
                Assert.Equal(expected.Values.Min(), hits[1]);
        }
    }

    // Long patterns without much in common go deeper than the rows of the table.
    [Fact]
    public void Match_BeyondTheTable_FollowsEdgesAndFailureLinks()
    {
        var random = new Random(7);
        byte[][] patterns = [.. Enumerable.Range(0, 4_000).Select(_ => Bytes(random, 256, 60))];
        var automaton = new AhoCorasick([.. patterns.Select(pattern => new ReadOnlyMemory<byte>(pattern))]);
        byte[] text = [.. patterns[17][..59], .. patterns[17][1..], .. patterns[3_999], .. patterns[5][30..], .. patterns[5]];
        int[] hits = new int[2 * patterns.Length];

        int found = automaton.Match(text, one: false, hits);

        Assert.Equal([(3_999, 178), (5, 268)], Enumerable.Range(0, found).Select(i => (hits[2 * i], hits[(2 * i) + 1])));
    }

    [Fact]
    public void Object_InLua_GivesTablesOfPositions()
    {
        string printed = ScriptHarness.Run(
            """
            local ac = T.ac { 'he', 'she', 'his', 'hers', '', 7 }
            local function show(m) local list = {} for k, v in pairs(m) do list[#list + 1] = k .. '=' .. v end table.sort(list) print(table.concat(list, ' ')) end
            show(ac:match_all 'ushers')
            show(ac:match_all 'nothing of that kin')
            print(next(ac:match_all ''), next(T.ac({}):match_all 'x'))
            show(T.ac { 'b', 'a' }:match_one 'xxabab')
            print(pcall(ac.match_all, ac))
            print(pcall(ac.match_all))
            print(pcall(T.ac, 'text'))
            for i = 1, 200 do T.ac { 'x' .. i } end
            collectgarbage() collectgarbage()
            """
        );

        Assert.StartsWith("he=4 hers=6 she=4\n\nnil\tnil\na=3\n", printed, StringComparison.Ordinal);
        Assert.Contains("bad argument #1 to 'match_all' (string expected, got nil)", printed, StringComparison.Ordinal);
        Assert.Contains("bad receiver of 'match_all'", printed, StringComparison.Ordinal);
        Assert.Contains("bad argument #1 to 'ac' (table expected, got string)", printed, StringComparison.Ordinal);
    }

    private static byte[] Bytes(Random random, int alphabet, int length)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++)
            bytes[i] = (byte)(random.Next(alphabet) + (alphabet <= 26 ? 'a' : 0));
        return bytes;
    }
}
