using System.Diagnostics;
using System.Globalization;
using Spillway.Async.Journal;

namespace Spillway.Tests.Run;

/// <summary>The contract of durable tasks (spec of T.async, section 10), on the program itself.</summary>
public sealed class JournalKillTests : IDisposable
{
    private const int Lives = 22;
    private const int Packets = 80;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _root = Directory.CreateTempSubdirectory("spillway-kill-").FullName;
    private readonly int _seed = Random.Shared.Next();

    public void Dispose() => Directory.Delete(_root, true);

    [Fact]
    public void KilledAtRandomPoints_FileOperationsTakeEffectOnce_AndEveryScheduledTaskRan()
    {
        var random = new Random(_seed);
        File.WriteAllBytes(PathOf("udp.pcap"), Capture(Packets));
        int killed = 0;
        long left = 0;
        for (int life = 1; life <= Lives || killed < 20; life++)
        {
            Assert.True(life < 3 * Lives, $"seed {_seed}: {killed} of {life} runs could be killed");
            if (LiveAndDie(random, life))
                killed++;
            left += TasksLeft();
        }

        Assert.True(left > killed, $"seed {_seed}: only {left} tasks were left in all, which proves nothing");

        RunToItsEnd();

        Assert.Empty(Directory.GetFiles(PathOf("journal"), "*.journal"));
        Assert.Empty(Directory.GetFileSystemEntries(PathOf("journal/files")));
        CheckEffects();
    }

    [Fact]
    public void KilledWhileTasksWait_ExtractedFilesAreThereForTheNextRun()
    {
        string demo = PathOf("demo.pcap");
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Run", "demo.pcap"), demo);
        using (Process process = Start(demo, "lease.lua", _root, "batch", ""))
        {
            Await(process, () => File.Exists(PathOf("begun")) && TaskFiles().Length > 1);
            process.Kill();
            process.WaitForExit();
        }

        long left = TasksLeft();
        Assert.True(left > 0);
        File.Delete(demo);
        File.WriteAllBytes(demo, Capture(1));
        File.WriteAllText(PathOf("go"), "");
        using (Process process = Start(demo, "lease.lua", _root, "batch", ""))
        {
            string errors = process.StandardError.ReadToEnd();
            Assert.True(process.WaitForExit(Patience));
            Assert.True(process.ExitCode == 0, errors);
        }

        string[] sizes = Lines("sizes");
        Assert.Equal(left, sizes.Length);
        Assert.All(sizes, line => Assert.Equal(line.Split(' ')[1], line.Split(' ')[0]));
        Assert.Empty(TaskFiles());
        Assert.Equal(0, TasksLeft());
    }

    /// <summary>A run that is killed after a random number of packets or tasks, or a random time. False if it was over before.</summary>
    private bool LiveAndDie(Random random, int life)
    {
        string[] watched = ["acknowledged", "acknowledged", "ran.log", "append.log"];
        string name = watched[random.Next(watched.Length)];
        long point = Length(name) + random.Next(Packets * 5);
        using Process process = Start($"g{life}", workers: random.Next(3) == 0 ? 3 : 1, random.Next(3) == 0 ? "always" : "batch", "udp");
        if (random.Next(4) == 0)
            process.WaitForExit(random.Next(100, 800));
        else
            Await(process, () => Length(name) >= point);
        bool alive = !process.HasExited;
        process.Kill();
        process.WaitForExit();
        return alive;
    }

    private void RunToItsEnd()
    {
        using Process process = Start("last", workers: 1, "batch", "tcp");
        string errors = process.StandardError.ReadToEnd();
        Assert.True(process.WaitForExit(Patience), $"seed {_seed}");
        Assert.True(process.ExitCode == 0, $"seed {_seed}: {errors}");
    }

