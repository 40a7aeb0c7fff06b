namespace Spillway.Async;

/// <summary>What becomes of a task when neither memory nor disk has room for it.</summary>
public enum AsyncLoadPolicy
{
    /// <summary>The lane waits until there is room: nothing is lost. For capture files.</summary>
    Wait,

    /// <summary>The task is dropped and counted: the lane goes on. For live capture.</summary>
    Drop,
}
