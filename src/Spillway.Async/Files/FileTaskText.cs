using System.Text;

namespace Spillway.Async.Files;

/// <summary>Names tasks and their files in messages, one line whatever bytes a name holds.</summary>
internal static class FileTaskText
{
    /// <summary>For example <c>copy /a/b to /c/d</c>.</summary>
    public static string Describe(AsyncTask task) => Describe(task.Kind, task.SourcePath, task.TargetPath);

    /// <summary>The same for a task that has no record yet.</summary>
    public static string Describe(TaskKind kind, ReadOnlySpan<byte> source, ReadOnlySpan<byte> target) =>
        kind switch
        {
            TaskKind.Cat => $"cat {PathText(source)} to {PathText(target)}",
            TaskKind.Copy => $"copy {PathText(source)} to {PathText(target)}",
            TaskKind.Move => $"move {PathText(source)} to {PathText(target)}",
            TaskKind.Hash => $"hash {PathText(source)}",
            TaskKind.Scan => $"scan {PathText(source)}",
            TaskKind.Remove => $"rm {PathText(target)}",
            _ => $"copybuffer to {PathText(target)}",
        };

    /// <summary>The path as text; control characters and bytes that are not UTF-8 as <c>\xNN</c>.</summary>
    public static string PathText(ReadOnlySpan<byte> path)
    {
        var text = new StringBuilder(path.Length);
        while (!path.IsEmpty)
        {
            bool valid = Rune.DecodeFromUtf8(path, out Rune rune, out int used) == System.Buffers.OperationStatus.Done;
            if (valid && !Rune.IsControl(rune))
            {
                text.Append(rune.ToString());
            }
            else
            {
                foreach (byte b in path[..used])
                    text.Append(null, $"\\x{b:x2}");
            }

            path = path[used..];
        }

        return text.ToString();
    }
}
