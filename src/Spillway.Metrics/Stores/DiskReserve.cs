namespace Spillway.Metrics.Stores;

/// <summary>A part of the disk that is held free for the removal of old results, which needs room itself when nothing is free.</summary>
internal sealed class DiskReserve(string directory)
{
    /// <summary>Bytes of the reserve.</summary>
    public const long MaxBytes = 8L << 20;

    // Taken again when there is so much more than that.
    private const int Spare = 4;

    private readonly string _path = Path.Combine(directory, ".reserve");
    private bool _isHeld;

    /// <summary>Takes the reserve, unless the disk is nearly full: then there is none.</summary>
    public void Take()
    {
        if (_isHeld)
            return;
        try
        {
            if (new DriveInfo(directory).AvailableFreeSpace < Spare * MaxBytes)
                return;
            var options = new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                PreallocationSize = MaxBytes,
            };
            new FileStream(_path, options).Dispose();
            _isHeld = true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            Release();
        }
    }

    /// <summary>Gives it to whoever needs it.</summary>
    public void Release()
    {
        _isHeld = false;
        try
        {
            File.Delete(_path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It stays: a part of the disk that is not used.
        }
    }
}
