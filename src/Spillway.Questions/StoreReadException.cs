namespace Spillway.Questions;

/// <summary>SQLite cannot read a store.</summary>
/// <param name="code">Its primary result code (https://sqlite.org/rescode.html).</param>
/// <param name="reason">Its words.</param>
public sealed class StoreReadException(int code, string reason) : Exception($"SQLite Error {code}: '{reason}'")
{
    /// <summary>The primary result code.</summary>
    public int Code { get; } = code;
}
