namespace Spillway.Metrics.Stores;

/// <summary>The store cannot be opened, written or read. The message is one line for the user, with the remedy.</summary>
public sealed class StoreException : Exception
{
    /// <summary>Creates the exception.</summary>
    public StoreException(string message, Exception? innerException = null)
        : base(message, innerException) { }
}
