using System.Diagnostics.CodeAnalysis;

namespace Spillway.Metrics.Traffic.Geo;

/// <summary>
/// The databases that were given. An address is looked up in one after the other, in the order of the command line, until all is known that
/// some of them know: of two that know the same the first counts. After <see cref="TryOpen"/> the metrics thread has it.
/// </summary>
public sealed class GeoDatabases : IDisposable
{
    private readonly List<GeoDatabase> _databases = [];
    private readonly List<string> _faults = [];

    private GeoDatabases(GeoOptions options) => Options = options;

    /// <summary>Limits.</summary>
    public GeoOptions Options { get; }

    /// <summary>What is known together.</summary>
    public GeoKinds Kinds { get; private set; }

    /// <summary>What was asked.</summary>
    public GeoStatistics Statistics { get; } = new();

    /// <summary>
    /// What was wrong with files while they were asked: a line for each that had a record that cannot be read. When the metrics thread has
    /// ended.
    /// </summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Called on the metrics thread with each line of <see cref="Faults"/>.</summary>
    public Action<string>? FaultSeen { get; set; }

    /// <summary>Opens files.</summary>
    /// <param name="files">Paths.</param>
    /// <param name="options">Limits.</param>
    /// <param name="databases">The databases.</param>
    /// <param name="flaw">A line that names the file, what is wrong with it, and what helps.</param>
    public static bool TryOpen(
        IReadOnlyList<string> files,
        GeoOptions options,
        [NotNullWhen(true)] out GeoDatabases? databases,
        [NotNullWhen(false)] out string? flaw
    )
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(options);
        databases = null;
        options.Validate();
        if (files.Count > options.MaxFiles)
        {
            flaw = $"there are {files.Count} databases, {options.MaxFiles} at most can be given";
            return false;
        }

        var opened = new GeoDatabases(options);
        foreach (string file in files)
        {
            if (GeoDatabase.Open(file, options, out flaw) is not { } database)
            {
                opened.Dispose();
                flaw ??= file;
                return false;
            }

            opened._databases.Add(database);
            opened.Kinds |= database.Kinds;
        }

        flaw = null;
        databases = opened;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (GeoDatabase database in _databases)
            database.Dispose();
    }

    /// <summary>Looks an address up.</summary>
    /// <param name="prefixLength">
    /// How long the prefix of the address's network is: in the database that knows its AS number, since that comes closest to what is
    /// routed, else in the first that knows the address.
    /// </param>
    /// <returns>False if no database knows it.</returns>
    internal bool TryFind(UInt128 address, byte version, out GeoRecord found, out int prefixLength)
    {
        Statistics.Lookups++;
        found = new GeoRecord();
        prefixLength = -1;
        foreach (GeoDatabase database in _databases)
        {
            if ((database.Kinds & ~found.Kinds) == 0)
                continue;
            long faults = database.Faults;
            if (!database.TryFind(address, version, out GeoRecord record, out int length, out string? fault))
            {
                Statistics.Faults += database.Faults - faults;
                if (fault is not null)
                    Tell(fault);
                continue;
            }

            bool bringsAs = found.AsNumber == 0 && record.AsNumber > 0;
            if (prefixLength < 0 || bringsAs)
                prefixLength = length;
            found = found.Or(in record);
        }

        if (prefixLength < 0)
            Statistics.Unknown++;
        return prefixLength >= 0;
    }

    private void Tell(string fault)
    {
        _faults.Add(fault);
        FaultSeen?.Invoke(fault);
    }
}
