using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Spillway.Async.Inspection;

/// <summary>Writes findings: numbers of four bytes, texts with their length in front. Read in the same process only.</summary>
internal static class FindingsWriter
{
    public static void WriteFlag(IBufferWriter<byte> output, bool flag) => WriteNumber(output, flag ? 1 : 0);

    public static void WriteNumber(IBufferWriter<byte> output, int number)
    {
        BinaryPrimitives.WriteInt32LittleEndian(output.GetSpan(sizeof(int)), number);
        output.Advance(sizeof(int));
    }

    public static void WriteText(IBufferWriter<byte> output, string text)
    {
        WriteNumber(output, Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, output);
    }
}

/// <summary>Reads them in the order in which they were written.</summary>
internal ref struct FindingsReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _left = bytes;

    public bool ReadFlag() => ReadNumber() != 0;

    public int ReadNumber()
    {
        int number = BinaryPrimitives.ReadInt32LittleEndian(_left);
        _left = _left[sizeof(int)..];
        return number;
    }

    public string ReadText()
    {
        int length = ReadNumber();
        string text = Encoding.UTF8.GetString(_left[..length]);
        _left = _left[length..];
        return text;
    }
}
