namespace Spillway.Scripting.Backend;

/// <summary>A script file that has come, changed or gone while a run goes on.</summary>
/// <param name="Path">The path, as it follows from what the user gave.</param>
/// <param name="Source">The new content, as Lua takes it; null if the file is gone.</param>
/// <param name="Named">Whether the user named the file itself, which then must be a plugin.</param>
public sealed record ScriptChange(string Path, byte[]? Source, bool Named);
