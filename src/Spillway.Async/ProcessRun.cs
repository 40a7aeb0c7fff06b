using System.Security.Cryptography;

namespace Spillway.Async;

/// <summary>
/// Tells this run of the program from all others, where a process id would not: containers share files, and ids come again.
/// </summary>
internal static class ProcessRun
{
    public static ulong Id { get; } = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
}
