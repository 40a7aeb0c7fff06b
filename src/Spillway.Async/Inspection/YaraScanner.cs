using System.Runtime.InteropServices;
using Spillway.Async.Native;

namespace Spillway.Async.Inspection;

/// <summary>Scans files with rules. Belongs to one thread.</summary>
public sealed class YaraScanner : IDisposable
{
    private readonly YaraApi _api;
    private readonly Receiver _receiver;
    private readonly ScanBuffer _buffer = new();
    private readonly GCHandle _handle;
    private nint _scanner;

    /// <summary>Creates a scanner.</summary>
    /// <exception cref="IOException">There is no memory for it.</exception>
    public YaraScanner(YaraRules rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        _api = YaraApi.Instance!;
        _receiver = new Receiver(_api);
        _handle = GCHandle.Alloc(_receiver);
        _scanner = _api.CreateScanner(rules.Handle, _handle);
        if (_scanner != 0)
            return;
        _handle.Free();
        throw new IOException("libyara has no memory for a scanner");
    }

    /// <summary>Scans a regular file. A link at its name is not followed.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="limits">Time and size.</param>
    public ScanResult Scan(ReadOnlySpan<byte> path, ScanLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        byte[] pathZ = [.. path, 0];
        int file = Libc.Open(Libc.CurrentDirectory, pathZ, Libc.ReadOnly | Libc.NoFollow | Libc.NonBlocking | Libc.NoTerminal);
        if (file < 0)
            return new ScanResult(ScanEnd.Unreadable, Errno.Describe(Marshal.GetLastPInvokeError()));
        try
        {
            if (Libc.Stat(file, out FileStatus status) < 0)
                return new ScanResult(ScanEnd.Unreadable, Errno.Describe(Marshal.GetLastPInvokeError()));
            if (!status.IsRegular)
                return new ScanResult(ScanEnd.Unreadable, "it is no regular file");
            if (status.Size > limits.MaxBytes)
                return new ScanResult(
                    ScanEnd.TooLarge,
                    string.Create(null, $"it has {status.Size} bytes, at most {limits.MaxBytes} are scanned")
                );
            if (!_buffer.TryRead(file, (int)status.Size, out ReadOnlySpan<byte> content))
                return new ScanResult(ScanEnd.Unreadable, Errno.Describe(Marshal.GetLastPInvokeError()));
            return Scan(content, pathZ, limits);
        }
        finally
        {
            Libc.Close(file);
            _buffer.Shrink();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_scanner == 0)
            return;
        _api.DestroyScanner(_scanner);
        _scanner = 0;
        _handle.Free();
        _buffer.Dispose();
    }

    private ScanResult Scan(ReadOnlySpan<byte> content, ReadOnlySpan<byte> pathZ, ScanLimits limits)
    {
        ReadOnlySpan<byte> nameZ = pathZ[(pathZ.LastIndexOf((byte)'/') + 1)..];
        int dot = nameZ.LastIndexOf((byte)'.');
        _api.SetVariable(_scanner, YaraRules.Variables[0], nameZ);
        _api.SetVariable(_scanner, YaraRules.Variables[1], pathZ);
        _api.SetVariable(_scanner, YaraRules.Variables[2], dot < 0 ? "\0"u8 : nameZ[dot..]);
        _api.SetTimeout(_scanner, (int)Math.Ceiling(limits.Timeout.TotalSeconds));
        _receiver.Matches = [];
        int error = _api.Scan(_scanner, content);
        return error switch
        {
            YaraApi.Success => new ScanResult(ScanEnd.Complete, "") { Matches = _receiver.Matches },
            YaraApi.TimedOut => new ScanResult(
                ScanEnd.TimedOut,
                string.Create(null, $"it took longer than {limits.Timeout.TotalSeconds:0.###} s")
            )
            {
                Matches = _receiver.Matches,
            },
            YaraApi.OutOfMemory => new ScanResult(ScanEnd.Failed, "libyara has no memory for it"),
            _ => new ScanResult(ScanEnd.Failed, string.Create(null, $"libyara gives up with its error {error}")),
        };
    }

    private sealed class Receiver(YaraApi api) : IYaraReceiver
    {
        public List<RuleMatch> Matches { get; set; } = [];

        public void OnMatch(nint rule) =>
            Matches.Add(
                new RuleMatch(
                    api.NameOf(rule),
                    api.SpaceOf(rule),
                    api.TagsOf(rule),
                    [
                        .. api.MetaOf(rule)
                            .Select(meta => new RuleMeta(
                                meta.Name,
                                meta.Type switch
                                {
                                    2 => meta.Text,
                                    3 => meta.Number != 0,
                                    _ => meta.Number,
                                }
                            )),
                    ]
                )
            );
    }
}
