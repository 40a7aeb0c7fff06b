using System.Globalization;
using Microsoft.Data.Sqlite;
using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Records;

namespace Spillway.Metrics.Stores;

public sealed partial class SqliteStore
{
    /// <summary>The prepared statements, and what goes into them.</summary>
    private sealed class Writers(SqliteConnection connection, GroupWriter groups) : IDisposable
    {
        private readonly Statement _beginRun = new(
            connection,
            "INSERT INTO runs (probe_id, version, sources, window_seconds, started_at) VALUES (?1, ?2, ?3, ?4, ?5) RETURNING run_id"
        );

        private readonly Statement _capture = new(connection, "INSERT INTO captures VALUES (?1, ?2, ?3)");

        private readonly Statement _endRun = new(
            connection,
            """
            UPDATE runs SET finished_at = ?2, packets = ?3, bytes = ?4, first_packet_ns = ?5, last_packet_ns = ?6, exit_code = ?7
            WHERE run_id = ?1
            """
        );

        private readonly Statement _removeRun = new(connection, "DELETE FROM runs WHERE run_id = ?1");

        private readonly Statement _removeCaptures = new(connection, "DELETE FROM captures WHERE run_id = ?1");

        private readonly Statement _label = new(
            connection,
            """
            INSERT INTO keys (group_id, key, label, description, last_slice)
            VALUES (?1, ?2, ?3, ?4, (SELECT coalesce(max(slice_id), 0) FROM counter_slices))
            ON CONFLICT DO UPDATE SET label = excluded.label, description = coalesce(nullif(excluded.description, ''), description),
                last_slice = max(last_slice, excluded.last_slice)
            """
        );

        private readonly Statement _attribute = new(connection, "INSERT OR REPLACE INTO key_attributes VALUES (?1, ?2, ?3, ?4)");

        private readonly Statement _alert = new(
            connection,
            "INSERT INTO alerts VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
        );

        private readonly Statement _resource = new(connection, "INSERT INTO resources VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6)");

        private readonly Statement _document = new(connection, "INSERT INTO documents VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6)");

        private readonly Statement _tracked = new(connection, "INSERT OR REPLACE INTO tracked_flows VALUES (?1, ?2, ?3, ?4, ?5, ?6)");

        private readonly FlowWriter _flows = new(connection);

        private readonly TransactionWriter _transactions = new(connection);

        private readonly Statement _edge = new(
            connection,
            """
            INSERT INTO edges VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
            ON CONFLICT DO UPDATE SET first_ns = min(first_ns, excluded.first_ns), last_ns = max(last_ns, excluded.last_ns)
            """
        );

        private readonly Statement _file = new(
            connection,
            "INSERT INTO files VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)"
        );

        private readonly Statement _progress = new(
            connection,
            """
            UPDATE runs SET updated_at = ?2, first_packet_ns = min(coalesce(first_packet_ns, ?3), ?3), last_packet_ns = max(coalesce(last_packet_ns, ?4), ?4)
            WHERE run_id = ?1
            """
        );

        private readonly Statement _packets = new(connection, "UPDATE runs SET packets = ?2, bytes = ?3 WHERE run_id = ?1");

        private readonly GroupWriter _groups = groups;

        private readonly CounterWriter _counters = new(connection, groups);

        public Statement Begin { get; } = new(connection, "BEGIN IMMEDIATE");

        public Statement Commit { get; } = new(connection, "COMMIT");

        public Statement Rollback { get; } = new(connection, "ROLLBACK");

        public long BeginRun(RunInfo run, MetricOptions options)
        {
            _beginRun[0] = run.ProbeId;
            _beginRun[1] = run.Version;
            _beginRun[2] = string.Join('\n', run.Sources);
            _beginRun[3] = (long)options.Window.TotalSeconds;
            _beginRun[4] = Timestamp(run.StartedAt);
            Begin.Execute();
            long id = _beginRun.ExecuteNumber();
            for (int i = 0; i < run.Captures.Count; i++)
                _capture.Execute(id, i + 1L, run.Captures[i]);
            Commit.Execute();
            return id;
        }

        public long EndRun(long run, RunEnd end, GroupRegistry registry)
        {
            // A script's group is there to be asked for, even if nothing was counted in it.
            foreach (CounterGroup group in registry.CounterGroups)
            {
                if (group.IsScriptDefined)
                    _groups.IdOf(group);
            }

            _endRun.Execute(run, Timestamp(end.FinishedAt), end.Packets, end.Bytes, end.FirstPacketNs, end.LastPacketNs, end.ExitCode);
            return 1;
        }

        public void RemoveRun(long run)
        {
            _removeCaptures.Execute(run);
            _removeRun.Execute(run);
        }

        /// <summary>
        /// Enters how far the run has come: what tells a run that lives from one that was killed, and what is old from what is not.
        /// </summary>
        public void NoteProgress(long run, DateTimeOffset now, long firstNs, long lastNs) =>
            _progress.Execute(run, Timestamp(now), firstNs, lastNs);

