using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace Spillway.Fuzz;

/// <summary>
/// Gives a part of the program inputs that are changed at random, for some minutes. An input that makes it throw, hang or keep memory is
/// written to a file, which gives the same finding again.
/// </summary>
internal static class Program
{
    private const string Usage = """
        ./fuzz TARGET MINUTES [SEED]   mutations from a seed (default: one by chance, which is printed)
        ./fuzz TARGET FILE             one input again
        ./fuzz --list                  the targets

        Exit code: 0 no finding, 1 a finding, 2 wrong usage. Inputs of findings are written to .build/fuzz-findings.
        """;

    private const string Findings = ".build/fuzz-findings";
    private const int MostInputs = 4000;
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(500);

    public static int Main(string[] arguments)
    {
        if (arguments is ["--list"])
        {
            Console.WriteLine(string.Join('\n', Targets.All.Keys));
            return 0;
        }

        if (arguments.Length is < 2 or > 3 || !Targets.All.TryGetValue(arguments[0], out Func<Target>? create))
        {
            Console.Error.WriteLine(Usage);
            return 2;
        }

        Target target = create();
        if (File.Exists(arguments[1]))
            return Try(target, File.ReadAllBytes(arguments[1])) is { } known ? Report(arguments[0], known.Input, known.What) : 0;
        if (!double.TryParse(arguments[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double minutes))
        {
            Console.Error.WriteLine($"'{arguments[1]}' is neither a file nor a number of minutes");
            return 2;
        }

        int seed = arguments.Length == 3 ? int.Parse(arguments[2], CultureInfo.InvariantCulture) : RandomNumberGenerator.GetInt32(1 << 30);
        return Search(arguments[0], target, TimeSpan.FromMinutes(minutes), seed);
    }

    private static int Search(string name, Target target, TimeSpan time, int seed)
    {
        var random = new Random(seed);
        var mutator = new Mutator(random);
        List<byte[]> inputs = [.. target.SeedsFrom(new Seeds())];
        Console.WriteLine($"{name}: seed {seed}, {inputs.Count} inputs to begin with");
        var shapes = new HashSet<ulong>();
        var clock = Stopwatch.StartNew();
        long runs = 0;
        foreach (byte[] input in inputs)
        {
            if (Try(target, input) is { } finding)
                return Report(name, finding.Input, finding.What);
            shapes.Add(target.Trace.Shape);
        }

        while (clock.Elapsed < time)
        {
            byte[] mutated = mutator.Mutate(inputs[random.Next(inputs.Count)], inputs[random.Next(inputs.Count)]);
            if (Try(target, mutated) is { } finding)
                return Report(name, finding.Input, finding.What);
            runs++;
            if (!shapes.Add(target.Trace.Shape))
                continue;
            if (inputs.Count < MostInputs)
                inputs.Add(mutated);
            else
                inputs[random.Next(inputs.Count)] = mutated;
        }

        Console.WriteLine($"{name}: {runs} inputs, {shapes.Count} shapes, no finding in {clock.Elapsed.TotalMinutes:0.0} min");
        return 0;
    }

    private static (byte[] Input, string What)? Try(Target target, byte[] input)
    {
        for (int attempt = 0; ; attempt++)
        {
            var clock = Stopwatch.StartNew();
            target.Trace.Clear();
            try
            {
                target.Run(input);
            }
            catch (Exception exception)
            {
                return (input, exception.ToString());
            }

            // Others may have had the processor.
            if (clock.Elapsed < Slow)
                return null;
            if (attempt == 2)
                return (input, $"takes {clock.Elapsed.TotalMilliseconds:0} ms for {input.Length} bytes");
        }
    }

    private static int Report(string name, byte[] input, string what)
    {
        Directory.CreateDirectory(Findings);
        string path = Path.Combine(Findings, $"{name}-{Convert.ToHexStringLower(SHA256.HashData(input))[..12]}");
        File.WriteAllBytes(path, input);
        Console.WriteLine($"{name}: FINDING in {path}\n{what}");
        return 1;
    }
}
