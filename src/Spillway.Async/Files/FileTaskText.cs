using System.Text;

namespace Spillway.Async.Files;

/// <summary>Names tasks and their files in messages, one line whatever bytes a name holds.</summary>
internal static class FileTaskText
{
    /// <summary>For example <c>copy /a/b to /c/d</c>.</summary>
    public static string Describe(AsyncTask task) => task.Kind switch
    {
        TaskKind.Cat => $"cat {PathText(task.SourcePath)} to {PathText(task.TargetPath)}",
        TaskKind.Copy => $"copy {PathText(task.SourcePath)} to {PathText(task.TargetPath)}",
        TaskKind.Move => $"move {PathText(task.SourcePath)} to {PathText(task.TargetPath)}",
        TaskKind.Hash => $"hash {PathText(task.SourcePath)}",
        TaskKind.Remove => $"rm {PathText(task.TargetPath)}",
        _ => $"copybuffer to {PathText(task.TargetPath)}",
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
