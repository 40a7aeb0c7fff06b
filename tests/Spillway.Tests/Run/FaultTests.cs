using System.ComponentModel;
using Spillway.Life;

namespace Spillway.Tests.Run;

/// <summary>What a user reads when something happened that nobody had foreseen.</summary>
public sealed class FaultTests
{
    [Fact]
    public void Fault_OfAnyKind_IsOneLineThatNamesAFileWithTheDetails()
    {
        string line = Fault.Tell(Thrown(() => throw new InvalidOperationException("no such wheel")));

        string path = line[line.IndexOf('/', StringComparison.Ordinal)..];
        string details = File.ReadAllText(path);
        File.Delete(path);
        Assert.Equal($"error: a fault in spillway itself: please report it with the details that are in {path}", line);
        Assert.Contains("no such wheel", details, StringComparison.Ordinal);
        Assert.Contains(nameof(FaultTests), details, StringComparison.Ordinal);
    }

    [Fact]
    public void Fault_ForWantOfFileDescriptors_NamesTheirLimit()
    {
        var cause = new Win32Exception(24);
        string line = Fault.Tell(new TypeInitializationException("X", new TypeInitializationException("Y", cause)));

        Assert.Matches("^error: too many open files: this process may have [0-9]+ at a time; allow more with ulimit -n$", line);
    }

    [Fact]
    public void Fault_ForWantOfMemory_IsNoFaultOfTheProgram() =>
        Assert.StartsWith(
            "error: the system has no more memory",
            Fault.Tell(new AggregateException(new InsufficientMemoryException())),
            StringComparison.Ordinal
        );

    private static Exception Thrown(Action action) => Assert.ThrowsAny<Exception>(action);
}
