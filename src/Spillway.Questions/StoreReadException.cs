namespace Spillway.Questions;

/// <summary>SQLite cannot read a store.</summary>
/// <param name="code">Its primary result code (https://sqlite.org/rescode.html).</param>
/// <param name="reason">Its words.</param>
public sealed class StoreReadException(int code, string reason) : Exception($"SQLite Error {code}: '{reason}'")
{
    private const int Interrupted = 9;

    /// <summary>Whether the question was given up, since it took longer than it may: <see cref="QuestionStore.GiveUpAfter"/>.</summary>
    public bool IsTooSlow => Code == Interrupted;

    /// <summary>The primary result code.</summary>
    public int Code { get; } = code;
}
