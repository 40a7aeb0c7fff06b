using System.Globalization;
using MaxMind.Db;
using Spillway.Net.Flows;

namespace Spillway.Metrics.Traffic.Geo;

/// <summary>
/// One database in MaxMind's format (MaxMind DB File Format Specification 2.0), held in memory. A record that cannot be read is counted
/// and told once; then it is as if there were none. One thread at a time.
/// </summary>
internal sealed class GeoDatabase : IDisposable
{
    private readonly Reader _reader;
    private readonly byte _version;
    private bool _isNested;

    private GeoDatabase(string path, Reader reader, GeoSurvey survey)
    {
        Path = path;
        _reader = reader;
        _version = (byte)reader.Metadata.IPVersion;
        _isNested = survey.IsNested;
        Kinds = survey.Kinds;
    }

    /// <summary>The file, as it was given.</summary>
    public string Path { get; }

    /// <summary>What it knows.</summary>
    public GeoKinds Kinds { get; }

    /// <summary>Records that could not be read.</summary>
    public long Faults { get; private set; }

    /// <summary>Opens a file.</summary>
    /// <param name="flaw">A line that names the file, what is wrong with it, and what helps.</param>
    /// <returns>Null if it cannot be used.</returns>
    public static GeoDatabase? Open(string path, GeoOptions options, out string? flaw)
    {
        Reader? reader = null;
        try
        {
            flaw = FlawOf(path, options);
            if (flaw is not null)
                return null;
            // Not mapped: a file that is overwritten while it is mapped would end the program.
            reader = new Reader(path, FileAccessMode.Memory);
            flaw = reader.Metadata.IPVersion is 4 or 6
                ? null
                : Damaged(path, string.Create(CultureInfo.InvariantCulture, $"there is no IP version {reader.Metadata.IPVersion}"));
            GeoSurvey survey = GeoSurvey.Of(reader);
            flaw ??= survey switch
            {
                { Records: 0, Fault: { } fault } => Damaged(path, fault),
                { Records: 0 } => $"'{path}' holds no record: get it anew",
                { Kinds: GeoKinds.None } => $"'{path}' holds neither countries, cities nor AS numbers (its records have "
                    + $"{OneLine(string.Join(", ", survey.Fields))}): give a database that does",
                _ => null,
            };
            if (flaw is not null)
                return null;
            var database = new GeoDatabase(path, reader, survey);
            reader = null;
            return database;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            flaw = $"'{path}': no such file";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            flaw = $"'{path}' cannot be read: {exception.Message.TrimEnd('.')}";
        }
        catch (Exception exception)
        {
            // The reader has many for what is damaged.
            flaw = Damaged(path, exception.Message);
        }
        finally
        {
            reader?.Dispose();
        }

        return null;
    }

    /// <summary>Looks an address up.</summary>
    /// <param name="address">As flow keys hold it.</param>
    /// <param name="version">4 or 6.</param>
    /// <param name="record">What the database says.</param>
    /// <param name="prefixLength">How long the prefix of the record's network is.</param>
    /// <param name="fault">A line on a record that cannot be read, the first time.</param>
    /// <returns>False if it says nothing.</returns>
    public bool TryFind(UInt128 address, byte version, out GeoRecord record, out int prefixLength, out string? fault)
    {
        record = new GeoRecord();
        prefixLength = 0;
        fault = null;
        // In a database of IPv4 the reader would take the first bits of an IPv6 address for one.
        if (version == 6 && _version == 4)
            return false;
        try
        {
            if (!TryRead(address, version, out record, out prefixLength))
                return false;
        }
        catch (Exception exception)
        {
            if (Faults++ == 0)
            {
                fault =
                    $"'{Path}' is damaged: the record of {FlowText.Address(address, version)} cannot be read "
                    + $"({OneLine(exception.Message)}); "
                    + "such addresses count as unknown: get the file anew";
            }

            return false;
        }

        prefixLength = Math.Clamp(prefixLength, 0, version == 4 ? 32 : 128);
        return record.Kinds != GeoKinds.None;
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();

    private bool TryRead(UInt128 address, byte version, out GeoRecord record, out int prefixLength)
    {
        if (_isNested)
        {
            try
            {
                NestedRecord? nested = _reader.Find<NestedRecord>(GeoAddress.Of(address, version), out prefixLength);
                record = nested?.ToRecord() ?? new GeoRecord();
                return nested is not null;
            }
            catch (DeserializationException)
            {
                // Not all records are made alike.
                _isNested = false;
            }
        }

        Dictionary<string, object>? fields = _reader.Find<Dictionary<string, object>>(GeoAddress.Of(address, version), out prefixLength);
        record = fields is null ? new GeoRecord() : GeoFields.Read(fields);
        return fields is not null;
    }

    // The reader's own words for a file of another kind are long, and name the path again.
    private static string Damaged(string path, string reason) =>
        $"'{path}' is no MaxMind DB file (.mmdb), or is damaged ({InOurWords(reason)}): get it anew";

    private static string InOurWords(string reason) =>
        reason.Contains("metadata marker", StringComparison.Ordinal) ? "it does not say what it holds" : OneLine(reason);

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").TrimEnd('.', ' ');

    private static string? FlawOf(string path, GeoOptions options)
    {
        if (Directory.Exists(path))
            return $"'{path}' is a directory: name the .mmdb files in it";
        using FileStream file = File.OpenRead(path);
        Span<byte> begin = stackalloc byte[4];
        int length = file.ReadAtLeast(begin, begin.Length, throwOnEndOfStream: false);
        if (length == 0)
            return $"'{path}' is empty: get it anew";
        if (begin is [0x1F, 0x8B, ..] or [(byte)'P', (byte)'K', 3, 4])
            return $"'{path}' is packed: unpack it (gunzip, tar, unzip) and give the .mmdb file";
        return file.Length <= options.MaxFileBytes
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"'{path}' has {file.Length >> 20:N0} MB, {options.MaxFileBytes >> 20:N0} MB at most can be held in "
                    + $"memory: give a smaller edition"
            );
    }
}
