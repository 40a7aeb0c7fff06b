using Spillway.Metrics.Records;

namespace Spillway.Questions;

/// <summary>Which files are asked for.</summary>
public sealed record FileFilter
{
    /// <summary>Parts of the content type or of the MIME type by content, or kinds (<see cref="FileKinds"/>).</summary>
    public FilterTerms Type { get; init; } = FilterTerms.Empty;

    /// <summary>Address at either end of the flow, a network, or a part of the host that the request names.</summary>
    public FilterTerms Host { get; init; } = FilterTerms.Empty;

    /// <summary>Name under which it is stored, exactly.</summary>
    public FilterTerms Name { get; init; } = FilterTerms.Empty;

    /// <summary>Id of its flow as scripts know it, exactly.</summary>
    public FilterTerms Flow { get; init; } = FilterTerms.Empty;

    /// <summary>Begin of a hash, hex.</summary>
    public FilterTerms Hash { get; init; } = FilterTerms.Empty;
}

/// <summary>Files that were carried.</summary>
public static class FilesQuestion
{
    /// <summary>Asks it.</summary>
    public static Answer Ask(QuestionStore store, QuestionScope scope, FileFilter filter)
    {
        (string sha256, string stored) = store.HasColumn("files", "sha256") ? ("sha256", "stored") : ("NULL", "NULL");
        (string mimeType, string magic) = store.HasColumn("files", "magic") ? ("mime_type", "magic") : ("NULL", "NULL");
        (string protocol, string sentName) = store.HasColumn("files", "protocol") ? ("protocol", "sent_name") : ("'http'", "NULL");
        Query query = new Query(
            $"SELECT time_ns, direction, host, uri, method, status, content_type, size, sha1, md5, {sha256}, end, name, "
                + $"flow_id, {stored}, {protocol}, {sentName}, {mimeType}, {magic} FROM files"
        )
            .WhereIf("run_id = $run", "$run", scope.Run)
            .Within(scope, "time_ns", "time_ns");
        query
            .Matching(filter.Name, name => $"name = {query.Bind(name)}")
            .Matching(filter.Flow, id => $"flow_id = {query.Bind(id)}")
            .Matching(filter.Type, type => HasType(query, type, mimeType))
            .Matching(
                filter.Hash,
                text =>
                {
                    string hash = query.Bind(Hex(text) + "%");
                    return $"(sha1 LIKE {hash} OR md5 LIKE {hash} OR {sha256} LIKE {hash})";
                }
            )
            .Matching(
                filter.Host,
                text =>
                {
                    HostFilter host = HostFilter.Of(store, text);
                    return host.IsName ? query.Holds(text, "host") : host.OfFlow(query, "flow_id");
                }
            )
            .Then(scope.OrderBy("time_ns", "file_id"))
            .Limit(scope);
        return new Answer(
            [
                new AnswerColumn("time", "Time", ValueKind.Time),
                new AnswerColumn("direction", "", ValueKind.Text) { Spare = 5 },
                new AnswerColumn("host", "Host", ValueKind.Text) { MinWidth = 12 },
                new AnswerColumn("uri", "URI", ValueKind.Text) { MinWidth = 16 },
                new AnswerColumn("method", "Method", ValueKind.Text) { Spare = 6 },
                new AnswerColumn("status", "Status", ValueKind.Count) { Spare = 4 },
                new AnswerColumn("content_type", "Type", ValueKind.Text) { MinWidth = 10, Spare = 2 },
                new AnswerColumn("mime_type", "By content", ValueKind.Text) { MinWidth = 10, Spare = 1 },
                new AnswerColumn("size", "Size", ValueKind.Bytes) { Spare = 1 },
                new AnswerColumn("sha1", "SHA-1", ValueKind.Text) { Spare = 7 },
                new AnswerColumn("md5", "MD5", ValueKind.Text) { Spare = 8 },
                new AnswerColumn("sha256", "SHA-256", ValueKind.Text) { Spare = 9 },
                new AnswerColumn("end", "End", ValueKind.Text) { Spare = 3 },
                new AnswerColumn("name", "Name", ValueKind.Text) { Place = ColumnPlace.Data },
                new AnswerColumn("flow_id", "Flow id", ValueKind.Text) { Place = ColumnPlace.Data },
                new AnswerColumn("stored", "Stored", ValueKind.Count) { Place = ColumnPlace.Data },
                new AnswerColumn("protocol", "Protocol", ValueKind.Text) { Spare = 2 },
                new AnswerColumn("sent_name", "Sent as", ValueKind.Text) { MinWidth = 8, Spare = 1 },
                new AnswerColumn("magic", "Magic", ValueKind.Text) { Place = ColumnPlace.Data },
            ],
            store.Read(
                query,
                row =>
                    new object?[]
                    {
                        row.Number(0),
                        row.Number(1) == 0 ? "down" : "up",
                        row.Text(2),
                        row.Text(3),
                        row.Text(4),
                        row.NumberOrNull(5),
                        row.Text(6),
                        row.TextOrNull(17),
                        row.Number(7),
                        row.TextOrNull(8),
                        row.TextOrNull(9),
                        row.TextOrNull(10),
                        row.Text(11),
                        row.Text(12),
                        row.Text(13),
                        row.NumberOrNull(14),
                        row.Text(15),
                        row.TextOrNull(16),
                        row.TextOrNull(18),
                    }
            )
        )
        {
            Title = "Files",
            Limit = scope.Limit,
            WhenEmpty = () => $"no file matches; {scope.TellRange()}",
        };
    }

    // What a server says and what the content says are both looked at: neither is always there.
    private static string HasType(Query query, string type, string mimeType)
    {
        string condition = query.Holds(type, "content_type", mimeType);
        if (!FileKinds.TryParse(type, out FileKinds? kinds, out _))
            return condition;
        foreach (string prefix in kinds.Prefixes)
        {
            string pattern = query.Bind(Query.BeginningWith(prefix));
            condition += $" OR content_type LIKE {pattern} ESCAPE '\\' OR {mimeType} LIKE {pattern} ESCAPE '\\'";
        }

        return $"({condition})";
    }

    private static string Hex(string hash) =>
        hash.All(char.IsAsciiHexDigit)
            ? hash.ToLowerInvariant()
            : throw new QuestionException($"--hash '{hash}' is no hash: give the first hex digits of a SHA-1, MD5 or SHA-256");
}
