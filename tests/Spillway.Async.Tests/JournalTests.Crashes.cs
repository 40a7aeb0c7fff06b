using Spillway.Async.Journal;

namespace Spillway.Async.Tests;

/// <content>Tasks that end the process, and journals whose end was never written.</content>
public sealed partial class JournalTests
{
    [Fact]
    public void TaskThatEndsEachProcess_IsGivenUpAfterTheRecoveries_AndTheOthersAreDone()
    {
        string after;
        using (var first = new Life(_root, Options("journal")))
        {
            HoldWorker(first); // the task that never ends well
            first.Schedule("behind it", wantsResult: false);
            after = Kill("journal");
            _release.Set();
            first.Abandon();
        }

        var ran = new List<int>();
        for (int process = 1; process <= 3; process++)
        {
            using var life = new Life(_root, Options(after));
            life.Work = task =>
            {
                if (Text(task.Data) != "hold")
                    return null;
                ran.Add(process);
                after = Kill(after);
                return null;
            };
            life.ResubmitAll((in RecoveredTask task) => Assert.False(task.IsExhausted));
            life.DrainWell();
        }

        using var last = new Life(_root, Options(after));
        long left = 0;
        last.Journal.Replay(
            Assert.Single(last.Journal.Recovered),
            (in RecoveredTask task) =>
            {
                if (!task.IsExhausted)
                {
                    left++;
                    Assert.Equal(0, task.Recoveries);
                    return;
                }

                Assert.Equal((3, "the task of life.lua:1"), (task.Recoveries, task.Description));
                last.Journal.GiveUp(in task);
            }
        );
        Assert.Equal((1, 1), (left, last.Journal.GivenUp));
        last.Dispose();

        using TaskJournal next = TaskJournal.Open(Options(after));
        Assert.Equal([1, 2, 3], ran);
        Assert.Equal(1, Assert.Single(next.Recovered).Tasks);
    }

    [Fact]
    public void TaskThatAProcessLeavesInOrder_IsNotHeldAgainstIt()
    {
        string after = Interrupted(tasks: 1);
        for (int process = 0; process < 5; process++)
        {
            using var life = new Life(_root, Options(after));
            using var begun = new ManualResetEventSlim();
            life.Work = _ =>
            {
                begun.Set();
                SpinWait.SpinUntil(() => life.Pool.IsStopping);
                throw new OperationCanceledException("asked to stop");
            };
            life.ResubmitAll((in RecoveredTask task) => Assert.Equal(0, task.Recoveries));
            begun.Wait();
            life.Abandon();
        }
    }

    [Fact]
    public void TaskSubmittedFromAResult_KilledBeforeTheResultWasOver_RunsOnceEach()
    {
        string after = "";
        using (var first = new Life(_root, Options("journal")))
        {
            first.Schedule("first", wantsResult: true);
            Assert.Equal(LaneState.HasResult, first.Lane.WaitForResults(TimeSpan.FromSeconds(30)));
            Assert.True(first.Lane.TryTakeResult(out AsyncTask? result));
            first.Append("x", "second");
            Assert.True(SpinWait.SpinUntil(() => File.Exists(PathOf("second")) && Read("second") == "x", TimeSpan.FromSeconds(30)));
            after = Kill("journal");
            first.Lane.Complete(result);
            first.DrainWell();
        }

        using var second = new Life(_root, Options(after));
        second.ResubmitAll();
        second.DrainWell();

        // The result belonged to a state that is gone, so nothing is submitted from it again.
        Assert.Equal((1, "x"), (second.Ran.Count, Read("second")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void TailMissing_FromAnyByteOn_LosesOnlyWhatWasInIt(bool truncated)
    {
        string after = Interrupted(tasks: 3);
        byte[] good = File.ReadAllBytes(Begun(after));
        List<int> positions = TaskPositions(after);
        int end = positions[^1] + JournalFormat.SizeOf(BitConverter.ToInt32(good, positions[^1]));
        // In memory, where bringing a thousand journals to the device costs nothing.
        string name = Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : _root, $"spillway-cut-{Guid.NewGuid():n}");
        Directory.CreateDirectory(name, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string path = Path.Combine(name, "0000000000000001.journal");
        for (int cut = 0; cut <= end; cut++)
        {
            byte[] bad = good[..(truncated ? cut : good.Length)];
            if (!truncated)
                bad.AsSpan(cut).Clear(); // blocks that never reached the device read as zeros
            File.WriteAllBytes(path, bad);

            using (TaskJournal journal = TaskJournal.Open(Options(name)))
            {
                // Zeros that were the record's own last bytes are not missing.
                int whole = positions.Count(position => Survives(position, bad));
                Assert.True(whole == journal.Recovered.Sum(client => client.Tasks), $"cut at {cut}");
                foreach (RecoveredClient client in journal.Recovered)
                    journal.Replay(client, (in RecoveredTask task) => Assert.True(Enum.IsDefined(task.Kind)));
            }

            foreach (string left in Directory.GetFiles(name))
                File.Delete(left);
        }

        Directory.Delete(name);

        bool Survives(int position, byte[] bad)
        {
            int payload = BitConverter.ToInt32(good, position);
            int last = position + JournalFormat.Prefix + payload;
            return bad.Length >= last && bad.AsSpan(0, last).SequenceEqual(good.AsSpan(0, last));
        }
    }
}