        /// <summary>The same of its packets.</summary>
        public long NotePackets(long run, long packets, long bytes)
        {
            _packets.Execute(run, packets, bytes);
            return 1;
        }

        public long Add(long run, int windowSeconds, CounterWindow window) => _counters.Add(run, windowSeconds, window);

        /// <summary>Adds up what the open hour and day have.</summary>
        public void FinishCounters(long run) => _counters.Finish(run);

        public long Add(long run, EventBatch batch, GroupRegistry registry)
        {
            foreach (FlowUpdate update in batch.FlowUpdates)
            {
                if (update.Kind == FlowUpdateKind.Interim)
                    _flows.Update(run, update.Flow);
            }

            foreach (FlowRecord flow in batch.Flows)
                _flows.Add(run, flow);
            foreach (FileRecord file in batch.Files)
            {
                _file.Execute(
                    run,
                    file.TimestampNs,
                    file.FlowId,
                    (long)file.Direction,
                    file.Host,
                    file.Uri,
                    file.Method,
                    file.Status == 0 ? null : file.Status,
                    file.ContentType,
                    file.Size,
                    file.Name,
                    file.Sha1,
                    file.Md5,
                    file.End.ToString(),
                    file.Sha256,
                    file.IsStored ? 1 : 0,
                    file.Protocol,
                    file.SentName.Length == 0 ? null : file.SentName,
                    file.MimeType.Length == 0 ? null : file.MimeType,
                    file.Magic.Length == 0 ? null : file.Magic
                );
            }

            foreach (TransactionRecord transaction in batch.Transactions)
                _transactions.Add(run, transaction);
            foreach (AlertRecord alert in batch.Alerts)
            {
                _alert.Execute(
                    run,
                    alert.TimestampNs,
                    _groups.IdOf(registry.FindNamedGroup(GroupKind.Alert, alert.GroupGuid)!),
                    alert.FlowId,
                    alert.Key,
                    alert.Classification,
                    alert.Priority,
                    alert.Message,
                    alert.Status,
                    alert.ExtraMessage,
                    alert.Host
                );
            }

            foreach (ResourceRecord resource in batch.Resources)
            {
                _resource.Execute(
                    run,
                    resource.TimestampNs,
                    _groups.IdOf(registry.FindNamedGroup(GroupKind.Resource, resource.GroupGuid)!),
                    resource.FlowId,
                    resource.Uri,
                    resource.Label
                );
            }

            foreach (DocumentRecord document in batch.Documents)
            {
                _document.Execute(
                    run,
                    document.TimestampNs,
                    _groups.IdOf(registry.FindNamedGroup(GroupKind.Fts, document.GroupGuid)!),
                    document.FlowId,
                    document.Key,
                    document.Text
                );
            }

            foreach (TrackedFlowRecord tracked in batch.TrackedFlows)
                _tracked.Execute(run, tracked.Tracker, tracked.BucketStartNs / 1_000_000_000, tracked.Rank, tracked.FlowId, tracked.Value);
            foreach (KeyLabelRecord label in batch.KeyLabels)
                _label.Execute(_groups.IdOf(registry.CounterGroup(label.Group)), label.Key, label.Label, label.Description);
            foreach (KeyAttributeRecord attribute in batch.KeyAttributes)
                _attribute.Execute(_groups.IdOf(registry.CounterGroup(attribute.Group)), attribute.Key, attribute.Name, attribute.Value);
            foreach (EdgeRecord edge in batch.Edges)
                _edge.Execute(run, edge.FromGroup, edge.FromKey, edge.ToGroup, edge.ToKey, edge.TimestampNs);
            return batch.Count;
        }

        /// <summary>What this run has written before a time is going to be removed: it must not come back in a sum.</summary>
        public void ForgetSums(long untilNs) => _counters.ForgetSums(untilNs / 1_000_000_000);

        /// <summary>Drops ids that were given out in a transaction that failed.</summary>
        public void Forget()
        {
            _groups.Forget();
            _flows.Forget();
            _counters.Forget();
        }

        public void Dispose()
        {
            foreach (
                Statement statement in (ReadOnlySpan<Statement>)
                    [
                        _beginRun,
                        _capture,
                        _endRun,
                        _removeRun,
                        _removeCaptures,
                        _progress,
                        _packets,
                        _label,
                        _attribute,
                        _alert,
                        _resource,
                        _document,
                        _tracked,
                        _edge,
                        _file,
                        Begin,
                        Commit,
                        Rollback,
                    ]
            )
            {
                statement.Dispose();
            }

            _counters.Dispose();
            _flows.Dispose();
            _transactions.Dispose();
            _groups.Dispose();
        }

        private static string Timestamp(DateTimeOffset time) =>
            time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
    }
}