    private void CheckEffects()
    {
        string[] acknowledged = Lines("acknowledged");
        Assert.True(acknowledged.Length > Packets, $"seed {_seed}: too little was done to prove anything");
        string[] last = [.. acknowledged.GroupBy(Generation).Select(group => group.Last())];
        foreach (string log in (string[])["cat.log", "append.log"])
        {
            string[] lines = Lines(log);
            Assert.True(lines.Distinct().Count() == lines.Length, $"seed {_seed}: {log} has lines twice");
            Assert.True(acknowledged.All(lines.ToHashSet().Contains), $"seed {_seed}: {log} misses lines");
            Assert.All(
                lines.Except(acknowledged),
                line => Assert.True(IsNext(line, last), $"seed {_seed}: {log} has {line}, which nobody wrote")
            );
            Assert.All(
                lines.GroupBy(Generation),
                group =>
                    Assert.True(group.Select(Number).SequenceEqual(group.Select(Number).Order()), $"seed {_seed}: {log} is out of order")
            );
        }

        HashSet<string> ran = [.. Lines("ran.log")];
        foreach (string name in acknowledged)
        {
            Assert.True(ran.Contains(name), $"seed {_seed}: {name} never ran");
            Assert.Equal(name + "\n", File.ReadAllText(PathOf("copy." + name)));
            Assert.False(File.Exists(PathOf("chunk." + name)), $"seed {_seed}: {name} was not removed");
            string positions = File.ReadAllText(PathOf("positions." + Generation(name)));
            Assert.Equal(name, positions.Substring((Number(name) - 1) * 16, 16).TrimEnd());
        }

        Assert.Empty(Directory.GetFiles(_root, "*.tmp"));
    }

    /// <summary>What a kill in the middle of a packet leaves: the packet after the last acknowledged one of its run.</summary>
    private static bool IsNext(string line, string[] last) =>
        Number(line) == 1 + last.Where(name => Generation(name) == Generation(line)).Select(Number).SingleOrDefault();

    /// <summary>Looks every other millisecond, so that the processor is the program's.</summary>
    private static void Await(Process process, Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!process.WaitForExit(2) && !condition())
            Assert.True(Stopwatch.GetElapsedTime(start) < Patience);
    }

    private static string Generation(string name) => name.Split(':')[0];

    private static int Number(string name) => int.Parse(name.Split(':')[1], CultureInfo.InvariantCulture);

    private string PathOf(string name) => Path.Combine(_root, name);

    private long Length(string name) => File.Exists(PathOf(name)) ? new FileInfo(PathOf(name)).Length : 0;

    private string[] Lines(string name) =>
        File.Exists(PathOf(name)) ? File.ReadAllText(PathOf(name)).Split('\n', StringSplitOptions.RemoveEmptyEntries) : [];

    private string[] TaskFiles() =>
        Directory.Exists(PathOf("journal/files"))
            ? Directory.GetFileSystemEntries(PathOf("journal/files"), "*", SearchOption.AllDirectories)
            : [];

    private long TasksLeft()
    {
        using TaskJournal journal = TaskJournal.Open(new JournalOptions { Directory = PathOf("journal") });
        Assert.All(journal.Damages, damage => Assert.True(damage.IsTail, damage.Message));
        return journal.Recovered.Sum(client => client.Tasks);
    }

    private Process Start(string generation, int workers, string sync, string filter) =>
        Start(PathOf("udp.pcap"), "kill.lua", $"{_root} {generation} {workers}", sync, filter);

    private Process Start(string capture, string script, string args, string sync, string filter)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Spillway"))
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        string[] arguments =
        [
            "run",
            "-r",
            capture,
            "-s",
            Path.Combine(AppContext.BaseDirectory, "Run", script),
            "-o",
            PathOf("out"),
            "-f",
            filter,
            "--journal",
            PathOf("journal"),
            "--journal-sync",
            sync,
            "--journal-recoveries",
            "1000",
            "--args",
            args,
            "--quiet",
        ];
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    /// <summary>A capture of empty UDP packets over raw IP.</summary>
    private static byte[] Capture(int packets)
    {
        byte[] packet = [0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0x30, 0x39, 0, 53, 0, 8, 0, 0];
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        foreach (uint value in (uint[])[0xa1b2c3d4, 0x0004_0002, 0, 0, 65535, 101])
            writer.Write(value);
        for (int i = 0; i < packets; i++)
        {
            foreach (uint value in (uint[])[1_700_000_000, (uint)i, (uint)packet.Length, (uint)packet.Length])
                writer.Write(value);
            writer.Write(packet);
        }

        return stream.ToArray();
    }
}
