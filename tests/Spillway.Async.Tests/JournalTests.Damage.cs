using Spillway.Async.Journal;

namespace Spillway.Async.Tests;

/// <content>Torn and damaged journals, directories that cannot be used, and full disks.</content>
public sealed partial class JournalTests
{
    [Fact]
    public void TornTail_IsToldAndHarmless()
    {
        string after = Interrupted(tasks: 10);
        DamageAt(after, TaskPositions(after)[^1] + 40);

        using TaskJournal journal = TaskJournal.Open(Options(after));

        Assert.Equal(10, Assert.Single(journal.Recovered).Tasks); // the one that holds the worker, and nine
        JournalDamage damage = Assert.Single(journal.Damages);
        Assert.True(damage.IsTail);
        Assert.Contains($"at offset {damage.Offset}, was not finished", damage.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DamageInTheMiddle_IsToldWithItsOffset_AndTheRestIsRead()
    {
        string after = Interrupted(tasks: 10);
        List<int> positions = TaskPositions(after);
        DamageAt(after, positions[4] + 1); // the length
        DamageAt(after, positions[5] + 60); // the payload

        using TaskJournal journal = TaskJournal.Open(Options(after));

        Assert.Equal(9, Assert.Single(journal.Recovered).Tasks);
        JournalDamage damage = Assert.Single(journal.Damages);
        Assert.Equal((positions[4], positions[6] - positions[4], false), (damage.Offset, damage.Length, damage.IsTail));
    }

    [Fact]
    public void AnyByteDamaged_IsNeverAnException()
    {
        string after = Interrupted(tasks: 3);
        byte[] good = File.ReadAllBytes(Begun(after));
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        for (int round = 0; round < 500; round++)
        {
            byte[] bad = (byte[])good.Clone();
            for (int i = random.Next(1, 4); i > 0; i--)
                bad[random.Next(2000)] ^= (byte)(1 << random.Next(8));
            string name = $"bad{round}";
            Directory.CreateDirectory(PathOf(name));
            File.WriteAllBytes(Path.Combine(PathOf(name), "0000000000000001.journal"), bad[..(4096 + random.Next(good.Length - 4096))]);

            using TaskJournal journal = TaskJournal.Open(Options(name));
            Assert.True(journal.Recovered.Sum(client => client.Tasks) <= 4, $"seed {seed}, round {round}");
            foreach (RecoveredClient client in journal.Recovered)
                journal.Replay(client, (in RecoveredTask task) => Assert.True(Enum.IsDefined(task.Kind), $"seed {seed}"));
            journal.Dispose();
            Directory.Delete(PathOf(name), true);
        }
    }

    [Fact]
    public void Directory_InUse_IsRefused()
    {
        using TaskJournal journal = TaskJournal.Open(Options("journal"));

        IOException error = Assert.Throws<IOException>(() => TaskJournal.Open(Options("journal")));

        Assert.Contains("another process uses it", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Directory_ThatOthersMayWrite_IsRefused()
    {
        Directory.CreateDirectory(PathOf("open"));
        File.SetUnixFileMode(PathOf("open"), (UnixFileMode)0x1FF);

        IOException error = Assert.Throws<IOException>(() => TaskJournal.Open(Options("open")));

        Assert.Contains("chmod go-w", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "is empty: the tasks in it are lost")]
    [InlineData(20, "is not a journal")]
    [InlineData(2000, "was cut: 2000 bytes of 65536 are there")]
    public void SegmentThatWasCut_IsReported(int length, string expected)
    {
        string after = Interrupted(tasks: 200);
        using (FileStream file = File.OpenWrite(Begun(after)))
            file.SetLength(length);

        using TaskJournal journal = TaskJournal.Open(Options(after));

        Assert.Contains(journal.Damages, damage => !damage.IsTail && damage.Message.Contains(expected, StringComparison.Ordinal));
        Assert.InRange(journal.Recovered.Sum(client => client.Tasks), 0, 100);
    }

    [Fact]
    public void SegmentThatIsComplete_IsNotReported()
    {
        string after = Interrupted(tasks: 10);
        File.WriteAllText(Path.Combine(PathOf(after), "00000000000000ff.journal.new"), ""); // the process was killed while it made it

        using TaskJournal journal = TaskJournal.Open(Options(after));

        Assert.Empty(journal.Damages);
        Assert.Equal(11, Assert.Single(journal.Recovered).Tasks);
        Assert.Empty(Directory.GetFiles(PathOf(after), "*.new"));
    }

    [Theory]
    [InlineData("link", "it is a symbolic link")]
    [InlineData("open", "others may write to it")]
    [InlineData("theirs", "it belongs to user 65534")]
    public void SegmentOfWhichOthersMayBeTheAuthors_IsNotRun(string kind, string reason)
    {
        string after = Interrupted(tasks: 10);
        string segment = Begun(after);
        if (kind == "link")
        {
            File.Move(segment, PathOf("elsewhere"));
            File.CreateSymbolicLink(segment, PathOf("elsewhere"));
        }
        else if (kind == "open")
        {
            File.SetUnixFileMode(segment, (UnixFileMode)0x1b6);
        }
        else
        {
            Give(segment);
        }

        using TaskJournal journal = TaskJournal.Open(Options(after));

        Assert.Empty(journal.Recovered);
        Assert.Contains(reason, Assert.Single(journal.Damages).Message, StringComparison.Ordinal);
        Assert.True(File.Exists(segment));
    }

    [Fact]
    public void Directory_OfAnotherUser_IsRefused()
    {
        Directory.CreateDirectory(PathOf("theirs"));
        Give(PathOf("theirs"));

        string message = Assert.Throws<IOException>(() => TaskJournal.Open(Options("theirs"))).Message;

        Assert.Contains("it belongs to user 65534", message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(PathOf("theirs")));
    }

    [Fact]
    public void FileSystemFull_NothingIsPending_TasksRunOutsideOfTheJournal()
    {
        using var disk = new SmallDisk(PathOf("disk"), kilobytes: 40); // not even one segment
        var reports = new System.Collections.Concurrent.ConcurrentQueue<AsyncTrouble>();
        var options = new AsyncOptions { JournalWait = TimeSpan.FromMilliseconds(50), OnTrouble = reports.Enqueue };
        using var life = new Life(_root, Options("disk"), options);
        for (int i = 0; i < 100; i++)
        {
            life.Append("x", "log");
            life.DrainWell();
        }

        var told = new System.Collections.Concurrent.ConcurrentQueue<string>();
        life.Journal.Trouble = told.Enqueue;

        Assert.Equal((100L, 100), (life.Lane.Unjournalled, Read("log").Length));
        Assert.Contains("make room on its disk", Assert.Single(told), StringComparison.Ordinal); // who comes later hears of it too
        Assert.Equal(3, reports.Count); // the 1st, the 10th, the 100th
        Assert.Contains("log runs without being in the journal", reports.First().Message, StringComparison.Ordinal);
        life.Dispose();
    }

    [Fact]
    public void FileSystemFull_TheRunIsToEnd_NobodyWaits()
    {
        bool ends = false;
        using var disk = new SmallDisk(PathOf("disk"), kilobytes: 40);
        using var life = new Life(
            _root,
            Options("disk"),
            new AsyncOptions { JournalWait = TimeSpan.FromHours(1), IsEnding = () => Volatile.Read(ref ends) }
        );
        var signal = new Background<bool>(() =>
        {
            SpinWait.SpinUntil(() => life.Lane.Waits > 0);
            Volatile.Write(ref ends, true);
            return true;
        });

        life.Append("x", "log");
        signal.Join();
        life.DrainWell();

        Assert.Equal((1L, "x"), (life.Lane.Unjournalled, Read("log")));
        life.Dispose();
    }

    [Fact]
    public void DiskFull_PolicyDrop_DropsAndCounts()
    {
        using var life = new Life(
            _root,
            Options("journal") with
            {
                DiskCap = 2 * SmallSegment,
            },
            new AsyncOptions { LoadPolicy = AsyncLoadPolicy.Drop }
        );
        HoldWorker(life);
        int accepted = Enumerable.Range(0, 1000).Count(_ => life.Client.SubmitAppend(new byte[1000], Bytes("log")) != 0);
        _release.Set();
        life.DrainWell();

        Assert.InRange(accepted, 50, 150);
        Assert.Equal((1000 - accepted, accepted * 1000), (life.Client.Dropped, new FileInfo(PathOf("log")).Length));
        Assert.Contains("they are used up", life.Journal.LastError, StringComparison.Ordinal);
    }

    [Fact]
    public void DiskFull_PolicyWait_WaitsUntilTasksAreDone()
    {
        using var life = new Life(_root, Options("journal") with { DiskCap = 2 * SmallSegment });
        HoldWorker(life);
        var releaser = new Background<bool>(() =>
        {
            SpinWait.SpinUntil(() => life.Lane.Waits > 0);
            _release.Set();
            return true;
        });
        for (int i = 0; i < 1000; i++)
            life.Append(new string('x', 1000), "log");
        releaser.Join();
        life.DrainWell();

        Assert.Equal((0L, 1_000_000L), (life.Client.Dropped, new FileInfo(PathOf("log")).Length));
    }

    [Theory]
    [InlineData(AsyncLoadPolicy.Wait)]
    [InlineData(AsyncLoadPolicy.Drop)]
    public void FileSystemFull_IsToldWithTheReason_AndThePolicyApplies(AsyncLoadPolicy policy)
    {
        using var disk = new SmallDisk(PathOf("disk"), kilobytes: 160); // two segments and a half
        using var life = new Life(_root, Options("disk"), new AsyncOptions { LoadPolicy = policy });
        var told = new System.Collections.Concurrent.ConcurrentQueue<string>();
        life.Journal.Trouble = told.Enqueue;
        HoldWorker(life);
        var releaser = new Background<bool>(() =>
        {
            SpinWait.SpinUntil(() => life.Lane.Waits > 0 || life.Client.Dropped > 0);
            _release.Set();
            return true;
        });
        long accepted = Enumerable.Range(0, 500).Count(_ => life.Client.SubmitAppend(new byte[1000], Bytes("log")) != 0);
        releaser.Join();
        life.DrainWell();

        Assert.Equal(policy == AsyncLoadPolicy.Drop, life.Client.Dropped > 0);
        Assert.Equal((500 - life.Client.Dropped, accepted * 1000), (accepted, new FileInfo(PathOf("log")).Length));
        Assert.Contains("no space left on device", life.Journal.LastError, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(told, message => message.Contains("no space left on device", StringComparison.OrdinalIgnoreCase));
        life.Dispose();
    }

    [Fact]
    public void RecordLargerThanASegment_IsKept()
    {
        string after;
        using (var first = new Life(_root, Options("journal")))
        {
            HoldWorker(first);
            first.Append(new string('x', 300_000), "log");
            after = Kill("journal");
            _release.Set();
            first.Abandon();
        }

        File.Delete(PathOf("log"));
        using var second = new Life(_root, Options(after));
        second.ResubmitAll();
        second.DrainWell();

        Assert.Equal(300_000, Read("log").Length);
    }
}
